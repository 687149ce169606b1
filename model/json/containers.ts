/** Where the arrays and objects of a document stand in its bytes, so that a second document that repeats some of them byte for
 * byte need not read these again: both trees then hold the same node, which also says that the two are equal.
 *
 *    first   [{"id":1,"name":"a"},{"id":2,"name":"b"}]
 *    second  [{"id":1,"name":"x"},{"id":2,"name":"b"}]
 *                                 └─ taken over ────┘                                                      */

import type { JsonNode } from "./node.ts";

/** Bytes looked at, for each byte of the second document, before it is read without looking for repetitions: what is deeply
 * nested is looked at once a level. */
const looksPerByte = 8;

/** In document order, so that whatever stands in a container comes right after it. */
export class Containers {
  readonly bytes: Buffer;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly depths: number[] = [];
  /** Number of the first container after the one and all that is in it. */
  private readonly nexts: number[] = [];
  private readonly nodes: (JsonNode | null)[] = [];
  /** Values in it, itself counted. */
  private readonly sizes: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Notes that a container begins; it is complete when `close` was called with its number. */
  open(start: number, depth: number): number {
    this.depths.push(depth);
    this.ends.push(0);
    this.nexts.push(0);
    this.nodes.push(null);
    this.sizes.push(0);
    return this.starts.push(start) - 1;
  }

  close(number: number, node: JsonNode, end: number, size: number): void {
    this.ends[number] = end;
    this.nexts[number] = this.starts.length;
    this.nodes[number] = node;
    this.sizes[number] = size;
  }

  /** What stands in the container `number`, if the bytes of `other` from `start` on are the same. */
  repeated(number: number, other: Buffer, start: number, depth: number): Repetition | null {
    const from = this.starts[number];
    const node = this.nodes[number] ?? null;
    if (from === undefined || node === null || depth > (this.depths[number] ?? 0)) return null;
    const length = (this.ends[number] ?? 0) - from;
    const isSame = start + length <= other.length && this.bytes.compare(other, start, start + length, from, from + length) === 0;
    return isSame ? { node, length, size: this.sizes[number] ?? 0 } : null;
  }

  lengthOf(number: number): number {
    return (this.ends[number] ?? 0) - (this.starts[number] ?? 0);
  }

  /** The first container after `number` and all that is in it. */
  after(number: number): number {
    return this.nexts[number] ?? this.starts.length;
  }

  /** The container that begins there, or -1. */
  startingAt(start: number): number {
    let from = 0;
    let to = this.starts.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.starts[middle] ?? 0) < start) from = middle + 1;
      else to = middle;
    }
    return this.starts[from] === start ? from : -1;
  }
}

/** A container that both documents hold. */
interface Repetition {
  readonly node: JsonNode;
  /** Bytes. */
  readonly length: number;
  /** Values in it, itself counted. */
  readonly size: number;
}

/** Walks along the containers of the first document while the second one is read. Expected next is the container at the same
 * place in the order, and else the one as far from the end: something was put in or taken out before both. */
export class Repetitions {
  private readonly first: Containers;
  private readonly bytes: Buffer;
  /** Of the container that is expected next. */
  private next = 0;
  private looks: number;

  constructor(first: Containers, bytes: Buffer) {
    this.first = first;
    this.bytes = bytes;
    this.looks = looksPerByte * bytes.length;
  }

  /** The container that begins at `start`, when the first document has it too.
   * @param depth containers around it */
  at(start: number, depth: number): Repetition | null {
    return this.look(this.next, start, depth) ?? this.look(this.fromEnd(start), start, depth);
  }

  /** A container begins that has to be read.
   * @returns its counterpart, to be given to `leave` */
  enter(): number {
    return this.next++;
  }

  /** The container with that counterpart has ended. */
  leave(counterpart: number): void {
    this.next = this.first.after(counterpart);
  }

  private look(number: number, start: number, depth: number): Repetition | null {
    if (number < 0 || this.looks <= 0) return null;
    this.looks -= this.first.lengthOf(number);
    const repetition = this.first.repeated(number, this.bytes, start, depth);
    if (repetition !== null) this.next = this.first.after(number);
    return repetition;
  }

  private fromEnd(start: number): number {
    const moved = this.bytes.length - this.first.bytes.length;
    return moved === 0 ? -1 : this.first.startingAt(start - moved);
  }
}
