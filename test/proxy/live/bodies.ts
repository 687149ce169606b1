/** Bodies for generated messages: slices of one pool of random bytes, so that megabytes cost nothing to make. */

import { createHash } from "node:crypto";
import fc from "fast-check";
import { seededRandom } from "../../../model/random.ts";

const largest = 5_000_000;
const starts = 4096;

const pool = randomBytes(largest + starts);

function randomBytes(length: number): Buffer {
  const random = seededRandom(1);
  const word = 4;
  const bytes = Buffer.alloc(Math.ceil(length / word) * word);
  for (let at = 0; at < bytes.length; at += word) bytes.writeUInt32LE(random.below(2 ** 32), at);
  return bytes;
}

/** Many small ones, some of several socket reads, a few of megabytes. */
const size = fc.oneof(
  { weight: 500, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 150, arbitrary: fc.integer({ min: 200, max: 20_000 }) },
  { weight: 30, arbitrary: fc.integer({ min: 20_000, max: 400_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 400_000, max: largest }) },
);

/** A slice that was drawn; small, so that a failing case can be printed. */
export interface DrawnBody {
  readonly length: number;
  readonly start: number;
}

export const drawnBody: fc.Arbitrary<DrawnBody> = fc.record({ length: size, start: fc.nat({ max: starts }) });

export function bodyBytes({ length, start }: DrawnBody): Buffer {
  return pool.subarray(start, start + length);
}

/** What is compared of a body: enough to tell any two apart, and small enough to print. */
export interface BodyDigest {
  readonly length: number;
  readonly sha256: string;
}

export function digest(bytes: Uint8Array): BodyDigest {
  return { length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
