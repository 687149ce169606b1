/** Real concurrent HTTP clients: each lane is one client on one keep-alive connection that sends its
 * requests in order; lanes run side by side. A request may use a value of an earlier answer. */

import { Agent, request as httpRequest } from "node:http";

export interface TrafficRequest {
  /** From 1, unique. */
  readonly n: number;
  readonly lane: string;
  readonly method: string;
  /** `{{name}}` stands for a value of `use`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** name → the value at a JSON pointer in the body of an earlier answer */
  readonly use?: Readonly<Record<string, { readonly request: number; readonly pointer: string }>>;
}

export interface TrafficAnswer {
  readonly n: number;
  readonly status: number;
  readonly body: Buffer;
}

export interface DriveOptions {
  readonly url: string;
  /** Host header of every request. */
  readonly host: string;
  readonly requests: readonly TrafficRequest[];
  /** A pause before every request of a lane. */
  readonly think?: () => Promise<void>;
  /** Once aborted, no further request is sent. */
  readonly signal?: AbortSignal;
}

export interface DriveResult {
  readonly answers: ReadonlyMap<number, TrafficAnswer>;
  /** One line a failed request; empty when all were answered. */
  readonly failures: readonly string[];
}

const requestTimeoutMs = 15_000;

export async function drive(options: DriveOptions): Promise<DriveResult> {
  const lanes = Map.groupBy(options.requests, (each) => each.lane);
  const answers = new Map<number, TrafficAnswer>();
  const failures: string[] = [];
  await Promise.all([...lanes.values()].map((requests) => driveLane(options, requests, answers, failures)));
  return { answers, failures };
}

async function driveLane(
  options: DriveOptions,
  requests: readonly TrafficRequest[],
  answers: Map<number, TrafficAnswer>,
  failures: string[],
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const each of requests) {
      await options.think?.();
      if (options.signal?.aborted === true) return;
      try {
        answers.set(each.n, await send(options, agent, each, answers));
      } catch (error) {
        failures.push(`${each.n} ${each.method} ${each.path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    agent.destroy();
  }
}

function send(
  options: DriveOptions,
  agent: Agent,
  each: TrafficRequest,
  answers: ReadonlyMap<number, TrafficAnswer>,
): Promise<TrafficAnswer> {
  const { hostname, port } = new URL(options.url);
  const path = fillIn(each, answers);
  const headers: Record<string, string> = { host: options.host, ...each.headers };
  if (each.body !== undefined) headers["content-length"] = String(Buffer.byteLength(each.body));
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ agent, host: hostname, port, method: each.method, path, headers, timeout: requestTimeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ n: each.n, status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${requestTimeoutMs} ms`)));
    sent.on("error", reject);
    sent.end(each.body);
  });
}

function fillIn(each: TrafficRequest, answers: ReadonlyMap<number, TrafficAnswer>): string {
  let path = each.path;
  for (const [name, source] of Object.entries(each.use ?? {})) {
    const answer = answers.get(source.request);
    const value = answer === undefined ? undefined : valueAt(answer.body, source.pointer);
    path = path.replaceAll(`{{${name}}}`, encodeURIComponent(String(value)));
  }
  return path;
}

/** The value at a JSON Pointer (RFC 6901) without escapes. */
function valueAt(body: Buffer, pointer: string): unknown {
  let value: unknown = JSON.parse(body.toString("utf8"));
  for (const key of pointer.split("/").slice(1)) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}
