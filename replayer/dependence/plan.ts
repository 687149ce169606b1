/** What one experiment sends, and when: groups one after the other, and within a group as close together as it says.
 *
 *    serial     A ├──┤  B ├──┤  C ├──┤        every group is one request
 *    recorded   A ├──┤  B ├────┤              what overlapped in the recording does again, idle time is left out
 *                         C ├──┤
 *    dense      A ├──┤                        one group, a millisecond apart: only the causal order holds requests back
 *               B├────┤
 *
 * Within a group the shadow keeps the recorded causal order; the next group begins when all of the one before are answered. */

import type { Exchange } from "../../model/exchange.ts";
import { epochMs, type Milliseconds, milliseconds } from "../../model/units.ts";

export interface Send {
  readonly exchange: Exchange;
  /** After the first of its group. */
  readonly due: Milliseconds;
}

export type Group = readonly Send[];
export type Plan = readonly Group[];

/** Apart enough that both targets get two requests in the same order. */
const denseSpacing = 1;
/** Between the groups of a recording, so that a replay at recorded times keeps them apart. */
const groupGap = 100;
const notDelayed = milliseconds(0);

export function serialPlan(exchanges: readonly Exchange[]): Plan {
  return exchanges.map((exchange) => [{ exchange, due: notDelayed }]);
}

/** @param exchanges in the order of their start */
export function recordedPlan(exchanges: readonly Exchange[]): Plan {
  const groups: Send[][] = [];
  let start = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const exchange of exchanges) {
    if (exchange.at >= end) {
      groups.push([]);
      start = exchange.at;
    }
    groups.at(-1)?.push({ exchange, due: milliseconds(exchange.at - start) });
    end = Math.max(end, exchange.at + exchange.outcome.tookMs);
  }
  return groups;
}

export function densePlan(exchanges: readonly Exchange[]): Plan {
  return [exchanges.map((exchange, index) => ({ exchange, due: milliseconds(index * denseSpacing) }))];
}

/** The same requests with times of their own: those of a group overlap, whatever they did before. */
export function retimed(groups: readonly (readonly Exchange[])[], spacing: Milliseconds): Plan {
  const plan = groups.map((group): Group => {
    const start = group[0]?.at ?? 0;
    const span = spacing * group.length + 1;
    return group.map((exchange, index): Send => {
      const due = milliseconds(spacing * index);
      const tookMs = milliseconds(Math.max(exchange.outcome.tookMs, span - due));
      return { exchange: { ...exchange, at: epochMs(start + due), outcome: { ...exchange.outcome, tookMs } }, due };
    });
  });
  return apart(plan);
}

/** Groups moved in time so that each begins well after the one before has ended; within a group nothing changes. */
export function apart(plan: Plan): Plan {
  let next: number = plan[0]?.[0]?.exchange.at ?? 0;
  return plan.map((group) => {
    const shift = next - (group[0]?.exchange.at ?? next);
    const moved = group.map(({ exchange, due }): Send => ({ exchange: { ...exchange, at: epochMs(exchange.at + shift) }, due }));
    next = groupGap + Math.max(next, ...moved.map(({ exchange }) => exchange.at + exchange.outcome.tookMs));
    return moved;
  });
}

/** A plan again and again, each copy in lanes of its own, so that none uses what another was answered; the last has the recorded names. */
export function repeated(plan: Plan, times: number): Plan {
  return Array.from({ length: times }, (_, index) => {
    const copy = times - 1 - index;
    return copy === 0 ? plan : plan.map((group) => group.map(({ exchange, due }) => ({ exchange: copied(exchange, copy), due })));
  }).flat();
}

function copied(exchange: Exchange, copy: number): Exchange {
  return { ...exchange, id: `${exchange.id}~${copy}`, lane: exchange.lane === null ? null : `${exchange.lane}~${copy}` };
}
