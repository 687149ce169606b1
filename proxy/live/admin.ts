/** The operator's door, on its own port: health, readiness, metrics, counters, and the sampling switch.
 *
 *    GET /healthz  /readyz          for orchestrators: never need a token, never say more than ok or why not
 *    GET /metrics  /counters        Prometheus text; the conservation law as JSON
 *    GET|PUT /sampling              {"rate": 0.01, "enabled": true}; a PUT may name either or both
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Registry } from "@prometheus-io/client";
import { PenumbraError } from "../../model/errors.ts";
import { type Sampling, samplingRate } from "./sampling.ts";
import type { SidecarCounters } from "./sidecar-counters.ts";

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  /** Required when `host` is not a loopback address; then asked for on everything but the two probes. */
  readonly token?: string;
}

/** What the door gives access to. */
export interface AdminSubject {
  /** null = ready, else why not. */
  notReady(): string | null;
  counters(): SidecarCounters;
  sampling(): Sampling;
  setSampling(sampling: Sampling): void;
  readonly metrics: Registry;
}

const maxBodyBytes = 4096;
const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/** @throws PenumbraError ADMIN_NEEDS_TOKEN before anything listens */
export function createAdmin(options: AdminOptions, subject: AdminSubject): Server {
  if (!isLoopback(options.host) && (options.token === undefined || options.token === "")) {
    throw new PenumbraError(
      "ADMIN_NEEDS_TOKEN",
      `admin on ${options.host} would be open to the network`,
      "bind it to 127.0.0.1 or set an admin token",
    );
  }
  return createServer((request, response) => {
    answer(options, subject, request)
      .catch((error: unknown): Reply => failure(error))
      .then((reply) => send(response, reply, request.method === "HEAD"))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly allow?: string;
}

const json = (value: unknown, status = 200): Reply => ({ status, type: "application/json", text: `${JSON.stringify(value)}\n` });
const refusal = (status: number, message: string): Reply => json({ error: message }, status);

async function answer(options: AdminOptions, subject: AdminSubject, request: IncomingMessage): Promise<Reply> {
  const [path = ""] = (request.url ?? "").split("?");
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (path === "/healthz" || path === "/readyz") return method === "GET" ? probe(subject, path) : notAllowed("GET");
  if (!isAllowedHost(request.headers.host, options.host)) return refusal(403, "host is not allowed");
  if (!hasToken(request.headers.authorization, options.token)) return refusal(401, "a bearer token is required");
  switch (path) {
    case "/metrics":
      return method === "GET"
        ? { status: 200, type: subject.metrics.contentType, text: await subject.metrics.metrics() }
        : notAllowed("GET");
    case "/counters":
      return method === "GET" ? json(subject.counters()) : notAllowed("GET");
    case "/sampling":
      if (method === "GET") return json(subject.sampling());
      return method === "PUT" ? changeSampling(subject, await readBody(request)) : notAllowed("GET, PUT");
    default:
      return refusal(404, "there is /healthz, /readyz, /metrics, /counters and /sampling");
  }
}

function changeSampling(subject: AdminSubject, body: string | null): Reply {
  if (body === null) return refusal(413, `the body is over ${maxBodyBytes} bytes`);
  subject.setSampling(readSampling(body, subject.sampling()));
  return json(subject.sampling());
}

function probe(subject: AdminSubject, path: "/healthz" | "/readyz"): Reply {
  const problem = path === "/readyz" ? subject.notReady() : null;
  return { status: problem === null ? 200 : 503, type: "text/plain", text: `${problem ?? "ok"}\n` };
}

/** A page in a browser can reach loopback ports under a name that it controls (DNS rebinding), but not without
 * that name in Host. */
function isAllowedHost(header: string | undefined, bound: string): boolean {
  if (header === undefined) return false;
  const name = header
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return loopbackNames.includes(name) || name === bound.toLowerCase() || (!isLoopback(bound) && isIP(name) !== 0);
}

/** In constant time: both sides are hashed to one length first. */
function hasToken(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined || token === "") return true;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

/** @throws PenumbraError BAD_SAMPLING */
function readSampling(text: string, current: Sampling): Sampling {
  const bad = (problem: string, cause?: unknown): PenumbraError =>
    new PenumbraError("BAD_SAMPLING", problem, 'send {"rate": 0.01, "enabled": true}', cause);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad("the body is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("the body is not an object");
  const { rate = current.rate, enabled = current.enabled, ...others } = value as { rate?: unknown; enabled?: unknown };
  const [unknownKey] = Object.keys(others);
  if (unknownKey !== undefined) throw bad(`${JSON.stringify(unknownKey)} is not a setting`);
  if (typeof rate !== "number") throw bad("rate is not a number");
  if (typeof enabled !== "boolean") throw bad("enabled is not true or false");
  return { rate: samplingRate(rate), enabled };
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > maxBodyBytes) {
      // The rest is read and forgotten: closed now, the connection would be reset, and the answer lost.
      request.resume();
      return null;
    }
  }
  return Buffer.concat(parts).toString("utf8");
}

function notAllowed(allow: string): Reply {
  return { ...refusal(405, `use ${allow}`), allow };
}

function failure(error: unknown): Reply {
  return error instanceof PenumbraError
    ? json({ error: error.message, code: error.code, hint: error.hint }, 400)
    : refusal(500, "internal error");
}

function send(response: ServerResponse, reply: Reply, isHead: boolean): void {
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "content-length": Buffer.byteLength(reply.text),
    "cache-control": "no-store",
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
    ...(reply.status === 401 ? { "www-authenticate": "Bearer" } : {}),
  });
  response.end(isHead ? undefined : reply.text);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
