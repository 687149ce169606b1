/** Collects an answer's body while it arrives, up to a cap.
 *
 *    chunk ─► whole (≤ cap) ─ over the cap ─► length + SHA-256 of all + first and last 64 KiB */

import { createHash, type Hash } from "node:crypto";
import { type Body, noBody } from "../model/exchange.ts";

/** As much of both ends of a capped body as is kept. */
const edgeBytes = 64 * 1024;

interface CappedPart {
  readonly hash: Hash;
  readonly head: Uint8Array;
  /** At least the last `edgeBytes` bytes, in order of arrival. */
  tail: Uint8Array[];
  tailLength: number;
}

export class BodyCollector {
  readonly #cap: number;
  #chunks: Uint8Array[] = [];
  #capped: CappedPart | null = null;
  #length = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    if (this.#capped !== null) {
      extend(this.#capped, chunk);
      return;
    }
    this.#chunks.push(chunk);
    if (this.#length <= this.#cap) return;
    const soFar = joined(this.#chunks);
    this.#chunks = [];
    this.#capped = { hash: createHash("sha256"), head: soFar.slice(0, edgeBytes), tail: [], tailLength: 0 };
    extend(this.#capped, soFar);
  }

  finish(): Body {
    if (this.#capped !== null) {
      const { hash, head, tail } = this.#capped;
      return { kind: "capped", length: this.#length, sha256: hash.digest("hex"), head, tail: joined(tail).slice(-edgeBytes) };
    }
    return this.#length === 0 ? noBody : { kind: "whole", bytes: joined(this.#chunks) };
  }
}

function extend(capped: CappedPart, chunk: Uint8Array): void {
  capped.hash.update(chunk);
  capped.tail.push(chunk);
  capped.tailLength += chunk.byteLength;
  // Trimmed at twice the size, so that many small chunks are not joined again and again.
  if (capped.tailLength < 2 * edgeBytes) return;
  capped.tail = [joined(capped.tail).slice(-edgeBytes)];
  capped.tailLength = edgeBytes;
}

/** A copy: the chunks are views of socket buffers that are much larger than they are. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
