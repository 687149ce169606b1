/** Exchanges with secrets planted in them, and what redaction leaves of those. */

import { isDeepStrictEqual } from "node:util";
import type { Body, Exchange, HeaderList } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { Redactor } from "../../recording/redaction.ts";
import { plain, plainExchange } from "./examples.ts";

export const key: Uint8Array = new Uint8Array(32).fill(7);
export const modes = ["token", "mask", "drop"] as const;
export const byMode: readonly Redactor[] = modes.map((mode) => new Redactor({ key, mode }));
export const redactor: Redactor = new Redactor({ key, mode: "token" });

/** A request, and an answer with the same fields and body. */
export function sent(target: string, headers: HeaderList, body: Body): Exchange {
  return plainExchange({
    request: { method: "POST", target, version: "1.1", headers, body },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers, body },
      firstByteMs: milliseconds(1),
      tookMs: milliseconds(2),
    },
  });
}

/** The body of the request; the word for what it is where it is not whole. */
export function bytesOf({ request }: Exchange): Buffer {
  return request.body.kind === "whole" ? Buffer.from(request.body.bytes) : Buffer.from(request.body.kind);
}

/** All names and values as one text, in which a secret can be looked for. */
export function everywhere(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${everywhere(inner)}`)
    .join("\n");
}

/** The modes in which something of the secret is stored, or in which done twice is not done once.
 * @param read what is searched of an exchange */
export function wrongOf(exchange: Exchange, secret: string, read: (exchange: Exchange) => string = everywhere): string[] {
  if (!read(exchange).includes(secret)) return ["there is no secret"];
  return byMode.flatMap((by, index) => {
    const once = by.exchange(exchange);
    if (read(once).includes(secret)) return [`${modes[index]}: ${read(once)}`];
    return isDeepStrictEqual(plain(by.exchange(once)), plain(once)) ? [] : [`${modes[index]}: twice is not once`];
  });
}
