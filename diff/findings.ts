/** Writes clusters down as findings: counts, score, examples, and the state that baseline and accepted changes give them. */

import type { FindingDependence } from "../model/dependence.ts";
import type { Finding, FindingClass, FindingSignature, FindingState, Report, Signature } from "../model/report.ts";
import type { AcceptedChanges } from "./accepted.ts";
import type { Assessment } from "./assess.ts";
import type { Circumstance, Circumstances } from "./circumstances.ts";
import { byWeight } from "./cluster-order.ts";
import { type Cluster, cluster, familyKey } from "./clusters.ts";
import { classFound, confirms, dependenceOf } from "./dependence/of-finding.ts";
import { shownEvidence } from "./evidence.ts";
import { nameOf, namesOf } from "./finding-names.ts";
import { groupByReview, type ReviewGroup } from "./review-groups.ts";
import type { ReviewedChanges } from "./reviewed.ts";
import { severityOf } from "./severity.ts";
import { mainTransition, type SignatureRecord } from "./signatures.ts";
import { sinceBaseline, wasFixed } from "./since-baseline.ts";
import { splitByCondition } from "./split-by-condition.ts";
import type { ComparedExchange, RunTally } from "./tally.ts";
import { titleOf } from "./title.ts";
import type { Sample } from "./traffic-share.ts";

/** Exchanges named for each finding. */
const mostExemplars = 5;
/** Noise is listed for those who wonder, not in full. */
const mostNoise = 200;
/** Transitions listed of one signature; with more they are data, and stand there as one. */
const mostTransitions = 21;
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
  readonly reviewed: ReviewedChanges;
  readonly baseline: Report | null;
  /** Indexes of the exchanges at which a signature was counted; null = at all of its endpoint. */
  readonly countedAt: (record: SignatureRecord) => readonly number[] | null;
  /** Whether a rule of the user's hid it in this run. */
  readonly isHidden: (signature: Signature) => boolean;
  /** What the run stands for. */
  readonly sample: Sample;
  /** What experiments found, by fingerprint. */
  readonly dependences: ReadonlyMap<string, FindingDependence>;
}

export interface Findings {
  /** Ranked: real ones, then noise, then fixed. */
  readonly findings: Finding[];
  /** Numbers of the signatures that belong to a finding that is not noise. */
  readonly realSignatures: ReadonlySet<number>;
  /** Fingerprints of findings that are accepted changes at more places or more often than was accepted. */
  readonly widened: readonly string[];
  /** Of the baseline, what this run could not have seen. */
  readonly unseen: readonly Finding[];
}

export function findingsOf(assessments: readonly Assessment[], context: FindingContext): Findings {
  const byEndpoint = exchangesByEndpoint(context);
  const comparedAt = (endpoint: string): number => byEndpoint.get(endpoint)?.length ?? 0;
  const groups = groupByReview(assessments, context.reviewed, comparedAt);
  const acceptedFamilies = new Set(groups.accepted.map(familyKey));
  const placesAt = (endpoint: string): readonly number[] => byEndpoint.get(endpoint) ?? [];
  const whenOf: Circumstances["whenOf"] = (places, shown) => context.circumstances.whenOf(places, shown);
  const { clusters: joined, noise } = clustersOf(groups.open, comparedAt);
  const clusters = joined.flatMap((one) => splitByCondition(one, { placesAt, whenOf }));
  const realSignatures = new Set<number>();
  const widened: string[] = [];
  const stateOf = (members: readonly Assessment[], group: ReviewGroup, rate: number): FindingState => {
    const state = stateWithin(members, group, rate, context);
    const [main] = members;
    const isSpread = group === "open" && main !== undefined && acceptedFamilies.has(familyKey(main));
    if (main !== undefined && (state.isWider || isSpread)) widened.push(nameOf(main));
    return state.state;
  };
  const describeAll = (group: ReviewGroup, found: readonly Cluster[]): Finding[] =>
    found.map((one) => {
      const companions = one.members.flatMap((member) => groups.companions.get(member) ?? []);
      const members = [...one.members, ...companions.sort(byWeight)];
      for (const { record } of members) realSignatures.add(record.number);
      return describe(members, context, byEndpoint, (rate) => stateOf(members, group, rate));
    });
  const real = [
    ...describeAll("open", clusters),
    ...describeAll("accepted", clustersOf(groups.accepted, comparedAt).clusters),
    ...describeAll("known", clustersOf(groups.known, comparedAt).clusters),
  ];
  const noisy = noise
    .map((assessment) => describe([assessment], context, byEndpoint, () => "noise"))
    .sort((a, b) => b.count - a.count || rankText(a, b))
    .slice(0, mostNoise);
  real.sort((a, b) => b.score - a.score || rankText(a, b));
  const { fixed, unseen } = sinceBaseline(context.baseline, {
    // What the candidate still shows now and then may be noise now, but it is not fixed.
    current: assessments.filter(({ record }) => record.shown.length > 0),
    comparedAt,
    isHidden: context.isHidden,
    hasControl: context.run.hasControl,
  });
  return { findings: [...real, ...noisy, ...fixed.sort(rankText)], realSignatures, widened: widened.sort(), unseen: unseen.sort(rankText) };
}

/** What acceptance and baseline make of one cluster. */
function stateWithin(
  members: readonly Assessment[],
  group: ReviewGroup,
  rate: number,
  { accepted, reviewed, baseline, dependences }: FindingContext,
): { readonly state: FindingState; readonly isWider: boolean } {
  const fingerprints = members.flatMap((member) => namesOf(member).map(({ fingerprint }) => fingerprint));
  // What goes with an accepted change without having been seen with it is no widening.
  const acceptance = accepted.check(
    group === "accepted" ? fingerprints.filter((fingerprint) => reviewed.of(fingerprint) !== null) : fingerprints,
    rate,
  );
  if (group === "accepted" && acceptance === "accepted") return { state: "accepted", isWider: false };
  if (group === "known") return { state: "known", isWider: false };
  const isWider = acceptance === "accepted" || acceptance === "widened";
  if (isWider) return { state: "new", isWider };
  const hasReturned = members.some((member) => wasFixed(baseline, nameOf(member)));
  const isConfirmed = members[0]?.state !== "unconfirmed" || confirms(dependenceOf(dependences, fingerprints));
  const state = isConfirmed ? "new" : "unconfirmed";
  return { state: hasReturned ? "returned" : state, isWider };
}

/** Exchanges at which the members could show: those of their endpoints, or where all members there are counted from a moment on, those since. */
function placesOf(
  members: readonly Assessment[],
  byEndpoint: ReadonlyMap<string, readonly number[]>,
  { countedAt }: FindingContext,
): readonly number[] {
  const endpoints = Map.groupBy(members, ({ record }) => record.signature.endpoint);
  return [...endpoints].flatMap(([endpoint, there]) => {
    const counted = there.map(({ record }) => countedAt(record));
    return counted.includes(null) ? (byEndpoint.get(endpoint) ?? []) : [...new Set(counted.flatMap((each) => each ?? []))];
  });
}

/** A deviating instance of production and a fault of the candidate never have one cause. */
function clustersOf(assessments: readonly Assessment[], comparedAt: (endpoint: string) => number): ReturnType<typeof cluster> {
  const ofCandidate = assessments.filter(({ labels }) => labels === null);
  const { clusters, noise } = cluster(ofCandidate, comparedAt);
  const byPlace = Map.groupBy(
    assessments.filter(({ labels }) => labels !== null),
    ({ labels }) => JSON.stringify(labels),
  );
  const ofProduction = [...byPlace.values()].flatMap((members): readonly Cluster[] => cluster(members, comparedAt).clusters);
  return { clusters: [...clusters, ...ofProduction], noise };
}

function describe(
  members: readonly Assessment[],
  context: FindingContext,
  byEndpoint: ReadonlyMap<string, readonly number[]>,
  stateFor: (rate: number) => FindingState,
): Finding {
  const [main] = members as readonly [Assessment, ...Assessment[]];
  const { run } = context;
  const { signature } = main.record;
  const transition = mainTransition(main.record);
  const shown = new Set(members.flatMap(showing));
  const places = placesOf(members, byEndpoint, context);
  const rate = places.length === 0 ? 0 : shown.size / places.length;
  const id = nameOf(main);
  const fingerprints = [id, ...fingerprintsOf(members).filter((each) => each !== id)];
  const state = stateFor(rate);
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
    signatures: members.slice(0, mostSignatures).map((member) => signatureOf(member, state, byEndpoint)),
    fingerprints,
    example: { from: transition.from, to: transition.to },
    ...(dependence === null ? {} : { dependence }),
    ...(state === "noise" || !context.sample.isEstimable ? {} : { traffic: context.sample.shareOf(shown) }),
  };
}

/** With what people may accept there. */
function signatureOf(member: Assessment, state: FindingState, byEndpoint: ReadonlyMap<string, readonly number[]>): FindingSignature {
  const { signature } = member.record;
  if (state === "noise") return signature;
  const compared = byEndpoint.get(signature.endpoint)?.length ?? 0;
  const transitions = namesOf(member)
    .slice(0, mostTransitions)
    .map(({ transition, fingerprint, count }) => ({ transition, fingerprint, rate: Math.min(1, count / Math.max(1, compared)) }));
  return { ...signature, transitions };
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

function rankText(a: Finding, b: Finding): number {
  const [x, y] = [a, b].map(({ endpoint, location, path, kind, id }) => [endpoint, location, path, kind, id].join("\n")) as [
    string,
    string,
  ];
  return x < y ? -1 : Number(x > y);
}
