/** What the times say that stand in answers: the rule of latency, and what no speed explains.
 *
 *    control 12 ─ candidate 20 ──► over ±ln 1.1: a sign for its lane ──► e-value
 *                          └─────► ln ratio, every n-th ──► Hodges–Lehmann interval, told from 1.5 on
 *    control 12 ─ candidate 0  ──► no time at all, wherever the control says one
 *    control 12 ─ candidate 12000 ──► a ratio of hundreds: another unit */

import type { DifferenceKind } from "../model/difference.ts";
import { hodgesLehmann, type Shift } from "./hodges-lehmann.ts";
import { leastRatio, tellingRatio } from "./latency.ts";
import type { MaskedTest } from "./masked-test.ts";
import { type PairPlace, SignTest, type Units } from "./sign-test.ts";
import { readTiming, timingSteps } from "./timings.ts";

/** Ratios kept, evenly spread over the run. */
const mostRatios = 512;
/** A ratio from here on is no speed. */
const unitRatio = 200;
/** Share of the pairs in which the candidate says no time, to be told. */
const everywhereShare = 0.9;
const fewestTimeless = 3;
/** A time of fewer steps of its own precision may be rounded to nothing: 1 ms, where a process that is a little faster says 0. */
const fewestSteps = 5;

export class TimingPairs {
  /** Which of the two took longer, where it is clear. */
  private readonly signs = new SignTest();
  /** Which of the two says no time where the other one does. */
  private readonly timeless = new SignTest();
  private ratios: number[] = [];
  private pairs = 0;
  private seen = 0;
  /** Each how manieth pair is kept. */
  private stride = 1;

  /** The two values as they were written. */
  add(place: PairPlace, control: string, candidate: string): void {
    const [before, after] = [readTiming(control), readTiming(candidate)];
    if (before === null || after === null) return;
    this.pairs++;
    this.timeless.add(place, Number(isTime(before, control) && after <= 0) - Number(isTime(after, candidate) && before <= 0));
    if (before <= 0 || after <= 0) return;
    const ratio = Math.log(after / before);
    this.signs.add(place, Math.abs(ratio) > Math.log(leastRatio) ? ratio : 0);
    if (this.seen++ % this.stride !== 0) return;
    this.ratios.push(ratio);
    if (this.ratios.length < mostRatios) return;
    this.ratios = this.ratios.filter((_, index) => index % 2 === 0);
    this.stride *= 2;
  }

  /** @param kind of a difference between two of the values */
  tests(kind: DifferenceKind, units: Units): MaskedTest[] {
    return [this.timelessTest(kind, units), this.ratioTest(kind, units)].filter((test) => test !== null);
  }

  private timelessTest(kind: DifferenceKind, units: Units): MaskedTest | null {
    const { b, c, requests } = this.timeless;
    if (b < Math.max(fewestTimeless, everywhereShare * this.pairs)) return null;
    return { kind, transition: "no time", b, c, logE: this.timeless.oneSided(units), requests, isPlain: c === 0 };
  }

  /** A faster candidate is nothing to look into, unless it is so by more than any speed. */
  private ratioTest(kind: DifferenceKind, units: Units): MaskedTest | null {
    const { b, c } = this.signs;
    const shift = hodgesLehmann(this.ratios);
    const logE = this.signs.twoSided(units);
    const unit = shift === null ? null : unitOf(shift);
    if (unit !== null) return { kind, transition: unit, b: Math.max(b, c), c: Math.min(b, c), logE, requests: 0, isPlain: false };
    const low = shift?.interval?.[0];
    if (b <= c || low === undefined || low < Math.log(tellingRatio)) return null;
    return { kind: "latency.paired", transition: "slower", b, c, logE, requests: 0, isPlain: false };
  }
}

/** By which power of ten, where the whole interval is beyond any speed. */
function unitOf({ estimate, interval }: Shift): string | null {
  if (interval === null) return null;
  const [low, high] = interval;
  if (low < Math.log(unitRatio) && high > -Math.log(unitRatio)) return null;
  const factor = 10 ** Math.round(Math.abs(estimate) / Math.LN10);
  return `${estimate > 0 ? "×" : "÷"}${factor}`;
}

/** Whether it says a time that rounding could not make zero. */
function isTime(value: number, text: string): boolean {
  return value > 0 && timingSteps(text) >= fewestSteps;
}
