/** Writes clusters down as findings: counts, score, examples, and the state that baseline and accepted changes give them. */

import type { FindingDependence } from "../model/dependence.ts";
import type { Finding, FindingClass, FindingState, Report, Signature } from "../model/report.ts";
import type { AcceptedChanges } from "./accepted.ts";
import type { Assessment } from "./assess.ts";
import type { Circumstance, Circumstances } from "./circumstances.ts";
import { type Cluster, cluster } from "./clusters.ts";
import { classFound, confirms, dependenceOf } from "./dependence/of-finding.ts";
import { shownEvidence } from "./evidence.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { severityOf } from "./severity.ts";
import { mainTransition } from "./signatures.ts";
import type { ComparedExchange, RunTally } from "./tally.ts";
import { titleOf } from "./title.ts";

/** Exchanges named for each finding. */
const mostExemplars = 5;
/** Noise is listed for those who wonder, not in full. */
const mostNoise = 200;
/** Signatures listed of one finding. */
const mostSignatures = 500;
const percent = 100;
const scoreDigits = 2;

/** How sure a state is, as a factor of the score. */
const confidence: Readonly<Record<FindingState, number>> = {
  new: 1,
  returned: 1,
  known: 1,
  accepted: 1,
  unconfirmed: 0.5,
  noise: 0.1,
  fixed: 0,
};
/** How much of it is news. */
const novelty: Readonly<Record<FindingState, number>> = {
  new: 1,
  returned: 1,
  unconfirmed: 1,
  known: 0.5,
  accepted: 0.2,
  noise: 0.1,
  fixed: 0,
};

export interface FindingContext {
  readonly run: RunTally;
  readonly circumstances: Circumstances;
  readonly endpointNames: readonly string[];
  readonly accepted: AcceptedChanges;
  readonly baseline: Report | null;
  /** Whether a rule of the user's hid it in this run. */
  readonly isHidden: (signature: Signature) => boolean;
  /** What experiments found, by fingerprint. */
  readonly dependences: ReadonlyMap<string, FindingDependence>;
}

export interface Findings {
  /** Ranked: real ones, then noise, then fixed. */
  readonly findings: Finding[];
  /** Numbers of the signatures that belong to a finding that is not noise. */
  readonly realSignatures: ReadonlySet<number>;
  /** Fingerprints of accepted changes that now happen more often than was accepted. */
  readonly widened: readonly string[];
}

export function findingsOf(assessments: readonly Assessment[], context: FindingContext): Findings {
  const { clusters, noise } = clustersOf(assessments);
  const byEndpoint = exchangesByEndpoint(context);
  const realSignatures = new Set<number>();
  const widened: string[] = [];
  const real = clusters.map(({ members }) => {
    for (const { record } of members) realSignatures.add(record.number);
    return describe(members, context, byEndpoint, (fingerprints, rate) => {
      const acceptance = context.accepted.check(fingerprints, rate);
      if (acceptance === "accepted") return "accepted";
      if (acceptance === "widened") widened.push(fingerprints[0] ?? "");
      const since = acceptance === "widened" ? "new" : stateSince(context.baseline, fingerprints);
      const [strongest] = members;
      // What is known needs no new evidence.
      if (strongest?.state !== "unconfirmed" || since === "known") return since;
      return confirms(dependenceOf(context.dependences, fingerprints)) ? since : "unconfirmed";
    });
  });
  const noisy = noise
    .map((assessment) => describe([assessment], context, byEndpoint, () => "noise"))
    .sort((a, b) => b.count - a.count || rankText(a, b))
    .slice(0, mostNoise);
  real.sort((a, b) => b.score - a.score || rankText(a, b));
  // What the candidate still shows now and then may be noise now, but it is not fixed.
  const current = new Set(assessments.filter(({ record }) => record.shown.length > 0).map(nameOf));
  return { findings: [...real, ...noisy, ...fixedSince(context, current)], realSignatures, widened: widened.sort() };
}

/** A deviating instance of production and a fault of the candidate never have one cause. */
function clustersOf(assessments: readonly Assessment[]): ReturnType<typeof cluster> {
  const { clusters, noise } = cluster(assessments.filter(({ labels }) => labels === null));
  const byPlace = Map.groupBy(
    assessments.filter(({ labels }) => labels !== null),
    ({ labels }) => JSON.stringify(labels),
  );
  const ofProduction = [...byPlace.values()].flatMap((members): readonly Cluster[] => cluster(members).clusters);
  return { clusters: [...clusters, ...ofProduction], noise };
}

function describe(
  members: readonly Assessment[],
  context: FindingContext,
  byEndpoint: ReadonlyMap<string, readonly number[]>,
  stateFor: (fingerprints: readonly string[], rate: number) => FindingState,
): Finding {
  const [main] = members as readonly [Assessment, ...Assessment[]];
  const { run } = context;
  const { signature } = main.record;
  const transition = mainTransition(main.record);
  const shown = new Set(members.flatMap(showing));
  const places = [...new Set(members.map(({ record }) => record.signature.endpoint))].flatMap((endpoint) => byEndpoint.get(endpoint) ?? []);
  const rate = places.length === 0 ? 0 : shown.size / places.length;
  const id = nameOf(main);
  const fingerprints = [id, ...fingerprintsOf(members).filter((each) => each !== id)];
  const state = stateFor(fingerprints, rate);
  const strongest = members.reduce((best, member) => ((member.logE ?? 0) > (best.logE ?? 0) ? member : best), main);
  const dependence = state === "noise" ? null : dependenceOf(context.dependences, fingerprints);
  const { condition, labels } = state === "noise" ? nowhere : circumstanceOf(main, places, shown, context);
  const score = main.points * Math.log1p(rate * percent) * confidence[state] * novelty[state];
  return {
    id,
    state,
    severity: severityOf(main.points),
    score: Number(score.toFixed(scoreDigits)),
    class: classFound(dependence) ?? classOf(members, !run.hasControl && condition === null && labels !== null),
    title: titleOf(members),
    ...signature,
    transition: transition.text,
    count: shown.size,
    compared: places.length,
    rate,
    noiseRate: main.noiseRate,
    evidence: {
      b: strongest.b,
      c: strongest.c,
      e: strongest.logE === null ? null : shownEvidence(strongest.logE),
      probes: strongest.record.probes.length,
    },
    condition,
    labels,
    exemplars: exemplarsOf(main.labels === null && main.record.shown.length > 0 ? main.record.shown : showing(main), run),
    signatures: members.slice(0, mostSignatures).map(({ record }): Signature => record.signature),
    fingerprints,
    example: { from: transition.from, to: transition.to },
    ...(dependence === null ? {} : { dependence }),
  };
}

const nowhere: Circumstance = { condition: null, labels: null };

function circumstanceOf(
  main: Assessment,
  places: readonly number[],
  shown: ReadonlySet<number>,
  { circumstances }: FindingContext,
): Circumstance {
  return main.labels === null ? circumstances.of(places, shown) : { condition: null, labels: main.labels };
}

/** Indexes of the exchanges at which production and the other side differ. */
function showing({ record, labels }: Assessment): number[] {
  return labels === null ? [...record.shown, ...record.shownAfterGap] : [...new Set([...record.noisy, ...record.shown])];
}

/** What was accepted of one instance of production is not accepted of the candidate. */
function nameOf({ record, labels }: Assessment): string {
  const transition = mainTransition(record).text;
  return fingerprintOf(record.signature, labels === null ? transition : `heterogeneity ${transition}`);
}

/** Without a control, what only happens beside one label's production, whatever is asked, is that production's. */
function classOf(members: readonly Assessment[], isOfOneInstance: boolean): FindingClass {
  const known = members.find((member) => member.class !== "unclassified")?.class;
  return known ?? (isOfOneInstance ? "heterogeneity" : "unclassified");
}

function exemplarsOf(shown: readonly number[], run: RunTally): string[] {
  const exchanges = shown.map((index) => run.exchanges[index]).filter((exchange): exchange is ComparedExchange => exchange !== undefined);
  // Array sorting is stable, so equals stay in the order of the log.
  exchanges.sort((a, b) => a.size - b.size || a.shown.length - b.shown.length);
  return exchanges.slice(0, mostExemplars).map(({ id }) => id);
}

function exchangesByEndpoint(context: FindingContext): Map<string, number[]> {
  const byEndpoint = new Map<string, number[]>();
  for (const [index, { endpoint }] of context.run.exchanges.entries()) {
    const name = context.endpointNames[endpoint] ?? "";
    const list = byEndpoint.get(name);
    if (list === undefined) byEndpoint.set(name, [index]);
    else list.push(index);
  }
  return byEndpoint;
}

/** Sorted; of the members that show the same kind of change as the main one. The others are its consequences. */
function fingerprintsOf(members: readonly Assessment[]): string[] {
  const [main] = members;
  return members
    .filter(({ record, state }) => record.signature.kind === main?.record.signature.kind && state !== "noise")
    .map(nameOf)
    .sort()
    .slice(0, mostSignatures);
}

/** What a baseline says about a finding that is there now: known only where all of its places were. */
function stateSince(baseline: Report | null, fingerprints: readonly string[]): FindingState {
  const findings = baseline?.findings ?? [];
  const [id] = fingerprints;
  if (findings.some((finding) => finding.state === "fixed" && id !== undefined && finding.fingerprints.includes(id))) return "returned";
  const before = new Set(
    findings.filter(({ state }) => state === "new" || state === "known" || state === "returned").flatMap((finding) => finding.fingerprints),
  );
  return fingerprints.every((fingerprint) => before.has(fingerprint)) ? "known" : "new";
}

/** Findings of the baseline that are gone although their endpoint was compared, and no rule hides them. */
function fixedSince(context: FindingContext, current: ReadonlySet<string>): Finding[] {
  const compared = new Set(context.run.exchanges.map(({ endpoint }) => context.endpointNames[endpoint]));
  const before = (context.baseline?.findings ?? []).filter((finding) => !context.isHidden(finding));
  return before
    .filter(
      ({ id, fingerprints, state, endpoint }) =>
        (state === "new" || state === "known" || state === "returned" || state === "fixed") &&
        ![id, ...fingerprints].some((each) => current.has(each)) &&
        compared.has(endpoint),
    )
    .map((finding): Finding => ({ ...finding, state: "fixed", score: 0, count: 0, compared: 0, rate: 0, exemplars: [] }))
    .sort(rankText);
}

function rankText(a: Finding, b: Finding): number {
  const [x, y] = [a, b].map(({ endpoint, location, path, kind, id }) => [endpoint, location, path, kind, id].join("\n")) as [
    string,
    string,
  ];
  return x < y ? -1 : Number(x > y);
}
