/** Says which difference explains which other: a broken transport, another status, another media type, an absent parent.
 *
 * Causes are found by their place (all that explain a whole answer, then those at the places above a difference), so that the
 * work grows with the number of signatures and the depth of their paths, not with its square. */

import type { DifferenceKind } from "../model/difference.ts";
import type { Assessment } from "./assess.ts";
import { byWeight } from "./cluster-order.ts";
import { isOverLimit } from "./compare/beginnings.ts";
import { ancestorsOf } from "./json-pointers.ts";
import { areAlike, shareWithin } from "./request-sets.ts";

/** A cause covers a consequence that lies within it to this share. */
const coveredShare = 0.95;

const explainsItsChildren: ReadonlySet<DifferenceKind> = new Set([
  "json.missing",
  "json.extra",
  "json.type",
  "json.null",
  "json.element-count",
]);

/** What may explain something at one endpoint. */
interface EndpointCauses {
  /** Those of the answer as a whole. */
  readonly whole: Assessment[];
  /** Of these, other statuses and broken transports. */
  readonly broken: Assessment[];
  /** Those that explain what lies below them, by their path. */
  readonly byPath: Map<string, Assessment[]>;
}

/** For each signature the one of `real` that explains it, if any. */
export function causesFor(all: readonly Assessment[], real: readonly Assessment[]): Map<Assessment, Assessment> {
  const index = indexOf(real);
  const causes = new Map<Assessment, Assessment>();
  for (const assessment of all) {
    const here = index.get(assessment.record.signature.endpoint);
    if (here === undefined) continue;
    const [cause] = possibleCauses(here, assessment)
      .filter((one) => one !== assessment && covers(one, assessment))
      .sort((a, b) => causeRank(b) - causeRank(a) || a.record.signature.path.length - b.record.signature.path.length || byWeight(a, b));
    const found = cause ?? jointCause(here, assessment);
    if (found !== undefined) causes.set(assessment, found);
  }
  return causes;
}

/** Of several changes of the whole answer that only together cover what follows, such as a body that is gone with a 404 here and a 500
 * there: the one that it shares most with. */
function jointCause({ broken }: EndpointCauses, consequence: Assessment): Assessment | undefined {
  const { shown } = consequence.record;
  if (broken.length < 2 || causeRank(consequence) >= brokenRank || shown.length === 0) return undefined;
  const everywhere = new Set(broken.flatMap(({ record }) => record.shown));
  if (shown.filter((index) => everywhere.has(index)).length < coveredShare * shown.length) return undefined;
  return broken.toSorted((a, b) => shareWithin(consequence, b) - shareWithin(consequence, a) || byWeight(a, b))[0];
}

function indexOf(real: readonly Assessment[]): Map<string, EndpointCauses> {
  const index = new Map<string, EndpointCauses>();
  for (const assessment of real) {
    const rank = causeRank(assessment);
    if (rank === 0) continue;
    const { endpoint, path } = assessment.record.signature;
    const here = index.get(endpoint) ?? { whole: [], broken: [], byPath: new Map<string, Assessment[]>() };
    index.set(endpoint, here);
    if (rank >= brokenRank) here.broken.push(assessment);
    const list = rank > 1 ? here.whole : (here.byPath.get(path) ?? []);
    list.push(assessment);
    if (rank === 1) here.byPath.set(path, list);
  }
  return index;
}

function possibleCauses({ whole, byPath }: EndpointCauses, { record }: Assessment): Assessment[] {
  const { location, path } = record.signature;
  if (location !== "body") return [...whole];
  return [...whole, ...[...ancestorsOf(path)].flatMap((above) => byPath.get(above) ?? [])];
}

/** From here on there is no answer, or one about something else. */
const brokenRank = 4;

/** 0 = explains nothing else; larger explains smaller. */
function causeRank({ record }: Assessment): number {
  const { location, kind } = record.signature;
  if (location === "transport") return 5;
  if (location === "status") return 4;
  if (kind === "body.encoding") return 3;
  if (location !== "body") return 0;
  if (isOverLimit(record.apart)) return 0;
  if (kind.startsWith("body.") && kind !== "body.charset" && kind !== "body.size") return 2;
  return explainsItsChildren.has(kind) ? 1 : 0;
}

function covers(cause: Assessment, consequence: Assessment): boolean {
  const [above, below] = [cause.record.signature, consequence.record.signature];
  const rank = causeRank(cause);
  if (rank === 1 && !(below.location === "body" && below.path.startsWith(`${above.path}/`))) return false;
  // Another length says which elements are there, not what they are like.
  if (above.kind === "json.element-count" && !(below.kind.startsWith("json.element-") && below.path === `${above.path}/*`)) return false;
  if (rank === 2 && below.location !== "body") return false;
  // Another coding by itself changes nothing in the body; one that was only claimed leaves nothing to read.
  if (rank === 3 && below.kind !== "body.undecodable") return false;
  if (rank > 1 && causeRank(consequence) >= rank) return false;
  return areAlike(cause, consequence) || shareWithin(consequence, cause) >= coveredShare;
}
