/** How large a share of each kind of exchange is kept, so that about as many are kept as somebody wants, rare kinds nearly whole.
 *
 *    seen in ten seconds      kept of each, if about 100 are wanted
 *    /search      9,000       .6 %   ┐
 *    /items         900       5 %    ├  by the logarithm of how many there are
 *    /refund          3       100 %  ┘
 *
 * Rates are set at the end of a window, from the ones before it, so that the probability of every exchange is known before it is seen. */

import type { MonotonicMs } from "../../model/units.ts";

const windowMs = 10_000;
/** Of the old average, so much stays with every window. */
const memory = 0.7;
/** Below so many in a window a kind is forgotten. */
const leastAverage = 0.01;
/** Kinds told apart; with more, kinds are data, and the rest counts as one. */
const mostKinds = 5000;
/** New kinds are all kept up to so many times what is wanted. */
const roomForNew = 2;
const otherKinds = "other";
/** Halvings in the search for the scale of the shares; nothing of a double is left after them. */
const halvings = 60;

interface Kind {
  /** In the window that has begun. */
  met: number;
  /** A window, over those that have ended; 0 = none has. */
  average: number;
  rate: number | null;
}

/** One recording's. */
export class DynamicRates {
  private readonly wanted: number;
  private readonly kinds = new Map<string, Kind>();
  private begun: number | null = null;
  /** Of kinds that are new in the window that has begun, about. */
  private keptOfNew = 0;

  /** @param perSecond exchanges that are to be kept, about */
  constructor(perSecond: number) {
    this.wanted = (perSecond * windowMs) / 1000;
  }

  /** The probability with which an exchange of a kind is kept. Call once for each. */
  rateOf(name: string, now: MonotonicMs): number {
    this.begun ??= now;
    if (now - this.begun >= windowMs) this.endWindow(now);
    const kind = this.kindOf(name);
    const rate = kind.rate ?? this.rateOfNew(kind);
    kind.met++;
    return rate;
  }

  private kindOf(name: string): Kind {
    const known = this.kinds.get(name);
    if (known !== undefined) return known;
    if (this.kinds.size >= mostKinds && name !== otherKinds) return this.kindOf(otherKinds);
    const kind: Kind = { met: 0, average: 0, rate: null };
    this.kinds.set(name, kind);
    return kind;
  }

  /** A kind that no window has measured yet: all, until it has what every kind might have; less once new kinds alone are more than enough. */
  private rateOfNew({ met }: Kind): number {
    const share = Math.max(1, this.wanted / this.kinds.size);
    const room = Math.min(1, (roomForNew * this.wanted) / (this.keptOfNew + 1));
    const rate = room * (met < share ? 1 : share / (met + 1));
    this.keptOfNew += rate;
    return rate;
  }

  private endWindow(now: MonotonicMs): void {
    const begun = this.begun ?? now;
    const ended = Math.floor((now - begun) / windowMs);
    this.begun = begun + ended * windowMs;
    this.keptOfNew = 0;
    for (const [name, kind] of this.kinds) {
      const latest = kind.average === 0 ? kind.met : memory * kind.average + (1 - memory) * kind.met;
      kind.average = latest * memory ** (ended - 1);
      kind.met = 0;
      if (kind.average < leastAverage) this.kinds.delete(name);
    }
    this.share();
  }

  private share(): void {
    const kinds = [...this.kinds.values()];
    const keptAt = (scale: number): number => kinds.reduce((sum, { average }) => sum + Math.min(average, scale * Math.log1p(average)), 0);
    // No kind gets more than all of it: the scale is what makes the sum right.
    let [low, high] = [0, this.wanted + kinds.reduce((sum, { average }) => sum + average, 0)];
    for (let i = 0; i < halvings; i++) {
      const middle = (low + high) / 2;
      if (keptAt(middle) < this.wanted) low = middle;
      else high = middle;
    }
    for (const kind of kinds) kind.rate = Math.min(1, (high * Math.log1p(kind.average)) / kind.average);
  }
}
