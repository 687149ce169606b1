/** A plan as people should read it: a group is sent as one, but the causal order may hold some of it back until the rest is answered.
 *
 *    sent as one group   A, B, C          C reads what A and B write, and production had answered both before it came
 *    seen at a target    A ├──┤
 *                         B ├──┤
 *                                C ├──┤   A and B overlap; C follows them                                                          */

import { isSafeMethod } from "../../model/exchange.ts";
import { epochMs } from "../../model/units.ts";
import { Order, type OrderMode, type WriteScope } from "../../target/order.ts";
import { scopeOf } from "../../target/scope.ts";
import type { Group, Plan } from "./plan.ts";
import { Producers } from "./producers.ts";

/** As the experiments were sent. */
export interface Sending {
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
}

/** Cuts groups wherever all that come later wait for all that came before. */
export function withoutFollowers(plan: Plan, sending: Sending): Plan {
  return plan.flatMap((group) => (group.length < 2 ? [group] : pieces(group, sending)));
}

function pieces(group: Group, sending: Sending): Group[] {
  const waits = waitsOf(group, sending);
  const isCut = (at: number): boolean =>
    waits.slice(at).every((before) => group.slice(0, at).every(({ exchange }) => before.has(exchange.id)));
  const cuts = [0, ...[...group.keys()].filter((at) => at > 0 && isCut(at)), group.length];
  return cuts.slice(1).map((end, index) => group.slice(cuts[index], end));
}

/** For each request of the group those that are answered before it leaves, through others, too. */
function waitsOf(group: Group, { order: mode, writeScope }: Sending): ReadonlySet<string>[] {
  const order = new Order(mode, writeScope);
  const producers = new Producers(group.map(({ exchange }) => exchange));
  const known = new Map<string, ReadonlySet<string>>();
  for (const { exchange } of group) {
    const { id, lane, connection = null, at, request, outcome } = exchange;
    order.submit({
      ...{ id, lane, connection, startedAt: at, unsafe: !isSafeMethod(request.method), scope: scopeOf(request.target) },
      producers: [...producers.of(exchange)].map((other) => other.id),
    });
    order.ended(id, epochMs(at + outcome.tookMs));
    const direct = order.predecessors(id);
    known.set(id, new Set(direct.flatMap((other) => [other, ...(known.get(other) ?? [])])));
  }
  return [...known.values()];
}
