/** Recorded traffic of the bank service, as its old build answered it: made up in the times and the order that a test needs. */

import { type Exchange, noBody } from "../../../model/exchange.ts";
import { seededRandom } from "../../../model/random.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";

const start = 1_763_798_400_000;
const tookMs = 20;

interface Asked {
  /** Milliseconds after the beginning. */
  readonly at: number;
  readonly lane: string;
  readonly method: string;
  readonly target: string;
  readonly body?: unknown;
  readonly status?: number;
  readonly answer: unknown;
}

function recorded(asked: readonly Asked[]): Exchange[] {
  return asked
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, lane, method, target, body, status = 200, answer }, index) => ({
      id: `x${index}`,
      at: epochMs(start + at),
      lane,
      labels: {},
      request: {
        method,
        target,
        version: "1.1",
        headers: [["Host", "bank"], ...(body === undefined ? [] : [["Content-Type", "application/json"] as const])],
        body: body === undefined ? noBody : whole(body),
      },
      outcome: {
        kind: "answered",
        answer: { status, reason: "OK", headers: [["content-type", "application/json"]], body: whole(answer) },
        firstByteMs: milliseconds(tookMs),
        tookMs: milliseconds(tookMs),
      },
    }));
}

function whole(value: unknown): Exchange["request"]["body"] {
  return { kind: "whole", bytes: new TextEncoder().encode(JSON.stringify(value)) };
}

function item(at: number, lane: string, id: number): Asked {
  return { at, lane, method: "GET", target: `/items/${id}`, answer: { id: `${id}`, name: `item ${id}`, price: 12 } };
}

function quote(at: number, lane: string, id: number): Asked {
  return { at, lane, method: "GET", target: `/quotes/${id}`, answer: { id: `${id}`, text: `quote ${id}` } };
}

function transfer(at: number, lane: string, id: number, from: string): Asked {
  return { at, lane, method: "POST", target: `/transfers/${id}`, body: { from }, answer: { id: `${id}`, sum: 100 } };
}

function readNote(at: number, lane: string, id: string, note: string): Asked {
  return { at, lane, method: "GET", target: `/notes/${id}`, answer: { id, note } };
}

function writeNote(at: number, lane: string, id: string, note: string): Asked {
  return { at, lane, method: "PUT", target: `/notes/${id}`, body: { note }, answer: { id, saved: true } };
}

/** Sessions that make a cart, look at it, fill it twice and look again. */
export function carts(lanes: number): Exchange[] {
  const asked = Array.from({ length: lanes }, (_, index): Asked[] => {
    const lane = `lane ${index}`;
    const id = `5e0c1a7${index}-91d2-4c3b-8f6e-2a7b9c0d1e${10 + index}`;
    const cart = (items: number): unknown => ({ items, total: items * 5, currency: "EUR" });
    return [
      { at: index * 15, lane, method: "POST", target: "/carts", status: 201, answer: { id } },
      { at: index * 15 + 30, lane, method: "GET", target: `/carts/${id}`, answer: cart(0) },
      { at: index * 15 + 60, lane, method: "POST", target: `/carts/${id}/items`, answer: cart(1) },
      { at: index * 15 + 90, lane, method: "POST", target: `/carts/${id}/items`, answer: cart(2) },
      { at: index * 15 + 120, lane, method: "GET", target: `/carts/${id}`, answer: cart(2) },
    ];
  });
  return recorded(asked.flat());
}

/** Every kind of request, none of which shows anything between equal builds: overlapping transfers, notes written and read.
 * @param seed moves each request by up to 3 ms */
export function mixed(lanes: number, seed: number = 1): Exchange[] {
  const random = seededRandom(seed);
  const asked = Array.from({ length: lanes }, (_, index): Asked[] => {
    const at = index * 40;
    const [lane, other, writer] = ["", " other", " writer"].map((name) => `lane ${index}${name}`) as [string, string, string];
    return [
      item(at, lane, index + 1),
      quote(at + 20, lane, index + 1),
      transfer(at + 60, lane, index, "savings"),
      transfer(at + 64, other, index, "cash"),
      quote(at + 90, lane, index + 20),
      quote(at + 115, lane, index + 40),
      quote(at + 140, lane, index + 60),
      readNote(at, writer, `${index}`, "nothing yet"),
      writeNote(at + 25, writer, `${index}`, "one"),
      readNote(at + 50, writer, `${index}`, "one"),
      writeNote(at + 75, writer, `${index}`, "two"),
      readNote(at + 100, writer, `${index}`, "two"),
    ];
  });
  return recorded(asked.flat().map((each) => ({ ...each, at: each.at + random.next() * 3 })));
}
