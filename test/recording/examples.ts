/** Exchanges for examples. */

import { type Body, type Exchange, noBody } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";

/** A plain exchange to change in an example. */
export function plainExchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    id: "a1",
    at: epochMs(1763798400000.125),
    lane: null,
    labels: {},
    request: { method: "GET", target: "/", version: "1.1", headers: [["Host", "shop"]], body: noBody },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers: [], body: noBody },
      firstByteMs: milliseconds(3.2),
      tookMs: milliseconds(4.1),
    },
    ...changes,
  };
}

export const text = (content: string): Body => ({ kind: "whole", bytes: new Uint8Array(Buffer.from(content)) });

/** Byte arrays of any kind made plain, so that a Buffer equals a Uint8Array of the same bytes. */
export function plain<T>(value: T): T {
  if (value instanceof Uint8Array) return Array.from(value) as T;
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]): [string, unknown] => [name, plain(inner)])) as T;
}
