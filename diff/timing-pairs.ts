/** How much longer the candidate says that it took: the rule of latency, for times that stand in answers.
 *
 *    control 12 ─ candidate 20 ──► over ±ln 1.1: a sign for its lane ──► e-value
 *                          └─────► ln ratio, every n-th ──► Hodges–Lehmann interval, told from 1.5 on        */

import { hodgesLehmann } from "./hodges-lehmann.ts";
import { leastRatio, tellingRatio } from "./latency.ts";
import { type PairPlace, SignTest } from "./sign-test.ts";

/** Ratios kept, evenly spread over the run. */
const mostRatios = 512;

export class TimingPairs {
  /** Which of the two took longer, where it is clear. */
  readonly signs = new SignTest();
  private ratios: number[] = [];
  private seen = 0;
  /** Each how manieth pair is kept. */
  private stride = 1;

  add(place: PairPlace, control: number, candidate: number): void {
    if (control <= 0 || candidate <= 0) return;
    const ratio = Math.log(candidate / control);
    this.signs.add(place, Math.abs(ratio) > Math.log(leastRatio) ? ratio : 0);
    if (this.seen++ % this.stride !== 0) return;
    this.ratios.push(ratio);
    if (this.ratios.length < mostRatios) return;
    this.ratios = this.ratios.filter((_, index) => index % 2 === 0);
    this.stride *= 2;
  }

  /** Whether the candidate surely takes so much longer that two processes of one build do not differ by it. */
  get isTelling(): boolean {
    const low = hodgesLehmann(this.ratios)?.interval?.[0];
    return low !== undefined && low >= Math.log(tellingRatio);
  }
}
