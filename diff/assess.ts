/** Decides about every signature: regression, noise, or not known.
 *
 *    weights ──► e-BH ──► new
 *            not selected ──► small-run rule ──► new · unconfirmed · noise
 *
 * The rule for small runs and for faults that come and go is argued in docs/decisions/0002-small-runs.md. */

import type { FindingClass } from "../model/report.ts";
import type { MaskedTest } from "./masked-test.ts";
import type { MaskedValues } from "./masked-values.ts";
import { falseShare, select, suspectShare } from "./selection.ts";
import { severityOf, severityPoints } from "./severity.ts";
import { mainTransition, type ProbeAnswer, placeKey, type SignatureRecord } from "./signatures.ts";
import type { RunTally } from "./tally.ts";
import { isNoisyTiming } from "./timings.ts";
import { isVolatileLeaf } from "./volatile.ts";
import { backgroundOf, fewestLanes, isFailure, isStructural, type Weight, weigh } from "./weigh.ts";

/** Distinct requests, after the revealing one, that convince by themselves in a small run: E(10,0) = 186. */
export const convincingRequests = 10;
/** Without a control, distinct requests that must show a difference. */
const leastRequestsWithoutControl = 3;
/** What happened once and not again when asked is an accident of the moment. From E = 20 on (level .05) the candidate keeps doing it, only
 * not at every request: a probe of nine sends meets a fault of 2 % one time in six. */
export const persistentLogE: number = Math.log(20);
/** E = 4: six distinct requests beside the revealing one, and one of the control's. */
const likelyLogE = Math.log(4);
const mostly = 0.5;
/** Lanes in which it happened, of many, are no single accident either. */
const recurrentLanes = 2;

export interface Assessment {
  readonly record: SignatureRecord;
  readonly points: number;
  readonly b: number;
  readonly c: number;
  /** Natural logarithm; null without a control. */
  readonly logE: number | null;
  readonly state: "new" | "unconfirmed" | "noise";
  readonly class: FindingClass;
  /** N over half of the endpoint's exchanges, at the level of values. */
  readonly isMasked: boolean;
  /** Share of the endpoint's exchanges at which the control shows it. */
  readonly noiseRate: number;
  /** Of a heterogeneity, the labels of the production that shows it. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** Assesses all signatures of a run, in the order given, and after them what the values of the masked ones say. */
export function assess(records: readonly SignatureRecord[], run: RunTally, maskedValues: MaskedValues): Assessment[] {
  const background = backgroundOf(records, run);
  const direct = records.map((record) => weigh(record, run, background));
  const weighed = [...direct, ...direct.flatMap((weight) => (saysMoreByValues(weight) ? maskedWeights(weight, maskedValues, run) : []))];
  const candidates = weighed.map(({ points, logE }) => ({
    isHigh: severityOf(points) === "high",
    logE: logE ?? Number.NEGATIVE_INFINITY,
  }));
  const selected = select(candidates, falseShare);
  const suspected = select(candidates, suspectShare);
  const assessments = weighed.map(
    (weight, index): Assessment => ({
      record: weight.record,
      points: weight.points,
      b: weight.b,
      c: weight.c,
      logE: weight.logE,
      isMasked: weight.isMasked,
      noiseRate: weight.noiseRate,
      labels: null,
      class: classOf(weight.record),
      state: run.hasControl
        ? stateOf(weight, { isSelected: selected.has(index), isSuspected: suspected.has(index) }, run)
        : stateWithoutControl(weight, run),
    }),
  );
  // What the values of a masked leaf do not say is no noise besides the leaf's own.
  return assessments.filter(({ state }, index) => state !== "noise" || weighed[index]?.masked === null);
}

/** Whether what differs says less than by how much: values of a masked leaf, and times. */
function saysMoreByValues({ record, isMasked }: Weight): boolean {
  const { anchor, signature, shown, noisy, isValueLevel } = record;
  const isTiming = isValueLevel && isNoisyTiming(signature, mainTransition(record), shown.length, noisy.length);
  return anchor === "primary" && (isMasked || isTiming);
}

/** One signature for each thing that a masked leaf's values may say; it stands for the same exchanges as the leaf's own. */
function maskedWeights({ record, noiseRate, ownRate, groups, lanes }: Weight, maskedValues: MaskedValues, run: RunTally): Weight[] {
  const { signature } = record;
  const tests = maskedValues.testsOf(signature.endpoint, placeKey(signature), run.lanes < fewestLanes);
  return tests.map((masked) => {
    const { from, to } = mainTransition(record);
    const transitions = new Map([[masked.transition, { count: record.shown.length, from, to, text: masked.transition }]]);
    const own: SignatureRecord = { ...record, signature: { ...signature, kind: masked.kind }, transitions, probes: [] };
    const { b, c, logE, requests } = masked;
    const points = severityPoints(signature.location, signature.path, masked.kind, masked.transition);
    return {
      record: own,
      points,
      b,
      c,
      requests,
      lanes,
      logE,
      askersLogE: logE,
      isMasked: false,
      noiseRate,
      ownRate,
      isNoisy: true,
      groups,
      masked,
    };
  });
}

interface Selection {
  readonly isSelected: boolean;
  /** Selected at the level of what is worth a look. */
  readonly isSuspected: boolean;
}

function stateOf(weight: Weight, selection: Selection, run: RunTally): Assessment["state"] {
  const { record, points, c, logE } = weight;
  if (record.shown.length === 0 || weight.isMasked) return "noise";
  if (weight.masked !== null) return stateOfMasked(weight, weight.masked, selection.isSelected, run);
  const answers = new Set(record.probes.map(({ answer }) => answer));
  const isSmall = run.lanes < fewestLanes;
  // In a small run the e-value rests on an assumption that a probe contradicts.
  if (selection.isSelected && !(isSmall && isContradicted(answers))) return "new";
  if (isSmall && isFailure(record) && answers.has("separated") && (logE ?? 0) >= persistentLogE) return "new";
  if (!selection.isSuspected && !isGrave(weight, isSmall)) {
    if (c > 0 || weight.isNoisy) return "noise";
    if (isContradicted(answers) && !isPersistent(weight, answers, isSmall)) return "noise";
  }
  if (c === 0 && !weight.isNoisy && isConfirmed(weight, answers, isSmall)) return "new";
  return isWorthConfirming(points) ? "unconfirmed" : "noise";
}

/** An error of the build, or a loss as grave, that the control has, too, but surely less often. A small run asks for less where the candidate shows
 * it at most requests: one blip of the control must not take an endpoint that is down. */
function isGrave({ record, points, logE, askersLogE, ownRate }: Weight, isSmall: boolean): boolean {
  if (!isStructural(record) && severityOf(points) !== "high") return false;
  return Math.max(logE ?? 0, askersLogE) >= (isSmall && ownRate >= mostly ? likelyLogE : persistentLogE);
}

function isContradicted(answers: ReadonlySet<ProbeAnswer>): boolean {
  return !answers.has("separated") && (answers.has("refuted") || answers.has("unrepeated"));
}

/** Whether a difference stands although sending its request again did not show it. What the build itself brings about, such as an
 * error or a lost header, is no accident of data that changed meanwhile. */
function isPersistent({ record, logE, lanes }: Weight, answers: ReadonlySet<ProbeAnswer>, isSmall: boolean): boolean {
  if ((logE ?? 0) >= persistentLogE) return true;
  return !answers.has("refuted") && (isStructural(record) || (!isSmall && lanes >= recurrentLanes));
}

/** Whether a difference that the control never shows convinces without the evidence that a large run asks for. */
function isConfirmed({ groups, requests }: Weight, answers: ReadonlySet<ProbeAnswer>, isSmall: boolean): boolean {
  const isSeparated = answers.has("separated");
  // A rare endpoint earns little evidence even in a large run; what all its lanes show and every probe repeats is no accident.
  if (isSeparated && groups.isWidespread) return true;
  return isSmall && (isSeparated || groups.isDetermined || requests >= convincingRequests);
}

/** The leaf itself is noise, so only its own evidence counts, and repeating where the control never does. */
function stateOfMasked({ requests, c }: Weight, { isPlain }: MaskedTest, isSelected: boolean, run: RunTally): Assessment["state"] {
  if (isSelected || (isPlain && c === 0 && run.lanes < fewestLanes && requests >= convincingRequests)) return "new";
  return isPlain ? "unconfirmed" : "noise";
}

function stateWithoutControl(weight: Weight, run: RunTally): Assessment["state"] {
  const { record, points } = weight;
  if (record.shown.length === 0) return "noise";
  const { shown, steady, isValueLevel } = record;
  if (isValueLevel && (record.isUnsteady || isVolatileLeaf(shown.length, steady.length))) return "noise";
  const requests = new Set((isValueLevel ? steady : shown).map((index) => run.exchanges[index]?.content)).size;
  if (requests >= leastRequestsWithoutControl || record.probes.some(({ answer }) => answer === "separated")) return "new";
  return isWorthConfirming(points) ? "unconfirmed" : "noise";
}

/** What is information only is nothing to look into. */
function isWorthConfirming(points: number): boolean {
  return severityOf(points) !== "info";
}

function classOf(record: SignatureRecord): FindingClass {
  if (record.probes.some(({ answer }) => answer === "separated")) return "deterministic";
  return record.probes.some(({ answer }) => answer === "flaky") ? "flaky" : "unclassified";
}
