/** Recordings for the replay benches: shoppers who read items and fill carts, with Poisson arrivals at a chosen rate, written
 * as the proxy writes them.
 *
 *    lane 17   GET /items/4812 ── POST /carts/17/lines ── GET /carts/17 ── …      of 500 lanes, one in ten requests a write
 *
 * The request's number travels in a header, so that the service can tell when each one came. */

import { systemClock } from "../../model/clock.ts";
import type { Exchange, HeaderList, HttpRequest } from "../../model/exchange.ts";
import { noBody } from "../../model/exchange.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { answerOf, numberHeader } from "./answers.ts";

const lanes = 500;
const items = 10_000;
/** One of so many requests is a write. */
const requestsPerWrite = 10;
/** One of so many reads looks at the lane's cart. */
const readsPerCart = 4;
const recordedAnswerMs = 1;
const recordedFrom = 1_763_798_400_000;
const millisecondsPerSecond = 1000;

/** The exchange with that number; the same for a seed, whatever came before. */
export function exchangeOf(number: number, atMs: number): Exchange {
  const random = seededRandom(number);
  const lane = random.below(lanes);
  const request = requestOf(number, lane, random);
  return {
    id: `x${number}`,
    at: epochMs(recordedFrom + atMs),
    lane: `lane-${lane}`,
    labels: {},
    request,
    outcome: {
      kind: "answered",
      answer: {
        status: 200,
        reason: "OK",
        headers: [
          ["Content-Type", "application/json"],
          ["Date", "Sat, 22 Nov 2025 08:00:00 GMT"],
          ["Connection", "keep-alive"],
        ],
        body: { kind: "whole", bytes: Buffer.from(answerOf(request.target)) },
      },
      firstByteMs: milliseconds(recordedAnswerMs),
      tookMs: milliseconds(recordedAnswerMs),
    },
  };
}

/** Start times of `count` requests that come at random with this mean rate, from 0. */
export function* arrivals(count: number, perSecond: number): Generator<number> {
  const random = seededRandom(perSecond);
  for (let number = 0, at = 0; number < count; number++) {
    yield at;
    at += (-Math.log(1 - random.next()) * millisecondsPerSecond) / perSecond;
  }
}

/** Writes a recording of so many requests into a new directory. */
export async function writeTraffic(directory: string, count: number, perSecond: number): Promise<void> {
  let dropped = 0;
  const writer = RecordingWriter.open(directory, {
    labels: {},
    epoch: "bench",
    clock: systemClock,
    redaction: "off",
    keyId: null,
    onCommitted: () => {},
    onDropped: (sequences) => (dropped += sequences.length),
    onPaused: () => {},
  });
  let number = 0;
  for (const at of arrivals(count, perSecond)) {
    writer.append(number + 1, exchangeOf(number, at));
    number += 1;
  }
  writer.close();
  if (dropped > 0) throw new Error(`${dropped} exchanges could not be recorded: is the disk full?`);
}

function requestOf(number: number, lane: number, random: Random): HttpRequest {
  const headers: HeaderList = [
    ["Host", "shop.example"],
    ["User-Agent", "bench/1.0"],
    ["Accept", "application/json"],
    ["Cookie", `theme=dark; lang=en; visitor=${lane}`],
    [numberHeader, String(number)],
  ];
  if (random.below(requestsPerWrite) === 0) {
    const body = Buffer.from(JSON.stringify({ item: random.below(items), quantity: 1 + random.below(3) }));
    const typed: HeaderList = [...headers, ["Content-Type", "application/json"], ["Content-Length", String(body.length)]];
    return { method: "POST", target: `/carts/${lane}/lines`, version: "1.1", headers: typed, body: { kind: "whole", bytes: body } };
  }
  const target = random.below(readsPerCart) === 0 ? `/carts/${lane}` : `/items/${random.below(items)}`;
  return { method: "GET", target, version: "1.1", headers, body: noBody };
}
