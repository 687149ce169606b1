/** Is the candidate slower? The same paired engine as for differences, on times instead of values.
 *
 *    control 12 ms ─ candidate 15 ms ──► ln ratio ──► over ±ln 1.1: a sign for its lane ──► e-value
 *                                              └──► median of the lane ──► Hodges–Lehmann shift with interval
 *
 * Two equal processes are not exactly exchangeable in speed (another core, another heap): every endpoint's shift is shown, a
 * large one is told, and none fails anything unless a ratio is given that the whole interval has to lie above. */

import type { LatencyPairs } from "../model/report.ts";
import { hodgesLehmann } from "./hodges-lehmann.ts";
import { percentilesOf } from "./percentiles.ts";
import { SignTest } from "./sign-test.ts";
import type { ComparedExchange } from "./tally.ts";

/** A pair within this factor says nothing about which one is slower. */
export const leastRatio = 1.1;
/** Nor does one within this: timers, the scheduler and the loopback are no finer. */
const leastDifferenceMs = 1;
/** The first pairs of an endpoint: connections are opened, code is compiled, caches are empty. */
const coldPairs = 3;
/** Both answers this many times slower than usual: what is in front of both was saturated, not one of them slow. */
const saturatedFactor = 5;
/** With a greater share of such pairs it is the requests that are dear. */
const mostSaturated = 0.2;
/** Pairs that say where a tail begins, before exceeding it means anything. */
const tails = [
  { path: "p95", share: "p95", fewestPairs: 100 },
  { path: "p99", share: "p99", fewestPairs: 500 },
] as const;
/** What is told without being asked for. Two copies of one build on one machine were seen to differ by a quarter, for sure and
 * for as long as they ran. */
export const tellingRatio = 1.5;
/** Of a small run, where the unit of evidence is the request, and of a short one: what stops a process for a while slows many requests at once. */
const tellingRatioOfSmallRun = 3;
/** Compiling, collecting garbage and neighbours keep a process busy for seconds; a run has to outlast several of such phases. */
const shortRunMs = 30_000;
/** And a tail is told when it is exceeded so many times as often by one as by the other. On a machine with seven times as much to do as it can, that of
 * one of two equal processes was exceeded more than twice as often for two quarters of a run. */
const tellingTail = 4;
/** Parts of a run, in the order of its log, of which at least `slowWindows` have to be slow. */
const windows = 4;
/** For a ratio that was asked for; what is told unasked has to be slow in every one. */
const slowWindows = 2;
const slowWindowsOfTail = 3;
/** Stretches of a run in which its targets have to be steady, and pairs of one, whose median means something. */
const mostStretches = 8;
const pairsOfStretch = 16;

/** One endpoint's pairs: three numbers each. */
export class LatencySamples {
  readonly exchanges: number[] = [];
  readonly control: number[] = [];
  readonly candidate: number[] = [];
  /** Pairs whose answers have different statuses: their times are of two different things. */
  unlike = 0;
  /** Extra sends for asking again; they are no part of the pairs. */
  probes = 0;

  add(exchange: number, controlMs: number, candidateMs: number): void {
    this.exchanges.push(exchange);
    this.control.push(controlMs);
    this.candidate.push(candidateMs);
  }
}

/** What one test of an endpoint says; `path` is '' for the pairs, p95 or p99 for a tail. */
export interface LatencyTest {
  readonly path: "" | "p95" | "p99";
  readonly b: number;
  readonly c: number;
  readonly logE: number;
  /** Large enough to be told, once the evidence is there. */
  readonly isTelling: boolean;
  /** Exchanges that show it, in the direction that most have. */
  readonly shown: readonly number[];
}

export interface LatencyJudgement {
  /** Candidate over control, 1 = equally fast. */
  readonly shift: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  readonly tests: readonly LatencyTest[];
  readonly pairs: LatencyPairs;
  /** Slower than the ratio, overall and in enough windows. */
  readonly isOverRatio: boolean;
}

interface Pair {
  readonly index: number;
  readonly lane: number;
  readonly content: number;
  readonly control: number;
  readonly candidate: number;
}

export interface LatencyContext {
  readonly exchanges: readonly ComparedExchange[];
  /** Distinct requests are the unit of evidence instead of lanes. */
  readonly isSmall: boolean;
  /** How long the run took; null = not known, or it goes on. */
  readonly tookMs: number | null;
  /** `--fail-on-latency`; null = times fail nothing. */
  readonly failOnRatio: number | null;
}

/** Judges one endpoint. */
export function judgeLatency(samples: LatencySamples, context: LatencyContext): LatencyJudgement {
  const all = pairsOf(samples, context.exchanges);
  const warm = all.slice(coldPairs);
  const usual = percentilesOf(warm.flatMap(({ control, candidate }) => [control, candidate]))?.p50 ?? 0;
  const usable = warm.filter(({ control, candidate }) => Math.min(control, candidate) <= saturatedFactor * usual);
  const pairs = warm.length - usable.length <= mostSaturated * warm.length ? usable : warm;
  const overall = shiftOf(pairs, context.isSmall);
  const isBrief = context.isSmall || (context.tookMs !== null && context.tookMs < shortRunMs);
  return {
    shift: overall === null ? null : Math.exp(overall.estimate),
    interval: ratiosOf(overall?.interval ?? null),
    tests: [
      pairedTest(pairs, context.isSmall, isBrief ? tellingRatioOfSmallRun : tellingRatio),
      ...(isBrief ? [] : tailTests(pairs, Math.exp(overall?.estimate ?? 0))),
    ],
    pairs: {
      tested: pairs.length,
      cold: all.length - warm.length,
      saturated: warm.length - pairs.length,
      unlike: samples.unlike,
      probes: samples.probes,
    },
    isOverRatio: context.failOnRatio !== null && isApart(pairs, context.isSmall, Math.log(context.failOnRatio), 1),
  };
}

function pairsOf({ exchanges, control, candidate }: LatencySamples, all: readonly ComparedExchange[]): Pair[] {
  return exchanges.map((index, i) => ({
    index,
    lane: all[index]?.lane ?? 0,
    content: all[index]?.content ?? 0,
    control: control[i] ?? 0,
    candidate: candidate[i] ?? 0,
  }));
}

/** Of the median log ratio of every unit, so that a lane with many requests is one voice. */
function shiftOf(pairs: readonly Pair[], isSmall: boolean): ReturnType<typeof hodgesLehmann> {
  const units = Map.groupBy(pairs, ({ lane, content }) => (isSmall ? content : lane));
  return hodgesLehmann([...units.values()].map((unit) => median(unit.map(logRatio))));
}

/** Clocks are no finer than this; a time of 0 has no logarithm. */
const finestMs = 0.001;

function logRatio({ control, candidate }: Pair): number {
  return Math.log(Math.max(candidate, finestMs) / Math.max(control, finestMs));
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function ratiosOf(interval: readonly [number, number] | null): readonly [number, number] | null {
  return interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])];
}

/** −1, 0 or 1: which of a pair is clearly slower. */
function slower({ control, candidate }: Pair): number {
  const difference = candidate - control;
  if (Math.abs(difference) < leastDifferenceMs) return 0;
  if (candidate > leastRatio * control) return 1;
  return control > leastRatio * candidate ? -1 : 0;
}

/** @param ratio from which on it is told: if the whole interval lies beyond it, every quarter of the run does, and neither of the targets
 * was by so much faster at one time than at another, as processes are that have a busy neighbour */
function pairedTest(pairs: readonly Pair[], isSmall: boolean, ratio: number): LatencyTest {
  const test = signTest("", pairs, isSmall, slower);
  const direction = test.b > test.c ? 1 : -1;
  const beyond = (part: readonly Pair[], limit: number): boolean => direction * (shiftOf(part, isSmall)?.estimate ?? 0) > limit;
  const limit = Math.log(ratio);
  const isTelling =
    isApart(pairs, isSmall, limit, direction) &&
    inParts(pairs, windows).every((part) => beyond(part, limit)) &&
    beyond(pairs, Math.max(unsteadiness(pairs, "control"), unsteadiness(pairs, "candidate")));
  return { ...test, isTelling };
}

/** ln of how many times as long one target took in its slowest stretch of the run as in its fastest one. */
function unsteadiness(pairs: readonly Pair[], target: "control" | "candidate"): number {
  const stretches = Math.min(mostStretches, Math.floor(pairs.length / pairsOfStretch));
  if (stretches < 2) return 0;
  const medians = inParts(pairs, stretches).map((stretch) => median(stretch.map((pair) => Math.log(Math.max(pair[target], finestMs)))));
  return Math.max(...medians) - Math.min(...medians);
}

/** Not of a small or short run: what stops a process for a moment makes a tail of many requests at once.
 * @param shift of the endpoint: a tail is told when it is longer than what the middle is slower by explains */
function tailTests(pairs: readonly Pair[], shift: number): LatencyTest[] {
  const evened = pairs.map((pair) => ({ ...pair, candidate: pair.candidate / shift }));
  return tails
    .filter(({ fewestPairs }) => pairs.length >= fewestPairs)
    .map(({ path, share }) => {
      const test = signTest(path, pairs, false, exceeding(pairs, share));
      return { ...test, isTelling: isLonger(evened, exceeding(evened, share)) };
    });
}

/** Whether one of the tails is that much longer, in the run and in enough of its parts: a process that stood still once is no slower build. */
function isLonger(pairs: readonly Pair[], signOf: (pair: Pair) => number): boolean {
  const direction = Math.sign(sum(pairs.map(signOf)));
  const isBeyond = (part: readonly Pair[]): boolean => {
    const signs = part.map((pair) => direction * signOf(pair));
    return signs.filter((sign) => sign > 0).length >= tellingTail * (signs.filter((sign) => sign < 0).length + 1);
  };
  return isBeyond(pairs) && inParts(pairs, windows).filter(isBeyond).length >= slowWindowsOfTail;
}

/** Which of a pair lies beyond a percentile of both targets' times together. Exchanging control and candidate leaves that bound where it
 * is, so between equal builds either exceeds it as often as the other; one drawn from the control's own times would be exceeded by the
 * candidate a little more often. */
function exceeding(pairs: readonly Pair[], share: "p95" | "p99"): (pair: Pair) => number {
  const bound = percentilesOf(pairs.flatMap(({ control, candidate }) => [control, candidate]))?.[share] ?? Number.POSITIVE_INFINITY;
  return (pair) => (slower(pair) === 0 ? 0 : Number(pair.candidate > bound) - Number(pair.control > bound));
}

function signTest(
  path: LatencyTest["path"],
  pairs: readonly Pair[],
  isSmall: boolean,
  signOf: (pair: Pair) => number,
): Omit<LatencyTest, "isTelling"> {
  const test = new SignTest();
  for (const pair of pairs) test.add(pair, signOf(pair));
  const direction = Math.sign(test.b - test.c);
  return {
    path,
    b: test.b,
    c: test.c,
    logE: test.twoSided(isSmall ? "requests" : "lanes"),
    shown: pairs.filter((pair) => direction !== 0 && signOf(pair) === direction).map(({ index }) => index),
  };
}

/** Whether the whole interval lies beyond a limit, overall and in enough windows.
 * @param direction 1: the candidate takes that much longer; −1: the control does */
function isApart(pairs: readonly Pair[], isSmall: boolean, logLimit: number, direction: 1 | -1): boolean {
  const isBeyond = (part: readonly Pair[]): boolean => {
    const interval = shiftOf(part, isSmall)?.interval ?? null;
    return interval !== null && direction * interval[direction === 1 ? 0 : 1] > logLimit;
  };
  return isBeyond(pairs) && inParts(pairs, windows).filter(isBeyond).length >= slowWindows;
}

function inParts(pairs: readonly Pair[], parts: number): readonly (readonly Pair[])[] {
  const start = (part: number): number => Math.round((part * pairs.length) / parts);
  return Array.from({ length: parts }, (_, part) => pairs.slice(start(part), start(part + 1)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
