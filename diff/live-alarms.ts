/** Raises an alarm while traffic flows, once a signature's evidence passes a bound that it may be held against all the time.
 *
 * The j-th signature watched has α_j = .01·6/(π²j²); they add up to .01, so with equal builds a run raises any alarm at all
 * with probability 1 % at most (Ville's inequality, for E ≥ 1/α_j at any time). A lane counts once, by the first of its
 * exchanges at which only one of the two builds differs: a lane that is still growing would be no martingale. */

import { coinFavouring } from "./evidence.ts";

/** Share of runs of equal builds that may raise an alarm. */
const alarmShare = 0.01;
/** Lanes remembered over all signatures; from then on known signatures keep their counts and get no more. */
const mostLanes = 1_000_000;

interface Watch {
  readonly order: number;
  /** Lanes that have spoken; the one that revealed the signature does not. Empty once the alarm was raised. */
  readonly lanes: Set<string>;
  b: number;
  c: number;
  isRaised: boolean;
}

export class LiveAlarms {
  private readonly watches = new Map<string, Watch>();
  private lanes = 0;

  /** @param name of the signature
   * @param side whose difference it is where the other has none
   * @returns ln E when this raises the alarm, for the first and only time */
  discordant(name: string, lane: string, side: "candidate" | "control"): number | null {
    const watch = this.watches.get(name);
    if (watch === undefined) {
      this.watches.set(name, { order: this.watches.size + 1, lanes: new Set([lane]), b: 0, c: 0, isRaised: false });
      this.lanes++;
      return null;
    }
    if (watch.isRaised || watch.lanes.has(lane) || this.lanes >= mostLanes) return null;
    watch.lanes.add(lane);
    this.lanes++;
    if (side === "candidate") watch.b++;
    else watch.c++;
    const logE = coinFavouring(watch.b, watch.c);
    if (logE < -Math.log(alarmThreshold(watch.order))) return null;
    watch.isRaised = true;
    this.lanes -= watch.lanes.size;
    watch.lanes.clear();
    return logE;
  }
}

/** α_j of the j-th signature, j from 1. */
function alarmThreshold(j: number): number {
  return (alarmShare * 6) / (Math.PI ** 2 * j ** 2);
}
