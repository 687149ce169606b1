/** Parts what was accepted or known from what is open, before it is clustered: a finding covers what was seen when it was accepted, and
 * whatever else there is becomes a finding of its own.
 *
 *    assessments ──► accepted │ known │ open
 *                       ▲         ▲       │ rare other values of the same place, and what follows from an answer
 *                       └─────────┴───────┘ that was replaced as a whole, go with what explains them */

import type { Assessment } from "./assess.ts";
import { causesFor } from "./causes.ts";
import { anyTransition, namesOf } from "./finding-names.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { ReviewedChanges, ReviewedPlace } from "./reviewed.ts";

/** Standard deviations by which a count has to be over what the greatest rate makes likely. */
const clearlyMore = 3;
/** Another value at a place whose other values are accepted: up to this share of them it is one more of the kind. */
const minorShare = 0.05;

export type ReviewGroup = "accepted" | "known" | "open";

/** Every assessment once: in its group, or among those that go with one of a group. Noise is open. */
export interface ReviewGroups extends Readonly<Record<ReviewGroup, readonly Assessment[]>> {
  /** By the one that explains them. */
  readonly companions: ReadonlyMap<Assessment, readonly Assessment[]>;
}

/** @param comparedAt exchanges compared at an endpoint */
export function groupByReview(
  assessments: readonly Assessment[],
  reviewed: ReviewedChanges,
  comparedAt: (endpoint: string) => number,
): ReviewGroups {
  const groupOf = new Map<Assessment, ReviewGroup>(
    assessments.map((one) => [one, one.state === "noise" ? "open" : ownGroup(one, reviewed, comparedAt(one.record.signature.endpoint))]),
  );
  const seen = assessments.filter((one) => groupOf.get(one) !== "open");
  const open = assessments.filter((one) => groupOf.get(one) === "open" && one.state !== "noise");
  const siblings = new Map(seen.map((one) => [placeOf(one), one]));
  const causes = causesFor(open, seen.filter(replacesTheAnswer));
  const companions = new Map<Assessment, Assessment[]>();
  for (const one of open) {
    const sibling = siblings.get(placeOf(one));
    const host = causes.get(one) ?? (sibling !== undefined && isMinor(one, sibling) ? sibling : undefined);
    if (host === undefined) continue;
    groupOf.delete(one);
    companions.set(host, [...(companions.get(host) ?? []), one]);
  }
  const members = (group: ReviewGroup): Assessment[] => assessments.filter((one) => groupOf.get(one) === group);
  return { accepted: members("accepted"), known: members("known"), open: members("open"), companions };
}

/** By its own transitions: all of them were seen, none much more rarely. */
function ownGroup(one: Assessment, reviewed: ReviewedChanges, compared: number): ReviewGroup {
  const any = fingerprintOf(one.record.signature, anyTransition);
  const names = namesOf(one).filter(({ transition }) => transition !== anyTransition);
  const places = names.map(({ fingerprint, count }) => ({ place: reviewed.of(fingerprint, any), count }));
  if (places.length === 0 || places.some(({ place, count }) => place === null || isExceeded(place, count, compared))) return "open";
  return places.every(({ place }) => place?.by === "accepted") ? "accepted" : "known";
}

function isExceeded({ maxRate }: ReviewedPlace, count: number, compared: number): boolean {
  if (maxRate === null) return false;
  const expected = maxRate * compared;
  return count > expected + clearlyMore * Math.sqrt(expected * (1 - maxRate));
}

/** Then the rest of the answer is another document, and what it lacks is no news. */
function replacesTheAnswer({ record }: Assessment): boolean {
  const { location, kind } = record.signature;
  return (
    location === "transport" || kind === "status.class" || (kind.startsWith("body.") && kind !== "body.charset" && kind !== "body.size")
  );
}

function isMinor({ state, record }: Assessment, sibling: Assessment): boolean {
  const isValue = /^(?:json\.value|header\.value|text\.|markup\.(?:text|attribute))/.test(record.signature.kind);
  return isValue && state === "unconfirmed" && record.shown.length <= minorShare * sibling.record.shown.length;
}

function placeOf({ record, labels }: Assessment): string {
  const { endpoint, location, path, kind } = record.signature;
  return JSON.stringify([record.anchor, endpoint, location, path, kind, labels]);
}
