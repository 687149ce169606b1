/** Collects one body while it arrives: whole up to the cap; over it length, hash, first and last part.
 *
 *    append ──► whole (≤ cap) ──over the cap──► sha256 + head (64 KiB) + tail (last 64 KiB) */

import { createHash, type Hash } from "node:crypto";
import { type Body, noBody } from "../../model/exchange.ts";
import type { Bytes } from "../../model/units.ts";

/** First and last part of a capped body that are kept for the report. */
const edgeBytes = 64 * 1024;

interface Capped {
  readonly hash: Hash;
  readonly head: Buffer;
  /** The latest bytes, oldest first; trimmed when it holds twice what is needed. */
  tail: Buffer[];
  tailBytes: number;
}

export class BodyAssembly {
  readonly #cap: Bytes;
  #parts: Buffer[] = [];
  #length = 0;
  #capped: Capped | null = null;

  constructor(cap: Bytes) {
    this.#cap = cap;
  }

  /** Bytes that are held in memory now. */
  get held(): number {
    return this.#capped === null ? this.#length : this.#capped.head.length + this.#capped.tailBytes;
  }

  /** Copies the bytes: messages are views of big pipe chunks that a small body must not keep alive. */
  append(bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    this.#length += copy.length;
    if (this.#capped !== null) {
      this.#appendCapped(this.#capped, copy);
      return;
    }
    this.#parts.push(copy);
    if (this.#length > this.#cap) this.#startCapped();
  }

  finish(): Body {
    if (this.#capped !== null) {
      const { hash, head, tail } = this.#capped;
      const joined = Buffer.concat(tail);
      return {
        kind: "capped",
        length: this.#length,
        sha256: hash.digest("hex"),
        head,
        tail: joined.subarray(Math.max(0, joined.length - edgeBytes)),
      };
    }
    if (this.#length === 0) return noBody;
    const [only] = this.#parts;
    return { kind: "whole", bytes: this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#length) };
  }

  #startCapped(): void {
    const soFar = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#capped = { hash: createHash("sha256"), head: Buffer.from(soFar.subarray(0, edgeBytes)), tail: [], tailBytes: 0 };
    this.#appendCapped(this.#capped, soFar);
  }

  #appendCapped(capped: Capped, bytes: Buffer): void {
    capped.hash.update(bytes);
    capped.tail.push(bytes);
    capped.tailBytes += bytes.length;
    if (capped.tailBytes <= 2 * edgeBytes) return;
    const joined = Buffer.concat(capped.tail, capped.tailBytes);
    capped.tail = [Buffer.from(joined.subarray(joined.length - edgeBytes))];
    capped.tailBytes = edgeBytes;
  }
}
