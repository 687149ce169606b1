/** Where the arrays and objects of a document stand in its bytes, so that a second document that repeats some of them byte for
 * byte need not read these again: both trees then hold the same node, which also says that the two are equal.
 *
 *    first   [{"id":1,"name":"a"},{"id":2,"name":"b"}]
 *    second  [{"id":1,"name":"x"},{"id":2,"name":"b"}]
 *                                 └─ taken over ────┘                                                      */

import type { JsonNode } from "./node.ts";

/** An array or object in the bytes of its document. */
export interface Container {
  readonly start: number;
  /** Containers around it. */
  readonly depth: number;
  /** Null until it has been read. */
  node: JsonNode | null;
  /** Of the byte after it. */
  end: number;
  /** Values in it, itself counted. */
  size: number;
  /** Number of the first container after it and all that is in it. */
  after: number;
}

/** A document that was read, with its containers in document order: whatever stands in one comes right after it. */
export interface ReadContainers {
  readonly bytes: Buffer;
  readonly containers: readonly Container[];
}

/** Bytes looked at, for each byte of the second document, before it is read without looking for repetitions: what is deeply
 * nested is looked at once a level. */
const looksPerByte = 8;
/** So few bytes are compared faster here than by a call out of JavaScript. */
const fewBytes = 48;

/** Walks along the containers of the first document while the second one is read. Expected next is the container at the same
 * place in the order, and else the one as far from the end: something was put in or taken out before both. */
export class Repetitions {
  private readonly first: ReadContainers;
  private readonly bytes: Buffer;
  /** How much longer the second document is. */
  private readonly longer: number;
  /** Of the container that is expected next. */
  private next = 0;
  private looks: number;

  constructor(first: ReadContainers, bytes: Buffer) {
    this.first = first;
    this.bytes = bytes;
    this.longer = bytes.length - first.bytes.length;
    this.looks = looksPerByte * bytes.length;
  }

  /** The container that begins at `start`, when the first document has it too.
   * @param depth containers around it */
  at(start: number, depth: number): Container | null {
    const inTurn = this.look(this.next, start, depth);
    if (inTurn !== null || this.longer === 0) return inTurn;
    return this.look(this.startingAt(start - this.longer), start, depth);
  }

  /** A container begins that has to be read.
   * @returns its counterpart, to be given to `leave` */
  enter(): number {
    return this.next++;
  }

  /** The container with that counterpart has ended. */
  leave(counterpart: number): void {
    const { containers } = this.first;
    this.next = containers[counterpart]?.after ?? containers.length;
  }

  private look(number: number, start: number, depth: number): Container | null {
    const container = this.first.containers[number];
    // What was read far from the bound on depth might be over it here.
    if (container === undefined || container.node === null || depth > container.depth || this.looks <= 0) return null;
    this.looks -= container.end - container.start;
    if (!this.repeats(container, start)) return null;
    this.next = container.after;
    return container;
  }

  private repeats({ start: from, end }: Container, start: number): boolean {
    const { bytes, first } = this;
    const length = end - from;
    if (start + length > bytes.length) return false;
    if (length > fewBytes) return first.bytes.compare(bytes, start, start + length, from, end) === 0;
    for (let at = length - 1; at >= 0; at--) if (bytes[start + at] !== first.bytes[from + at]) return false;
    return true;
  }

  /** The container that begins there, or -1. */
  private startingAt(start: number): number {
    const { containers } = this.first;
    let from = 0;
    let to = containers.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((containers[middle]?.start ?? 0) < start) from = middle + 1;
      else to = middle;
    }
    return containers[from]?.start === start ? from : -1;
  }
}
