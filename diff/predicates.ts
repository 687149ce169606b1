/** From the features of requests to what a condition may say of them.
 *
 *    present ─► is present · is absent        equal ─► =value        about ─► ≥ n · < n
 *
 * Predicates that hold for the very same requests are one: the data cannot tell them apart, so the one that says it
 * most simply speaks for all, and they count as one test. */

import type { Feature, FeatureTable } from "./feature-table.ts";

/** Compared exchanges with one list of features. */
export interface ListCount {
  all: number;
  shows: number;
}

export interface Predicate {
  /** As people would say it: `query page is present`, `body field amount ≥ 100`. */
  readonly name: string;
  readonly feature: Feature;
  readonly all: number;
  readonly shows: number;
  /** Numbers of the features of which one has to be there, or none if negated. */
  readonly members: () => ReadonlySet<number>;
  readonly isNegated: boolean;
  /** Others that hold for the same requests. */
  readonly aliases: Predicate[];
}

interface Held extends ListCount {
  /** Sum over the lists that hold: equal for equal sets of lists, and additive as the counts are. */
  mark: number;
}

/** Predicates about the counted lists that hold for some and not for all, one for each set of requests.
 * @param least exchanges for which each must hold */
export function predicatesOf(lists: ReadonlyMap<number, ListCount>, table: FeatureTable, least: number): Predicate[] {
  const held = new Map<number, Held>();
  const total = nothing();
  for (const [list, count] of lists) {
    const part = { ...count, mark: markOf(list) };
    add(total, part);
    for (const number of table.membersOf(list)) {
      let sum = held.get(number);
      if (sum === undefined) held.set(number, (sum = nothing()));
      add(sum, part);
    }
  }
  const distinct = new DistinctPredicates(total, least);
  const buckets: Bucket[] = [];
  for (const [number, sum] of held) {
    const feature = table.features[number];
    if (feature === undefined) continue;
    const { attribute, form, value } = feature;
    const members = (): ReadonlySet<number> => new Set([number]);
    if (form === "about") buckets.push({ number, feature, sum, bound: Number(value) });
    if (form === "equal") distinct.add(sum, { name: `${attribute}=${value}`, feature, members, isNegated: false });
    if (form !== "present") continue;
    distinct.add(sum, { name: `${attribute} is present`, feature, members, isNegated: false });
    distinct.add(difference(total, sum), { name: `${attribute} is absent`, feature, members, isNegated: true });
  }
  for (const ofOne of Map.groupBy(buckets, ({ feature }) => feature.attribute).values()) addRanges(ofOne, distinct);
  return distinct.all();
}

interface Bucket {
  readonly number: number;
  readonly feature: Feature;
  readonly sum: Held;
  readonly bound: number;
}

/** For each bound between the buckets of an attribute, what lies below and what does not. */
function addRanges(buckets: readonly Bucket[], distinct: DistinctPredicates): void {
  const ascending = buckets.toSorted((a, b) => a.bound - b.bound);
  const whole = nothing();
  for (const { sum } of ascending) add(whole, sum);
  const below = nothing();
  for (const [index, { feature, bound, sum }] of ascending.entries()) {
    const numbers = (from: number, to: number) => (): ReadonlySet<number> => new Set(ascending.slice(from, to).map(({ number }) => number));
    distinct.add(below, { name: `${feature.attribute} < ${bound}`, feature, members: numbers(0, index), isNegated: false });
    const rest = difference(whole, below);
    distinct.add(rest, { name: `${feature.attribute} ≥ ${bound}`, feature, members: numbers(index, ascending.length), isNegated: false });
    add(below, sum);
  }
}

/** Predicates by the set of requests for which they hold. */
class DistinctPredicates {
  private readonly byRequests = new Map<string, Predicate>();
  private readonly total: Held;
  private readonly least: number;

  constructor(total: Held, least: number) {
    this.total = total;
    this.least = least;
  }

  add({ all, shows, mark }: Held, stated: Pick<Predicate, "name" | "feature" | "members" | "isNegated">): void {
    if (all < this.least || all === this.total.all) return;
    const key = `${all} ${shows} ${mark}`;
    const known = this.byRequests.get(key);
    const made: Predicate = { ...stated, all, shows, aliases: [] };
    if (known === undefined) this.byRequests.set(key, made);
    else if (isSimpler(made, known)) this.byRequests.set(key, { ...made, aliases: [known, ...known.aliases] });
    else known.aliases.push(made);
  }

  all(): Predicate[] {
    return [...this.byRequests.values()];
  }
}

/** Whether `predicate` holds for requests with these features. */
export function holdsFor(features: Uint16Array, members: ReadonlySet<number>, isNegated: boolean): boolean {
  return features.some((feature) => members.has(feature)) !== isNegated;
}

function nothing(): Held {
  return { all: 0, shows: 0, mark: 0 };
}

function add(sum: Held, part: Held): void {
  sum.all += part.all;
  sum.shows += part.shows;
  sum.mark = (sum.mark + part.mark) | 0;
}

function difference(whole: Held, part: Held): Held {
  return { all: whole.all - part.all, shows: whole.shows - part.shows, mark: (whole.mark - part.mark) | 0 };
}

/** Spreads the numbers of lists over 32 bits (finalizer of MurmurHash3), so that different sets have different sums. */
function markOf(list: number): number {
  let h = list + 1;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** What a person types before what a client adds; presence before a value, a value before a range, absence last. */
export function isSimpler(one: Predicate, other: Predicate): boolean {
  const [a, b] = [simplicity(one), simplicity(other)];
  return a < b || (a === b && one.name < other.name);
}

const places = ["path ", "query ", "body field ", "body ", "cookie ", "header ", "previous "];
const forms: readonly Feature["form"][] = ["present", "equal", "about"];

function simplicity({ feature, isNegated }: Predicate): number {
  const place = places.findIndex((prefix) => feature.attribute.startsWith(prefix));
  const form = isNegated ? forms.length : forms.indexOf(feature.form);
  return (place < 0 ? places.length : place) * (forms.length + 1) + form;
}
