/** When does a finding happen? The one or two request predicates that tell best, said with their counts:
 * "only when query _start is present: 18/18, else 0/87".
 *
 *    counts by list of features ─► predicates ─► those that hold wherever it shows ─► pairs of them
 *                                                     └── best by support × ln(risk ratio) that is no accident
 *
 * Among many predicates some fit by chance, so each is tested by Fisher's exact test, with the level divided by the
 * number of predicates tried (Bonferroni). Requests of one session depend on each other, as noise in them does: the
 * test has to hold for exchanges and for units. A second predicate must earn its place among the requests of the first. */

import type { FeatureTable } from "./feature-table.ts";
import { type FourFold, fisherTail } from "./fisher.ts";
import { holdsFor, isSimpler, type ListCount, type Predicate, predicatesOf } from "./predicates.ts";

/** Fewer exchanges than this are no pattern. */
const leastSupport = 5;
/** Share of the showing exchanges for which a condition must hold, to say "only when": the rest may be noise. */
const coveredShare = 0.95;
/** Chance that a finding gets a condition although none of the features has to do with it. */
const level = 0.01;
/** Predicates looked at in pairs: as many as are bits of a mask that stays a small integer. */
const mostPaired = 20;
/** Best candidates tested before giving up. */
const mostTested = 60;

export interface ConditionCase {
  /** Number of a list in the feature table. */
  readonly list: number;
  /** What counts as one case of evidence: a lane, or in small runs a request of a lane. */
  readonly unit: number;
  readonly shows: boolean;
}

export interface Condition {
  /** One or two; both hold. */
  readonly predicates: readonly Predicate[];
  readonly counts: FourFold;
}

/** Null when nothing differs, everything does, or no predicate separates the two better than chance would.
 * @param cases all compared exchanges at the finding's endpoints
 * @param searches how many such searches are made for one answer; the level is divided among them */
export function conditionOf(cases: readonly ConditionCase[], table: FeatureTable, searches: number = 1): Condition | null {
  const lists = new Map<number, ListCount>();
  let shown = 0;
  for (const { list, shows } of cases) {
    const count = lists.get(list) ?? { all: 0, shows: 0 };
    count.all++;
    if (shows) count.shows++;
    if (shows) shown++;
    lists.set(list, count);
  }
  if (shown < leastSupport || shown === cases.length) return null;
  const all = predicatesOf(lists, table, leastSupport);
  const total = { all: cases.length, shows: shown };
  const fitting = all
    .filter(({ shows }) => shows >= leastSupport && shows >= coveredShare * shown)
    .map((predicate) => candidateOf([predicate], predicate, total))
    .sort(byScore)
    .slice(0, mostPaired);
  const grid = new Grid(
    cases,
    fitting.flatMap(({ predicates }) => predicates),
    table,
  );
  const singleLevel = level / (searches * all.length);
  const pairs = pairsOf(fitting, grid, total);
  const pairLevel = singleLevel / Math.max(1, pairs.length);
  for (const candidate of [...fitting, ...pairs].sort(byScore).slice(0, mostTested)) {
    const { predicates } = candidate;
    const [first, second] = predicates;
    if (first === undefined || candidate.score <= 0) continue;
    const allowed = second === undefined ? singleLevel : pairLevel;
    // Of two, each must also tell something among the requests of the other.
    const givens = second === undefined ? [[]] : [[], [first], [second]];
    if (givens.every((given) => grid.chance(predicates, given) <= allowed)) return candidate;
  }
  return null;
}

/** "only when currency=JPY: 41/41, else 0/1,960", without the grouping of digits. */
export function conditionText({ predicates, counts }: Condition): string {
  const when = predicates.map(({ name }) => name).join(" and ");
  return `only when ${when}: ${counts.shows}/${counts.all}, else ${counts.elseShows}/${counts.elseAll}`;
}

interface Candidate extends Condition {
  readonly score: number;
}

function candidateOf(predicates: readonly Predicate[], held: ListCount, total: ListCount): Candidate {
  const counts: FourFold = {
    shows: held.shows,
    all: held.all,
    elseShows: total.shows - held.shows,
    elseAll: total.all - held.all,
  };
  // Half a case more in each cell keeps the ratio finite where nothing shows it.
  const risk = (counts.shows + 0.5) / (counts.all + 1);
  const elseRisk = (counts.elseShows + 0.5) / (counts.elseAll + 1);
  return { predicates, counts, score: counts.shows * Math.log(risk / elseRisk) };
}

function pairsOf(singles: readonly Candidate[], grid: Grid, total: ListCount): Candidate[] {
  return singles.flatMap(({ predicates: [one], counts: { all } }, index) =>
    singles.slice(index + 1).flatMap(({ predicates: [other], counts: { all: otherAll } }) => {
      if (one === undefined || other === undefined) return [];
      const both = isSimpler(one, other) ? [one, other] : [other, one];
      const held = grid.exchanges(both);
      const narrows = held.all < Math.min(all, otherAll);
      return narrows && held.shows >= leastSupport && held.shows >= coveredShare * total.shows ? [candidateOf(both, held, total)] : [];
    }),
  );
}

/** Best first; among equals the shorter, then the simpler. */
function byScore(a: Candidate, b: Candidate): number {
  const [x, y] = [a.predicates[0], b.predicates[0]];
  const bySimplicity = x === undefined || y === undefined || x === y ? 0 : isSimpler(x, y) ? -1 : 1;
  return b.score - a.score || a.predicates.length - b.predicates.length || bySimplicity;
}

interface Cell {
  all: number;
  shows: number;
  readonly unitsShowing: Set<number>;
  readonly unitsNot: Set<number>;
}

function newCell(): Cell {
  return { all: 0, shows: 0, unitsShowing: new Set(), unitsNot: new Set() };
}

function merge(sum: Cell, part: Cell): void {
  sum.all += part.all;
  sum.shows += part.shows;
  for (const unit of part.unitsShowing) sum.unitsShowing.add(unit);
  for (const unit of part.unitsNot) sum.unitsNot.add(unit);
}

function fourFold(inside: ListCount, outside: ListCount): FourFold {
  return { shows: inside.shows, all: inside.all, elseShows: outside.shows, elseAll: outside.all };
}

/** The cases sorted by which of a few predicates hold for them: one bit each. */
class Grid {
  private readonly cells = new Map<number, Cell>();
  private readonly bits = new Map<Predicate, number>();

  constructor(cases: readonly ConditionCase[], predicates: readonly Predicate[], table: FeatureTable) {
    const tests = predicates.map((predicate, index) => {
      this.bits.set(predicate, 1 << index);
      return { bit: 1 << index, members: predicate.members(), isNegated: predicate.isNegated };
    });
    const masks = new Map<number, number>();
    for (const { list, unit, shows } of cases) {
      let mask = masks.get(list);
      if (mask === undefined) {
        const features = table.membersOf(list);
        mask = tests.reduce((sum, test) => (holdsFor(features, test.members, test.isNegated) ? sum | test.bit : sum), 0);
        masks.set(list, mask);
      }
      this.count(mask, unit, shows);
    }
  }

  /** Exchanges for which all of the predicates hold. */
  exchanges(predicates: readonly Predicate[]): ListCount {
    const wanted = this.maskOf(predicates);
    const sum = { all: 0, shows: 0 };
    for (const [mask, { all, shows }] of this.cells) {
      if ((mask & wanted) !== wanted) continue;
      sum.all += all;
      sum.shows += shows;
    }
    return sum;
  }

  /** Probability that the predicates fit so well by accident, among the cases for which the given ones hold. Both counts
   * have to say so: exchanges of one unit agree for reasons of their own, and a unit of many exchanges is in most cells. */
  chance(predicates: readonly Predicate[], given: readonly Predicate[]): number {
    const { exchanges, units } = this.table(predicates, given);
    return Math.max(fisherTail(exchanges), fisherTail(units));
  }

  /** Exchanges and units by whether the predicates hold and the finding shows; a unit that is both ways counts in both. */
  private table(predicates: readonly Predicate[], given: readonly Predicate[]): { exchanges: FourFold; units: FourFold } {
    const [wanted, needed] = [this.maskOf(predicates), this.maskOf(given)];
    const [inside, outside] = [newCell(), newCell()];
    for (const [mask, cell] of this.cells) if ((mask & needed) === needed) merge((mask & wanted) === wanted ? inside : outside, cell);
    const unitsIn = (cell: Cell): ListCount => ({ shows: cell.unitsShowing.size, all: cell.unitsShowing.size + cell.unitsNot.size });
    return { exchanges: fourFold(inside, outside), units: fourFold(unitsIn(inside), unitsIn(outside)) };
  }

  private count(mask: number, unit: number, shows: boolean): void {
    let cell = this.cells.get(mask);
    if (cell === undefined) this.cells.set(mask, (cell = newCell()));
    cell.all++;
    if (shows) cell.shows++;
    (shows ? cell.unitsShowing : cell.unitsNot).add(unit);
  }

  private maskOf(predicates: readonly Predicate[]): number {
    return predicates.reduce((mask, predicate) => mask | (this.bits.get(predicate) ?? 0), 0);
  }
}
