/** What tells one recording from another, so that a replay is not gone on with another than it was begun with.
 *
 *    files      every line, or what tells every exchange                ┐
 *    segments   who began each and when, how many exchanges, the ends   ┴─► sha256, beside what people can compare
 *
 * A segment is only ever added to by its one writer: whoever makes it anew begins another. */

import { createHash } from "node:crypto";
import type { Exchange } from "../model/exchange.ts";
import type { RecordingIdentity } from "../model/observation.ts";
import type { SegmentEnd, SegmentFacts } from "./segment-reader.ts";

export function identityOfSegments(path: string, segments: readonly SegmentFacts[]): RecordingIdentity {
  const hash = createHash("sha256");
  const ends = new Ends();
  for (const { meta, exchanges, first, last } of segments) {
    hash.update(JSON.stringify([meta.epoch, meta.createdAtMs, meta.monotonicMs, exchanges, first, last]));
    if (first !== null) ends.add(first);
    if (last !== null) ends.add(last);
  }
  const exchanges = segments.reduce((sum, segment) => sum + segment.exchanges, 0);
  return { path, exchanges, ...ends.ids(), sha256: hash.digest("hex") };
}

/** Made while a file is read through. */
export class LinesIdentity {
  readonly #hash = createHash("sha256");
  readonly #ends = new Ends();
  #exchanges = 0;

  add(line: Uint8Array, { id, at }: Exchange): void {
    this.#hash.update(line).update("\n");
    this.#ends.add({ id, at });
    this.#exchanges += 1;
  }

  /** Once, at the end. */
  of(path: string): RecordingIdentity {
    return { path, exchanges: this.#exchanges, ...this.#ends.ids(), sha256: this.#hash.digest("hex") };
  }
}

class Ends {
  #first: SegmentEnd | null = null;
  #last: SegmentEnd | null = null;

  add(end: SegmentEnd): void {
    if (this.#first === null || end.at < this.#first.at) this.#first = end;
    if (this.#last === null || end.at >= this.#last.at) this.#last = end;
  }

  ids(): Pick<RecordingIdentity, "first" | "last"> {
    return { first: this.#first?.id ?? null, last: this.#last?.id ?? null };
  }
}
