/** One request as the studio's handlers see it, and what they answer. */

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseCookieHeader } from "../../../model/cookies.ts";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Call {
  /** Decoded path segments. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  /** A header's only value; "" without it. */
  header(name: string): string;
  /** Any JSON document; nested values are read with `at`. */
  json(): unknown;
  /** Fields of a form, urlencoded or multipart; of a file its content. */
  form(): Promise<ReadonlyMap<string, string>>;
}

/** A refusal, as the service's strictness wants it. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

export async function readCall(message: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(message.url ?? "/", "http://studio.test");
  const header = (name: string): string => String(message.headers[name] ?? "");
  return {
    path: url.pathname.split("/").slice(1).map(decodeURIComponent),
    query: url.searchParams,
    cookies: new Map(parseCookieHeader(header("cookie"))),
    header,
    json: () => JSON.parse(body.toString("utf8")) as unknown,
    form: async () => {
      const data = await new Response(body, { headers: { "content-type": header("content-type") } }).formData();
      const fields = [...data].map(
        async ([name, value]): Promise<[string, string]> => [name, typeof value === "string" ? value : await value.text()],
      );
      return new Map(await Promise.all(fields));
    },
  };
}

export function sendReply(response: ServerResponse, { status, headers = {}, body = "" }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

export function html(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { "content-type": "text/html; charset=utf-8", ...headers },
    body: `<!doctype html><html><body>${body}</body></html>`,
  };
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { location, ...headers } };
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** The scalar at a path of keys, as text; "" where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): string {
  let node = value;
  for (const key of path) node = typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  return typeof node === "string" || typeof node === "number" ? `${node}` : "";
}

export function sealed(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @throws Refusal for what is no sealed JSON */
export function unsealed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64").toString("utf8")) as unknown;
  } catch {
    throw new Refusal(400, "no JSON in there");
  }
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
