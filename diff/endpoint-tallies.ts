/** What is counted of every endpoint beside its differences: how many exchanges, how fast, and what was never compared. */

import { isSafeMethod, type Outcome } from "../model/exchange.ts";
import type { Observation, Probe } from "../model/observation.ts";
import type { BlindSpot, EndpointSummary } from "../model/report.ts";
import type { Assessment } from "./assess.ts";
import { isOverLimit } from "./compare/beginnings.ts";
import { shownEvidence } from "./evidence.ts";
import type { Fidelity } from "./fidelity.ts";
import { judgeLatency, type LatencyContext, LatencySamples } from "./latency.ts";
import type { JudgedLatency } from "./latency-assessments.ts";
import { percentilesOf, quantileShares, quantilesOf } from "./percentiles.ts";

/** At most this share of nothing is the bound on a rate that was never seen: 3/n (95 %). */
const ruleOfThree = 3;
/** Under this share of equal statuses the builds mostly agree about errors: nothing is said about the endpoint. */
const blindFidelity = 0.5;
const percent = 100;

interface Tally {
  compared: number;
  readonly control: number[];
  readonly primary: number[];
  readonly candidate: number[];
  readonly latency: LatencySamples;
}

/** One run's endpoints. */
export class EndpointTallies {
  private readonly tallies = new Map<string, Tally>();
  private readonly notCompared = new Map<string, number>();

  countNotCompared(endpoint: string): void {
    this.notCompared.set(endpoint, (this.notCompared.get(endpoint) ?? 0) + 1);
  }

  /** @param index of the exchange
   * @param probes that were made of it */
  count(endpoint: string, index: number, { exchange, candidate, controls, afterGap }: Observation, probes: readonly Probe[]): void {
    const tally = this.tally(endpoint);
    tally.compared++;
    const times = (list: number[], outcome: Outcome | undefined): void => {
      // Nothing takes no time at all: 0 stands for a time that nobody recorded, as in most access logs.
      if (outcome?.kind === "answered" && outcome.tookMs > 0) list.push(outcome.tookMs);
    };
    const control = controls[0]?.outcome;
    times(tally.primary, exchange.outcome);
    times(tally.candidate, candidate?.outcome);
    times(tally.control, control);
    if (isSafeMethod(exchange.request.method))
      tally.latency.probes += probes.reduce((sum, probe) => sum + probe.control.length + probe.candidate.length, 0);
    // After a gap the two do different work.
    if (afterGap === true || candidate?.outcome.kind !== "answered" || control?.kind !== "answered") return;
    if (candidate.outcome.answer.status !== control.answer.status) tally.latency.unlike++;
    else tally.latency.add(index, control.tookMs, candidate.outcome.tookMs);
  }

  /** All endpoints by name, with what their times say. */
  judgeLatencies(context: LatencyContext): JudgedLatency[] {
    return [...this.tallies]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([endpoint, { latency, control, primary, candidate }]) => {
        const judgement = judgeLatency(latency, context);
        const [paired] = judgement.tests;
        const hasPairs = judgement.pairs.tested > 0;
        const percentiles = { control: percentilesOf(control), primary: percentilesOf(primary), candidate: percentilesOf(candidate) };
        const e = hasPairs && paired !== undefined ? shownEvidence(paired.logE) : null;
        const pairs = control.length === 0 ? null : judgement.pairs;
        const all = {
          shares: quantileShares,
          control: quantilesOf(control),
          primary: quantilesOf(primary),
          candidate: quantilesOf(candidate),
        };
        const quantiles = all.candidate === null ? {} : { quantiles: all };
        return {
          endpoint,
          judgement,
          latency: { ...percentiles, shift: judgement.shift, interval: judgement.interval, e, pairs, ...quantiles },
        };
      });
  }

  /** @param different exchanges with a difference that is not noise, by endpoint; an endpoint without an entry never differed */
  summaries(latencies: readonly JudgedLatency[], different: ReadonlyMap<string, number>, fidelity: Fidelity): EndpointSummary[] {
    return latencies.map(({ endpoint, latency }) => {
      const compared = this.tallies.get(endpoint)?.compared ?? 0;
      return {
        endpoint,
        compared,
        different: different.get(endpoint) ?? 0,
        latency,
        fidelity: fidelity.at(endpoint)?.share() ?? null,
        upperBound: different.has(endpoint) ? null : Math.min(1, ruleOfThree / compared),
      };
    });
  }

  /** By endpoint, then by kind and place.
   * @param beyond differences at places that were not told apart, by endpoint
   * @param others found elsewhere */
  blindSpots(
    assessments: readonly Assessment[],
    fidelity: Fidelity,
    beyond: ReadonlyMap<string, number>,
    others: readonly BlindSpot[],
  ): BlindSpot[] {
    const crowded = [...beyond].map(crowdedSpot);
    const masked = assessments.filter(isBlind).map(maskedSpot);
    const spots = [...this.uncompared(), ...this.unfaithful(fidelity), ...masked, ...crowded, ...others];
    const order = ({ endpoint, kind, path, text }: BlindSpot): string => [endpoint, kind, path ?? "", text].join("\n");
    return spots.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  private uncompared(): BlindSpot[] {
    return [...this.notCompared]
      .filter(([endpoint]) => !this.tallies.has(endpoint))
      .map(([endpoint, count]) => ({
        endpoint,
        kind: "not-compared",
        path: null,
        text: `none of ${count} ${count === 1 ? "exchange" : "exchanges"} could be compared`,
      }));
  }

  private unfaithful(fidelity: Fidelity): BlindSpot[] {
    return [...this.tallies.keys()].flatMap((endpoint): BlindSpot[] => {
      const own = fidelity.at(endpoint);
      const share = own?.share() ?? 1;
      if (own === null || share >= blindFidelity) return [];
      const text = `the control gave the primary's status in ${(share * percent).toFixed(1)} % of the exchanges; likely cause: ${own.likelyCause()}`;
      return [{ endpoint, kind: "low-fidelity", path: null, text }];
    });
  }

  private tally(endpoint: string): Tally {
    const known = this.tallies.get(endpoint);
    if (known !== undefined) return known;
    const tally: Tally = { compared: 0, control: [], primary: [], candidate: [], latency: new LatencySamples() };
    this.tallies.set(endpoint, tally);
    return tally;
  }
}

/** A status that mostly differs is a matter of fidelity, and what is too large of large-bodies.ts. */
function isBlind({ isMasked, record }: Assessment): boolean {
  return isMasked && record.signature.location !== "status" && !isOverLimit(record.apart);
}

function maskedSpot({ record: { signature }, noiseRate }: Assessment): BlindSpot {
  const { endpoint, location, path } = signature;
  const text = `${location} ${path}: the control's own values differ in ${(noiseRate * percent).toFixed(1)} % of the exchanges, so only their form is tested`;
  return { endpoint, kind: "masked-values", path, text };
}

function crowdedSpot([endpoint, count]: readonly [string, number]): BlindSpot {
  const text = `it differs at too many places to tell them apart: ${count} ${count === 1 ? "difference is" : "differences are"} counted by kind only, as "/**"`;
  return { endpoint, kind: "too-many-places", path: null, text };
}
