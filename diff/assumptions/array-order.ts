/** Whether arrays come in an order: of their elements, or of one member of them. */

import type { JsonNode } from "../../model/json/node.ts";
import type { Place } from "./place.ts";
import type { Moment } from "./sightings.ts";

/** Fewer elements stand in some order by chance too often. */
const fewestElements = 3;
const mostElements = 256;
/** Members of the elements that are looked at. */
const mostMembers = 12;

/** Notes for each member by which the elements could be ordered that they are not, upwards or downwards. */
export function noteOrders(elements: readonly JsonNode[], place: Place, at: Moment): void {
  if (elements.length < fewestElements) return;
  const some = elements.slice(0, mostElements);
  const first = some[0];
  if (first === undefined) return;
  const members = first.kind === "object" ? first.members.slice(0, mostMembers).map(({ key }) => key) : [null];
  for (const member of members) noteOrder(some, member, place, at);
}

function noteOrder(elements: readonly JsonNode[], member: string | null, place: Place, at: Moment): void {
  const keys = elements.map((element) => keyOf(element, member));
  const [first] = keys;
  if (first === undefined || first === null || keys.some((key) => typeof key !== typeof first) || new Set(keys).size < 2) return;
  const order = place.at(member === null ? "order" : `order by ${member}`);
  if (order === null) return;
  order.seen.note(at);
  let [ascends, descends] = [true, true];
  for (const [index, key] of keys.entries()) {
    const before = keys[index - 1];
    if (before === undefined || before === null || key === null) continue;
    if (before > key) ascends = false;
    if (before < key) descends = false;
  }
  if (!ascends) order.note("order", "not ascending", at);
  if (!descends) order.note("order", "not descending", at);
}

function keyOf(element: JsonNode, member: string | null): string | number | null {
  if (member !== null) {
    const value = element.kind === "object" ? element.members.find(({ key }) => key === member)?.value : undefined;
    return value === undefined ? null : keyOf(value, null);
  }
  if (element.kind === "string") return element.value;
  return element.kind === "number" ? Number(element.lexeme) : null;
}
