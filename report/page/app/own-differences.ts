/** Which differences of an exchange a finding is about: an exchange that shows it often shows others as well. */

import type { FindingRow } from "../data.ts";
import type { SampleView } from "../sample-view.ts";

type Shown = SampleView["differences"][number];

export interface Parted {
  /** At the finding's places, the one that speaks for it first. */
  readonly own: readonly Shown[];
  /** In document order. */
  readonly others: readonly Shown[];
}

export function parted(differences: readonly Shown[], { places, kind }: Pick<FindingRow, "places" | "kind">): Parted {
  const patterns = [...new Set(places.map(([, place]) => place))];
  const rankOf = (difference: Shown): number => patterns.findIndex((pattern) => isAt(difference.place, pattern));
  const ranked = differences.map((difference) => ({ difference, rank: rankOf(difference), isOfKind: difference.kind === kind }));
  return {
    own: ranked
      .filter(({ rank }) => rank !== -1)
      .toSorted((a, b) => a.rank - b.rank || Number(b.isOfKind) - Number(a.isOfKind))
      .map(({ difference }) => difference),
    others: ranked.filter(({ rank }) => rank === -1).map(({ difference }) => difference),
  };
}

/** Keys that are data are `*` in a finding's place, and themselves in an exchange's. */
function isAt(place: string, pattern: string): boolean {
  if (place === pattern) return true;
  const [segments, wanted] = [place.split("/"), pattern.split("/")];
  return segments.length === wanted.length && wanted.every((each, index) => each === "*" || each === segments[index]);
}
