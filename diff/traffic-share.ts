/** What a sample says about production: the share of all requests that would show something, with where it may lie.
 *
 *    share = Σ y/π ÷ Σ 1/π        y = the exchange shows it, π = the probability with which it came into the recording
 *
 * (Horvitz & Thompson 1952; the ratio is Hájek's.) Sessions are sampled as a whole, by one threshold on the hash of their lane, so they are the
 * clusters of the variance, and two exchanges of one lane come together with the smaller of their probabilities. The interval is Korn &
 * Graubard's (1998): Clopper–Pearson's for as many independent requests as the variance is worth, which holds for rare things, too. Nothing is
 * assumed about requests of one session being alike. */

import type { TrafficShare } from "../model/report.ts";
import { betaQuantile, studentQuantile } from "./beta-quantile.ts";

/** One compared exchange. */
export interface SampledExchange {
  readonly lane: number;
  /** The probability with which it came into the recording; 0 = unknown. */
  readonly inclusion: number;
}

const confidence = 0.95;
const tail = (1 - confidence) / 2;
/** A rare thing may stick to whole sessions of which the sample has none: so much of one that shows it throughout is added to the variance.
 * Without it the truth lay above the interval in one run of seven where half of what is rare sticks. */
const unseenLane = 0.5;
const normalQuantile = 1.959963984540054;

interface Lane {
  readonly exchanges: number[];
  /** Its part of the variance while it shows nothing, per share². */
  idle: number;
  /** Requests of production that it stands for. */
  weight: number;
  /** The least probability of its exchanges. */
  least: number;
}

/** One run's sample. */
export class Sample {
  private readonly exchanges: readonly SampledExchange[];
  private readonly lanesByNumber: ReadonlyMap<number, Lane>;
  /** Estimated number of requests in production. */
  readonly requests: number;
  /** Whether a share of it says anything beside the counts: the probabilities are known, and not all 1. */
  readonly isEstimable: boolean;
  /** Of all lanes while none shows anything, per share². */
  private readonly idle: number;
  /** For how many independent requests the sample stands if every session showed something throughout or not at all (Kish 1965). */
  private readonly sessions: number;

  constructor(exchanges: readonly SampledExchange[]) {
    this.exchanges = exchanges;
    const lanes = new Map<number, Lane>();
    let requests = 0;
    for (const [index, { lane, inclusion }] of exchanges.entries()) {
      requests += 1 / inclusion;
      const known = lanes.get(lane) ?? { exchanges: [], idle: 0, weight: 0, least: 1 };
      lanes.set(lane, known);
      known.exchanges.push(index);
      known.weight += 1 / inclusion;
      known.least = Math.min(known.least, inclusion);
    }
    this.requests = requests;
    const isKnown = exchanges.every(({ inclusion }) => inclusion > 0);
    this.isEstimable = isKnown && lanes.size > 1 && exchanges.some(({ inclusion }) => inclusion < 1);
    this.lanesByNumber = lanes;
    // Nobody asks for it otherwise, and it takes a while in a long run.
    if (this.isEstimable) for (const lane of lanes.values()) lane.idle = this.varianceOf(lane, () => 1);
    const all = [...lanes.values()];
    this.idle = all.reduce((sum, { idle }) => sum + idle, 0);
    const fraction = all.reduce((sum, { least }) => sum + least, 0) / all.length;
    const squares = all.reduce((sum, { weight }) => sum + weight ** 2, 0);
    this.sessions = requests ** 2 / squares / (1 - fraction);
  }

  get lanes(): number {
    return this.lanesByNumber.size;
  }

  /** @param shown indexes of the exchanges that show it */
  shareOf(shown: ReadonlySet<number>): TrafficShare {
    const { exchanges, lanes, requests } = this;
    let weight = 0;
    const showing = new Set<Lane>();
    for (const index of shown) {
      const { lane, inclusion } = exchanges[index] ?? { lane: -1, inclusion: 1 };
      weight += 1 / inclusion;
      const found = this.lanesByNumber.get(lane);
      if (found !== undefined) showing.add(found);
    }
    const share = Math.min(1, weight / requests);
    let sum = (this.idle / lanes) * unseenLane * (1 - share) ** 2;
    let idle = this.idle;
    for (const lane of showing) {
      idle -= lane.idle;
      sum += this.varianceOf(lane, (index) => Number(shown.has(index)) - share);
    }
    sum += Math.max(0, idle) * share ** 2;
    const variance = (sum * lanes) / (lanes - 1) / requests ** 2;
    const spread = share * (1 - share);
    const worth = Math.max(variance > 0 ? spread / variance : 0, this.sessions);
    const [low, high] = intervalOf(share, worth * (normalQuantile / studentQuantile(confidence, lanes - 1)) ** 2);
    return { share, low, high };
  }

  private varianceOf(lane: Lane, residual: (index: number) => number): number {
    return laneVariance(lane.exchanges.map((index) => ({ of: residual(index), inclusion: this.exchanges[index]?.inclusion ?? 1 })));
  }
}

/** Estimated variance of Σ z/π of one lane whose exchanges come in together: Σ_ij z_i z_j (1/(π_i π_j) − 1/min(π_i, π_j)). */
function laneVariance(residuals: { readonly of: number; readonly inclusion: number }[]): number {
  residuals.sort((a, b) => a.inclusion - b.inclusion);
  let total = 0;
  let together = 0;
  let later = residuals.reduce((sum, residual) => sum + residual.of, 0);
  for (const { of: z, inclusion } of residuals) {
    total += z / inclusion;
    later -= z;
    together += (z / inclusion) * (z + 2 * later);
  }
  return Math.max(0, total ** 2 - together);
}

/** Clopper & Pearson's, for a count that need not be whole. */
function intervalOf(share: number, requests: number): readonly [low: number, high: number] {
  const showing = share * requests;
  return [
    showing <= 0 ? 0 : Math.min(share, betaQuantile(tail, showing, requests - showing + 1)),
    showing >= requests ? 1 : Math.max(share, betaQuantile(1 - tail, showing + 1, requests - showing)),
  ];
}
