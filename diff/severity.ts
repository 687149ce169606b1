/** How much a kind of difference matters, on the scale by which findings are ranked (0 to 100). */

import type { DifferenceKind, Location } from "../model/difference.ts";
import type { Severity } from "../model/report.ts";

/** Headers that carry references or protect the user: losing or changing one breaks clients or opens a hole. */
const weightyHeaders: ReadonlySet<string> = new Set([
  "access-control-allow-credentials",
  "access-control-allow-origin",
  "authorization",
  "content-disposition",
  "content-security-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "location",
  "permissions-policy",
  "proxy-authenticate",
  "referrer-policy",
  "retry-after",
  "set-cookie",
  "strict-transport-security",
  "www-authenticate",
  "x-content-type-options",
  "x-frame-options",
]);

const points = {
  broken: 100,
  statusClass: 80,
  shape: 60,
  elements: 50,
  value: 40,
  format: 30,
  /** An ordinary header: clients rarely read it, so its loss does not weigh like a lost field (60), but more than an addition. */
  ordinaryHeader: 30,
  order: 15,
  addition: 10,
  lexeme: 2,
} as const;

/** Most that one deviating instance of production weighs: worth knowing, but no fault of the candidate. */
export const heterogeneityPoints = 20;

/** Of a time that an answer says something took, where that is noise: as of latency. */
export const timingPoints = 0;

const pointsOfKind: Readonly<Record<DifferenceKind, number>> = {
  "transport.connect": points.broken,
  "transport.timeout": points.broken,
  "transport.reset": points.broken,
  "transport.truncated": points.broken,
  "transport.framing": points.broken,
  "status.class": points.statusClass,
  "status.code": points.shape,
  "header.missing": points.ordinaryHeader,
  "header.extra": points.addition,
  "header.value": points.ordinaryHeader,
  "header.format": points.format,
  "header.multiplicity": points.ordinaryHeader,
  "header.cookie-attribute": points.shape,
  "body.media-type": points.shape,
  "body.charset": points.format,
  "body.encoding": points.format,
  "body.undecodable": points.shape,
  "body.unparseable": points.shape,
  "body.empty": points.shape,
  "body.size": points.value,
  "body.opaque": points.value,
  "json.missing": points.shape,
  "json.extra": points.addition,
  "json.type": points.shape,
  "json.null": points.shape,
  "json.value": points.value,
  "json.number-lexeme": points.lexeme,
  "json.number-precision": points.value,
  "json.format": points.format,
  "json.constant": points.shape,
  "json.duplicate-key": points.format,
  "json.element-missing": points.elements,
  "json.element-extra": points.addition,
  "json.element-count": points.elements,
  "json.order": points.order,
  "json.reference": points.shape,
  "json.embedded": points.value,
  "text.line": points.value,
  "text.block": points.elements,
  "markup.element": points.elements,
  "markup.attribute": points.value,
  "markup.text": points.value,
  "latency.paired": timingPoints,
  "latency.tail": timingPoints,
  "replay.correlation-miss": 0,
  "replay.skipped": 0,
};

/** Least points of each severity (report.json's contract). */
const leastLow = 10;
const leastMedium = 30;
const leastHigh = 60;
const lowestServerError = 500;

/** Points of one signature.
 * @param transition its usual transition: a change to a 5xx status weighs like a broken transport */
export function severityPoints(location: Location, path: string, kind: DifferenceKind, transition: string): number {
  if (location === "status" && Number(transition.split("→")[1]) >= lowestServerError) return points.broken;
  if (location === "header" && weightyHeaders.has(path.split("/", 1)[0] ?? "") && kind !== "header.extra") return points.shape;
  return pointsOfKind[kind];
}

/** The word for a number of points. */
export function severityOf(score: number): Severity {
  if (score >= leastHigh) return "high";
  if (score >= leastMedium) return "medium";
  return score >= leastLow ? "low" : "info";
}

const rank: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 2, high: 3 };

/** Whether `severity` is at or over `least`. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return rank[severity] >= rank[least];
}
