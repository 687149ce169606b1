/** Tells keys that are data from names that a programmer gave: the keys of objects that are used as maps.
 *
 *    by their form alone       {"3f2504e0-4f89-…": …}   {"2026-11-22": …}   {"4711": …}   {"ann@example.org": …}
 *    by what an endpoint's     {"EUR": …, "JPY": …} is a record as long as most answers have the same keys;
 *    answers have at a place   a map when answer after answer brings other ones with values of one type */

import type { JsonNode } from "../model/json/node.ts";
import { segmentClass } from "./segment-class.ts";

/** Objects seen before their keys say anything. */
const fewestObjects = 3;
/** Distinct keys of a map at the least: records with optional members have fewer. */
const fewestKeys = 20;
/** A map has at least so many times as many distinct keys as one object of it has; of a record every object has most. */
const keysPerObject = 3;
/** Share of the values that have one type in a map; a record's members are of many. */
const oneTypeShare = 0.9;
/** Shorter hex is a word often enough (`facade01`). */
const shortestHex = 16;
const address = /^[^@\s]+@[^@\s]+\.[^@\s]+$|^https?:/i;

/** Whether a key is data by its form, wherever it stands. */
export function isDataKey(key: string): boolean {
  const kind = segmentClass(key);
  if (kind === "hex") return key.length >= shortestHex;
  return kind === "int" || kind === "uuid" || kind === "ulid" || kind === "date" || address.test(key);
}

/** What the objects at one place have for keys. */
export class ObjectKeys {
  private objects = 0;
  private members = 0;
  private readonly keys = new Set<string>();
  private readonly types = new Map<JsonNode["kind"], number>();

  /** @param members of one object */
  add(members: readonly { readonly key: string; readonly value: JsonNode }[]): void {
    if (members.length === 0) return;
    this.objects++;
    this.members += members.length;
    for (const { key, value } of members) {
      this.keys.add(key);
      this.types.set(value.kind, (this.types.get(value.kind) ?? 0) + 1);
    }
  }

  isMap(): boolean {
    const { objects, members, keys } = this;
    if (objects < fewestObjects || keys.size < fewestKeys || keys.size * objects < keysPerObject * members) return false;
    const nulls = this.types.get("null") ?? 0;
    const most = Math.max(...[...this.types].map(([kind, count]) => (kind === "null" ? 0 : count)));
    return most >= oneTypeShare * (members - nulls);
  }
}
