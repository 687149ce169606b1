/** Notices targets that share a state by what follows the order of sending: the second of two to create a thing gets the
 * next number, or a conflict; the second to delete it finds nothing.
 *
 *    write ─► drawn: A first ─► A: 201, id 7    B: 201, id 8      with states of their own: 7 and 7, or numbers that
 *    write ─► drawn: B first ─► A: 201, id 10   B: 201, id 9      differ by target, whoever was first
 *
 * Which target is asked first is drawn for each exchange, so for targets that do not touch each other "the second one
 * has the larger value" is a fair coin, whatever noise, regression or offset their answers have. The e-value of that
 * coin (Ville's inequality) bounds the share of runs in which it ever convinces by mistake. That holds for a write that was under
 * way alone: of two at once, each target may see the other one first (target/write-overlap.ts). Only whole numbers and statuses
 * are looked at: clocks, random ids and durations follow time, and the second one is asked a moment later. */

import type { LeafPair } from "./answer-leaves.ts";
import { coinEvidence } from "./evidence.ts";

/** One run in a thousand of unconnected targets may be accused. */
const convincing: number = Math.log(1000);
/** Beside the evidence: a slight lean in very many writes may come from the moment between the two sends. */
const leastShare = 0.75;
/** Places watched; each further one has a smaller part of the bound. */
const mostPlaces = 1000;
/** So many writes without a place that leans say that there is none: in a shared store all of them would. */
const fewestSeen = 6;
const fewestLeaning = 3;
/** Up to nine digits: not a time since 1970 in any unit, and no number made of one. */
const wholeNumber = /^-?\d{1,9}$/;

interface Place {
  readonly name: string;
  /** The natural logarithm of its share of the bound: 1/(j(j+1)), which sums to 1. */
  readonly weight: number;
  larger: number;
  smaller: number;
}

export class OrderCanary {
  private readonly places = new Map<string, Place>();
  private sentence: string | null = null;
  private seen = 0;

  /** Whether further writes to one target at a time may show something: few were seen, or a place leans until now. */
  get isUndecided(): boolean {
    if (this.sentence !== null) return false;
    return (
      this.seen < fewestSeen || [...this.places.values()].some((place) => leans(place) && place.larger + place.smaller >= fewestLeaning)
    );
  }

  /** What follows the order, in words without values of answers; null = nothing does. Once said it stays. */
  get found(): string | null {
    return this.sentence;
  }

  /** Takes where the answers to one write differ. Places are those of all endpoints together: a conflict is a larger
   * status wherever it happens, and there are few writes at first.
   * @param leftWasFirst the left side's target was sent the request first */
  observe(leaves: readonly LeafPair[], leftWasFirst: boolean): void {
    if (this.sentence !== null) return;
    this.seen++;
    for (const { place, left, right } of leaves.filter(isNumeric)) {
      const watched = this.placeOf(place);
      if (watched === null) continue;
      if (Number(right) > Number(left) === leftWasFirst) watched.larger++;
      else watched.smaller++;
      this.weigh(watched);
    }
  }

  private weigh(place: Place): void {
    const { name, weight, larger, smaller } = place;
    if (!leans(place) || coinEvidence(larger, smaller) + weight < convincing) return;
    const which = larger > smaller ? "larger" : "smaller";
    this.sentence = `${name} of the answer was ${which} at the target that was sent the request second in ${Math.max(larger, smaller)} of ${larger + smaller} writes`;
  }

  private placeOf(name: string): Place | null {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const number = this.places.size + 1;
    if (number > mostPlaces) return null;
    const place: Place = { name, weight: -Math.log(number * (number + 1)), larger: 0, smaller: 0 };
    this.places.set(name, place);
    return place;
  }
}

function leans({ larger, smaller }: Place): boolean {
  return Math.max(larger, smaller) >= leastShare * (larger + smaller);
}

function isNumeric({ left, right }: LeafPair): boolean {
  return wholeNumber.test(left) && wholeNumber.test(right) && Number(left) !== Number(right);
}
