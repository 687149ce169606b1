/** Compares two texts that stand at the same place: a JSON string, a header, a cookie, an attribute.
 * One event at most, at the coarsest level that differs. */

import type { Difference, DifferenceKind, Level, Location } from "../../model/difference.ts";
import { excerpt } from "./excerpt.ts";
import { formatOf, sameFormat } from "./formats.ts";
import { readIds } from "./identity.ts";
import { isZoneShift, readWrittenTime, timeShift } from "./moments.ts";
import type { AnswerPair } from "./pair.ts";
import { sameDistance } from "./times.ts";
import { textTransition } from "./transitions.ts";

/** Where the two texts stand, and what a difference there is called. */
export interface Site {
  readonly location: Location;
  readonly path: string;
  readonly formatKind: DifferenceKind;
  readonly valueKind: DifferenceKind;
  /** Null where no ids are expected: their values are noise or meaning, but no references. */
  readonly id: IdSite | null;
  /** How the values are shown. */
  readonly render: (text: string) => string;
}

export interface IdSite {
  readonly kind: DifferenceKind;
  /** Name of the member, or of the array the text is in. */
  readonly name: string;
  /** Class of the object that holds it. */
  readonly owner: string;
  readonly inArray: boolean;
}

/** Compares two texts; equal ones count as one leaf by value. */
export function compareText(left: string, right: string, site: Site, pair: AnswerPair): void {
  const ids = site.id === null ? null : readIds(left, right, site.id.name, site.id.owner);
  if (left === right) {
    if (ids === null) pair.ledger.agree();
    else pair.ledger.identify({ ...ids, left, right, inArray: site.id?.inArray ?? false, broken: null });
    return;
  }
  const event = (kind: DifferenceKind, level: Level, transition: string): Difference => {
    return { location: site.location, path: site.path, kind, level, from: site.render(left), to: site.render(right), transition };
  };
  if (!sameFormat(left, right)) {
    pair.ledger.differOnce(site, site.formatKind, () => event(site.formatKind, "format", formatTransition(left, right)));
  } else if (isZoneShift(left, right)) {
    pair.ledger.differOnce(site, site.formatKind, () => event(site.formatKind, "format", "zone shift"));
  } else if (isSameMoment(left, right, pair)) {
    pair.ledger.agreeByMoment(timeShift(left, right));
  } else if (ids !== null && site.id !== null) {
    pair.ledger.identify({ ...ids, left, right, inArray: site.id.inArray, broken: event(site.id.kind, "value", "reference") });
  } else {
    const differing = { left, right, kind: site.valueKind, place: site };
    differByValue(differing, pair, () => event(site.valueKind, "value", textTransition(left, right)));
  }
}

interface DifferingValues {
  readonly left: string;
  readonly right: string;
  readonly kind: DifferenceKind;
  /** The same object for the same place. */
  readonly place: object;
}

/** Two values of one format differ; of two times the other times of the answers have their say. */
export function differByValue({ left, right, kind, place }: DifferingValues, pair: AnswerPair, describe: () => Difference): void {
  const shift = timeShift(left, right);
  if (shift === null) pair.ledger.differOnce(place, kind, describe);
  else pair.ledger.differByTime(shift, describe());
}

/** "uuid→integer"; "format" when both have one name. */
export function formatTransition(left: string, right: string): string {
  const before = formatOf(left);
  const after = formatOf(right);
  return before === after ? "format" : `${before}→${after}`;
}

/** Two times about now, equally far from the Date of their answers. */
export function isSameMoment(left: string, right: string, pair: AnswerPair): boolean {
  const before = readWrittenTime(left);
  const after = before === null ? null : readWrittenTime(right);
  return before !== null && after !== null && sameDistance(before, after, pair.dates);
}

/** A site in a header, where values are shown as they are. */
export function headerSite(path: string, id: IdSite | null = null): Site {
  return { location: "header", path, formatKind: "header.format", valueKind: "header.value", id, render: excerpt };
}
