/** Does it need requests that overlap? The recorded overlap again, against the same requests one after the other; then the fewest
 * requests, the fewest overlaps among them, and the longest time between their sends.
 *
 *    A ├─────┤         A ├─────┤
 *     B ├────┤    ─►    C ├────┤    ─►   "C within 3 ms of A"
 *     C ├────┤                                                                  */

import {
  type Count,
  dependsOnOverlap,
  fewestForAnotherLook,
  looks,
  mostRepeats,
  repeatsFor,
  totalOf,
} from "../../diff/dependence/decision.ts";
import type { Exchange } from "../../model/exchange.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { type Conclusion, distinct, type Means, withSubject } from "./conclusion.ts";
import { type Delta, type DeltaTest, ddmin } from "./ddmin.ts";
import { densePlan, type Plan, recordedPlan, retimed, serialPlan } from "./plan.ts";
import { series, type Tally } from "./series.ts";
import type { Surroundings } from "./surroundings.ts";

/** To see whether it shows at all. */
const firstLook = 4;
/** Times between sends that are tried, in milliseconds: each about one and a half times the one before. */
const spacings: readonly Milliseconds[] = [1, 2, 3, 5, 8, 13, 21, 34, 55].map(milliseconds);
/** Of each spacing; it counts when most of them show the finding. */
const runsEach = 3;

type Planner = (exchanges: readonly Exchange[]) => Plan;

export async function inquireOverlap(surroundings: Surroundings, means: Means): Promise<Conclusion | null> {
  const { near, related, all, subject } = surroundings;
  for (const set of distinct([near, related, all])) {
    for (const plan of [recordedPlan, densePlan] satisfies Planner[]) {
      if (set.length < 2 || plan(set).length === set.length) continue;
      const conclusion = await new OverlapInquiry(set, plan, means).conclude(subject);
      if (conclusion !== null) return conclusion;
    }
  }
  return null;
}

class OverlapInquiry {
  readonly #set: readonly Exchange[];
  readonly #plan: Planner;
  readonly #means: Means;

  constructor(set: readonly Exchange[], plan: Planner, means: Means) {
    this.#set = set;
    this.#plan = plan;
    this.#means = means;
  }

  async conclude(asked: Exchange): Promise<Conclusion | null> {
    // 1. Who shows it? Another exchange of the set may, where the order in which the targets got them was another one.
    const look = await this.#repeat(this.#plan(this.#set), asked, firstLook);
    const subject = this.#mostShowing(look, asked);
    if (subject === null) return null;

    // 2. Does overlap make the difference? Counted afresh, since the subject was chosen by its looks.
    const whole = await this.#compare(this.#plan(this.#set), this.#set, subject);
    if (whole === null) return null;

    // 3. As few requests, and as few overlaps, as will do.
    const smaller = await this.#minimise(subject, whole);
    return smaller ?? { class: "concurrency", count: whole, plan: this.#plan(this.#set), repeat: 1, minimal: false, within: null };
  }

  #repeat(plan: Plan, subject: Exchange, times: number, until?: (count: { shown: number }) => boolean): Promise<Tally> {
    return series(this.#means, { plan, subject, times, ...(until === undefined ? {} : { until }) });
  }

  #mostShowing({ each }: Tally, asked: Exchange): Exchange | null {
    const shows = (exchange: Exchange): number => {
      const count = each.get(exchange.id);
      return count === undefined ? 0 : count.shown - count.control;
    };
    const best = this.#set.reduce((most, exchange) => (shows(exchange) > shows(most) ? exchange : most), asked);
    return shows(best) > 0 ? best : null;
  }

  /** The overlapping runs, when they differ from serial ones of the same requests. */
  async #compare(plan: Plan, exchanges: readonly Exchange[], subject: Exchange): Promise<Count | null> {
    let [overlapping, serial] = [totalOf([]), totalOf([])];
    for (const runs of looks) {
      overlapping = totalOf([overlapping, await this.#repeat(plan, subject, runs - overlapping.runs)]);
      if (overlapping.shown < fewestForAnotherLook) return null;
      serial = totalOf([serial, await this.#repeat(serialPlan(exchanges), subject, runs - serial.runs)]);
      if (dependsOnOverlap(overlapping, serial)) return overlapping;
    }
    return null;
  }

  async #minimise(subject: Exchange, whole: Count): Promise<Conclusion | null> {
    const showsWith =
      (times: number) =>
      async (part: readonly Exchange[]): Promise<boolean | null> => {
        const plan = this.#plan(withSubject(part, subject, this.#set));
        const tally = await this.#repeat(plan, subject, times, ({ shown }) => shown > 0);
        return tally.shown > 0 || (tally.complete ? false : null);
      };
    const rest = this.#set.filter((exchange) => exchange !== subject);
    const delta = await ddmin(rest, showsWith(repeatsFor(whole)));
    // A part that failed by chance has left too much: what is left is few, and can be asked about more often.
    const { items, minimal } = await withoutSpare(delta, showsWith(mostRepeats));
    const needed = withSubject(items, subject, this.#set);
    if (needed.length < 2) return null;
    return (await this.#tighten(needed, subject, minimal)) ?? (await this.#confirmed(this.#plan(needed), needed, subject, minimal));
  }

  async #confirmed(plan: Plan, needed: readonly Exchange[], subject: Exchange, minimal: boolean): Promise<Conclusion | null> {
    const count = await this.#compare(plan, needed, subject);
    return count === null ? null : { class: "concurrency", count, plan, repeat: 1, minimal, within: null };
  }

  /** With times of our own: which neighbours must overlap, and how closely. */
  async #tighten(needed: readonly Exchange[], subject: Exchange, minimal: boolean): Promise<Conclusion | null> {
    const shows = async (joins: readonly number[], spacing: Milliseconds): Promise<boolean | null> => {
      const tally = await this.#repeat(retimed(grouped(needed, joins), spacing), subject, runsEach);
      return tally.shown * 2 > tally.runs || (tally.complete ? false : null);
    };
    const all = needed.slice(1).map((_, index) => index + 1);
    const closest = await firstThat(spacings, (spacing) => shows(all, spacing));
    if (closest === null) return null;
    const joins = await ddmin(all, (part) => shows(part, closest));
    if (joins.items.length === 0) return null;
    let longest = closest;
    for (const spacing of spacings.filter((each) => each > closest)) {
      if ((await shows(joins.items, spacing)) !== true) break;
      longest = spacing;
    }
    // Between the two, nearer to the closest: what delays a request makes it later, never earlier.
    const plan = retimed(grouped(needed, joins.items), milliseconds(Math.round(Math.sqrt(closest * longest))));
    const confirmed = await this.#confirmed(plan, needed, subject, minimal && joins.minimal);
    return confirmed === null ? null : { ...confirmed, within: longest };
  }
}

async function withoutSpare<T>(delta: Delta<T>, test: DeltaTest<T>): Promise<Delta<T>> {
  let { items, minimal } = delta;
  for (const item of delta.items) {
    const others = items.filter((each) => each !== item);
    const isSpare = await test(others);
    if (isSpare === null) minimal = false;
    else if (isSpare) items = others;
  }
  return { items, minimal };
}

/** Cut into groups wherever an exchange is not joined to the one before it. */
function grouped(exchanges: readonly Exchange[], joins: readonly number[]): Exchange[][] {
  const groups: Exchange[][] = [];
  for (const [index, exchange] of exchanges.entries()) {
    if (joins.includes(index)) groups.at(-1)?.push(exchange);
    else groups.push([exchange]);
  }
  return groups;
}

async function firstThat<T>(items: readonly T[], test: (item: T) => Promise<boolean | null>): Promise<T | null> {
  for (const item of items) if ((await test(item)) === true) return item;
  return null;
}
