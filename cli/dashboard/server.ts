/** The dashboard's HTTP server: one page, its events, single exchanges, and accepting.
 *
 *    GET  /                     the page
 *    GET  /api/events           Server-Sent Events: `report` (what the page shows), `seen` (what it does not have yet), `state` (how it
 *                               goes; also the heartbeat)
 *    GET  /api/samples/ID       one exchange, as JSON
 *    POST /api/accept           {"findings": [ids], "reason": "…", "owner": "…", "expires": "YYYY-MM-DD" | null}; with the page's token
 *
 * Nothing else is answered, nobody is let in by a browser that was led here, and everything that a client may send or leave unread
 * is bounded. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type AcceptRequest, readAcceptRequest } from "./accept-request.ts";
import { type Door, isKnownHost, isOwnOrigin, isToken } from "./access.ts";
import { EventStreams } from "./event-streams.ts";

export interface DashboardSubject {
  /** The page's HTML, with its policy in a meta element. */
  readonly page: string;
  /** null = accepting is off, and why. */
  readonly token: string | null;
  readonly whyNoAccepting: string;
  /** @returns JSON, or null when there is no such sample */
  sample(id: string): Promise<string | null>;
  /** More questions for samples have to be refused. */
  readonly isBusy: () => boolean;
  /** Rejects with a PenumbraError. */
  accept(request: AcceptRequest): Promise<{ readonly accepted: number; readonly file: string }>;
}

const maxHeadBytes = 16 * 1024;
const maxBodyBytes = 256 * 1024;
const mostForgottenBytes = 4 * 1024 * 1024;
const maxIdCharacters = 512;
const maxConnections = 256;
const headTimeoutMs = 5000;
const requestTimeoutMs = 10_000;
const keepAliveMs = 5000;
const checkEveryMs = 1000;

export interface DashboardServer {
  readonly http: Server;
  readonly streams: EventStreams;
}

export function createDashboard(door: Door, subject: DashboardSubject, clock: Clock): DashboardServer {
  const streams = new EventStreams(clock);
  const page = documentOf(subject.page);
  const http = createServer(
    {
      maxHeaderSize: maxHeadBytes,
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkEveryMs,
    },
    (request, response) => {
      answer({ door, subject, streams, page }, request, response)
        .catch((error: unknown): Reply => failure(error))
        .then((reply) => reply !== null && send(response, reply, request))
        .catch(() => response.destroy());
    },
  );
  http.maxConnections = maxConnections;
  return { http, streams };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Context {
  readonly door: Door;
  readonly subject: DashboardSubject;
  readonly streams: EventStreams;
  readonly page: Reply;
}

/** On every answer: it is nobody else's to embed, to keep or to guess the type of. */
const protection = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
} as const;

/** @returns null when the request was answered with a stream */
async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<Reply | null> {
  const { door, subject, streams, page } = context;
  if (request.headersDistinct["host"]?.length !== 1) return refusal(400, "a request has one Host");
  if (!isKnownHost(request.headers.host, door)) return refusal(403, "this name is not known here; see --ui-host");
  const [path = ""] = (request.url ?? "").split("?");
  const isRead = request.method === "GET" || request.method === "HEAD";
  // Following a link to the page is no danger; everything else is for the page alone.
  if (path === "/") return isRead ? page : notAllowed("GET, HEAD");
  if (!isOwnOrigin(request.headers, door)) return refusal(403, "only the dashboard's own page may ask this");
  if (path === "/api/accept") return request.method === "POST" ? await accept(subject, request) : notAllowed("POST");
  if (path === "/api/events") {
    if (!isRead) return notAllowed("GET, HEAD");
    if (streams.isFull) return { ...refusal(503, "too many pages are open"), headers: { ...json(null).headers, "retry-after": "10" } };
    return beginStream(streams, request, response);
  }
  const [, id] = /^\/api\/samples\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return refusal(404, "there is /, /api/events, /api/samples/ID and /api/accept");
  return isRead ? await sample(subject, id) : notAllowed("GET, HEAD");
}

function beginStream(streams: EventStreams, request: IncomingMessage, response: ServerResponse): Reply | null {
  // Reverse proxies are asked not to hold events back.
  const headers = { ...protection, "content-type": "text/event-stream", "x-accel-buffering": "no" };
  if (request.method === "HEAD") return { status: 200, headers, body: "" };
  request.resume();
  response.writeHead(200, headers);
  streams.add(response);
  return null;
}

async function sample(subject: DashboardSubject, escapedId: string): Promise<Reply> {
  if (subject.isBusy()) return refusal(503, "too many samples are asked for at once");
  const id = decoded(escapedId);
  if (id === null || id.length > maxIdCharacters) return refusal(400, "this is no exchange id");
  const found = await subject.sample(id);
  return found === null ? refusal(404, "this exchange is not kept") : { ...json(null), body: `${found}\n` };
}

async function accept(subject: DashboardSubject, request: IncomingMessage): Promise<Reply> {
  if (subject.token === null) return refusal(403, subject.whyNoAccepting);
  if (!isToken(request.headers["x-penumbra-token"], subject.token))
    return refusal(403, "the page's token is missing or old; load it again");
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) return refusal(415, "send application/json");
  const body = await readBody(request);
  if (body === null) return refusal(413, `the body is over ${maxBodyBytes} bytes`);
  return json(await subject.accept(readAcceptRequest(body)));
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // not the escape of anything
  }
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > maxBodyBytes) return null;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The policy is also sent as a header, with what a meta element cannot say. */
function documentOf(html: string): Reply {
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html) ?? [];
  if (policy === undefined) throw new Error("the page has no policy");
  return {
    status: 200,
    headers: {
      ...protection,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `${policy}; frame-ancestors 'none'`,
    },
    body: html,
  };
}

function json(value: unknown, status = 200): Reply {
  return { status, headers: { ...protection, "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

function refusal(status: number, error: string): Reply {
  return json({ error }, status);
}

function notAllowed(allow: string): Reply {
  const reply = refusal(405, `use ${allow}`);
  return { ...reply, headers: { ...reply.headers, allow } };
}

/** What a user can put right has a status of its own by its code. */
const statuses: Readonly<Record<string, number>> = { BAD_REQUEST: 400, REVIEW_IN_CI: 403 };

function failure(error: unknown): Reply {
  if (error instanceof PenumbraError)
    return refusal(statuses[error.code] ?? 409, `${error.message}${error.hint === "" ? "" : `; ${error.hint}`}`);
  return refusal(500, "internal error");
}

function send(response: ServerResponse, { status, headers, body }: Reply, request: IncomingMessage): void {
  if (!request.complete) forget(request);
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Reads what nobody asked for: closed at once, the connection would be reset, and the answer lost. Who goes on and on is cut off; who
 * sends it slowly is by the time limit of requests. */
function forget(request: IncomingMessage): void {
  let size = 0;
  request.on("data", (part: Buffer) => {
    size += part.length;
    if (size > mostForgottenBytes) request.destroy();
  });
  request.on("error", () => undefined);
  request.resume();
}
