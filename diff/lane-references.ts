/** The renamings of id-like values learned so far, one set a lane and pair of targets, with a bound on lanes. */

import { References } from "./compare/references.ts";

/** Lanes remembered at once; the one that was silent longest is forgotten, which costs it a few learned renamings. */
const mostLanes = 10_000;

/** References of one pair of targets. */
export class LaneReferences {
  private readonly byLane = new Map<string, References>();
  private readonly bound: number;

  constructor(bound: number = mostLanes) {
    this.bound = bound;
  }

  /** @param lane null = the exchange stands alone: fresh references */
  of(lane: string | null): References {
    if (lane === null) return new References();
    const known = this.byLane.get(lane);
    if (known !== undefined) {
      // Set again to move it to the young end: a Map keeps insertion order.
      this.byLane.delete(lane);
      this.byLane.set(lane, known);
      return known;
    }
    const references = new References();
    this.byLane.set(lane, references);
    if (this.byLane.size > this.bound) {
      const oldest = this.byLane.keys().next();
      if (oldest.done !== true) this.byLane.delete(oldest.value);
    }
    return references;
  }
}
