/** Reads a binary document front to back into a JSON tree. The first fault or bound stops it: from then on
 * it gives zeros and nothing, so that the formats need to look only where they loop. */

import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { type DocumentLimits, maxDepth } from "./limits.ts";

export class ByteReader {
  position = 0;
  private nodes = 0;
  private depth = 0;
  private problem: string | null = null;
  private overLimit: "depth" | "nodes" | null = null;
  private readonly bytes: Buffer;
  private readonly limits: DocumentLimits;

  constructor(bytes: Uint8Array, limits: DocumentLimits) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
  }

  /** A fault was found or a bound reached. */
  get isStopped(): boolean {
    return this.problem !== null || this.overLimit !== null;
  }

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** Stops; the first problem stays. */
  fault(problem: string): void {
    this.problem ??= problem;
  }

  /** The next bytes without copying; none past the end. */
  take(length: number): Buffer {
    if (this.isStopped) return empty;
    if (length > this.bytes.length - this.position) {
      this.fault("ends early");
      return empty;
    }
    const from = this.position;
    this.position += length;
    return this.bytes.subarray(from, this.position);
  }

  /** An unsigned big-endian integer of 1, 2 or 4 bytes. */
  uint(size: 1 | 2 | 4): number {
    const bytes = this.take(size);
    return bytes.length === 0 ? 0 : bytes.readUIntBE(0, size);
  }

  uint64(): bigint {
    const bytes = this.take(8);
    return bytes.length === 0 ? 0n : bytes.readBigUInt64BE(0);
  }

  /** The next byte without passing it; -1 at the end. */
  peek(): number {
    return this.bytes[this.position] ?? -1;
  }

  /** Counts one value of the document, and one level while `read` runs. */
  node(read: () => JsonNode): JsonNode {
    if (++this.nodes > this.limits.nodes) this.overLimit ??= "nodes";
    if (++this.depth > maxDepth) this.overLimit ??= "depth";
    const node = this.isStopped ? nothing : read();
    this.depth--;
    return node;
  }

  /** What was read, or why there is nothing. */
  conclude(root: JsonNode): JsonParse {
    if (this.overLimit !== null) return { kind: "over-limit", limit: this.overLimit };
    if (this.problem === null && !this.isAtEnd) this.fault("bytes after the end of the document");
    return this.problem === null
      ? { kind: "parsed", root, duplicateKeys: false }
      : { kind: "invalid", offset: this.position, problem: this.problem };
  }
}

const empty = Buffer.alloc(0);
const nothing: JsonNode = { kind: "null" };
