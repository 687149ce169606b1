/** A paired sign test that runs along: which of two builds has the larger value, by the unit of evidence.
 *
 * If the builds behave alike, "the candidate's is larger" and "the control's is larger" are equally likely at every pair, so
 * the e-values of diff/evidence.ts hold for them as they do for differences. Memory is bounded: units over a fixed number share
 * a counter, which keeps the sum of symmetric counts symmetric. */

import { meanEvidence, requestEvidence, unitEvidence } from "./evidence.ts";
import { Counts } from "./tally.ts";

/** Counters a test. More units than this say hardly more: 16 agreeing ones are enough for a finding. */
const mostUnits = 4096;

/** Where a pair belongs. */
export interface PairPlace {
  readonly lane: number;
  /** The distinct request. */
  readonly content: number;
}

/** What is the unit: distinct requests (few lanes), lanes, or whichever of both says less. */
export type Units = "requests" | "lanes" | "both";

export class SignTest {
  /** Pairs in which the candidate's is the larger one, and the control's. */
  b = 0;
  c = 0;
  private first: PairPlace | null = null;
  private readonly byLane = new Counts();
  private readonly byRequest = new Counts();

  /** @param sign > 0 the candidate's is larger, < 0 the control's, 0 says nothing */
  add(place: PairPlace, sign: number): void {
    if (sign === 0) return;
    const step = Math.sign(sign);
    if (step > 0) this.b++;
    else this.c++;
    // The whole unit that revealed it stays out ("start after discovery").
    this.first ??= place;
    if (place.lane !== this.first.lane) this.byLane.add(place.lane % mostUnits, step);
    if (place.content !== this.first.content) this.byRequest.add(place.content % mostUnits, step);
  }

  /** ln E against "equally likely" in favour of the candidate's being larger. */
  oneSided(units: Units): number {
    return this.evidence(units, 1);
  }

  /** ln E whichever of them is larger: the mean of both bets. */
  twoSided(units: Units): number {
    return meanEvidence([this.evidence(units, 1), this.evidence(units, -1)]);
  }

  /** Distinct requests beside the revealing one in which the candidate's is the larger one. */
  get requests(): number {
    return signed(this.byRequest, 1).filter((x) => x > 0).length;
  }

  private evidence(units: Units, direction: 1 | -1): number {
    const requests = signed(this.byRequest, direction);
    switch (units) {
      case "requests":
        return requestEvidence(requests.filter((x) => x > 0).length, requests.filter((x) => x < 0).length);
      case "lanes":
        return unitEvidence(signed(this.byLane, direction));
      case "both":
        return Math.min(unitEvidence(signed(this.byLane, direction)), unitEvidence(requests));
      default:
        return units satisfies never;
    }
  }
}

function signed(counts: Counts, direction: 1 | -1): number[] {
  return [...counts.entries()].map(([, x]) => direction * x);
}
