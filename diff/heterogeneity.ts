/** Where does a finding happen? One instance of production whose answers differ from its sisters' (a deploy that missed
 * one server of eight) differs from control and candidate alike, so that the difference looks like noise:
 *
 *    production   a  b  c  d  e  f  g  H        H ≠ control, H ≠ candidate; all others = both
 *    difference   ·  ·  ·  ·  ·  ·  ·  N+D      concentrated on one value of a label
 *
 * It is no fault of the candidate, which is why such a finding stays below the usual gate; but what production
 * answered there is no standard to compare with, and somebody should look at that instance. */

import type { Assessment } from "./assess.ts";
import { type Condition, conditionOf } from "./condition.ts";
import { ConditionCases } from "./condition-cases.ts";
import type { FeatureTable } from "./feature-table.ts";
import { heterogeneityPoints } from "./severity.ts";
import type { RunTally } from "./tally.ts";

/** Fewer exchanges at which the control differs are no pattern. */
const leastNoisy = 5;
/** Share of these at which the candidate differs too: production stands alone, rather than the control. */
const agreedShare = 0.8;
/** Lanes that saw it: what only one session met may be that session's. */
const leastLanes = 2;

/** The number of the list of an exchange's labels (instance, build, zone). */
export function labelList(labels: Readonly<Record<string, string>>, table: FeatureTable): number {
  return table.listOf(Object.entries(labels).map(([name, value]) => table.attribute(name).equal(value)));
}

/** The labels that tell where something happens: those of the condition and all that always go with them. */
export function labelsIn(condition: Condition): Record<string, string> {
  const features = condition.predicates.flatMap((predicate) => [predicate, ...predicate.aliases]).map(({ feature }) => feature);
  const byName = features.toSorted((a, b) => (a.attribute < b.attribute ? -1 : 1));
  return Object.fromEntries(byName.map(({ attribute, value }) => [attribute, value]));
}

/** Makes findings of the signatures that only one label's production shows; the others stay as they are. */
export function findHeterogeneity(assessments: readonly Assessment[], run: RunTally, labels: FeatureTable): readonly Assessment[] {
  if (labels.features.length < 2) return assessments;
  const suspects = new Set(assessments.filter((assessment) => isSuspect(assessment, run)));
  const placesAt = Map.groupBy(run.exchanges.keys(), (index) => run.exchanges[index]?.endpoint);
  const cases = new ConditionCases(run);
  return assessments.map((assessment) => {
    if (!suspects.has(assessment)) return assessment;
    const { noisy } = assessment.record;
    const places = (placesAt.get(run.exchanges[noisy[0] ?? 0]?.endpoint) ?? []).filter((index) => run.exchanges[index]?.afterGap === false);
    const condition = conditionOf(cases.of(places, new Set(noisy), "labels"), labels, suspects.size);
    if (condition === null) return assessment;
    const points = Math.min(assessment.points, heterogeneityPoints);
    return { ...assessment, points, state: "new", class: "heterogeneity", isMasked: false, labels: labelsIn(condition) };
  });
}

function isSuspect({ state, record: { shown, noisy } }: Assessment, run: RunTally): boolean {
  if (state === "new" || noisy.length < leastNoisy) return false;
  const ofCandidate = new Set(shown);
  const agreed = noisy.filter((index) => ofCandidate.has(index));
  return agreed.length >= agreedShare * noisy.length && new Set(noisy.map((index) => run.exchanges[index]?.lane)).size >= leastLanes;
}
