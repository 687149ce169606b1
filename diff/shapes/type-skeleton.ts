/** The JSON types of a document, without its values: keys and types, an array as the union of what its elements are.
 *
 *    {"id": 7, "tags": ["a"], "lines": [{"sku": "x"}, {"sku": "y", "note": null}]}
 *      ─►  {"id":number,"lines":[{"note"?:null,"sku":string}],"tags":[string]}
 *
 * `?` = some of the objects in that place lack it. An empty array is a type of its own, and so is null. */

import type { JsonNode } from "../../model/json/node.ts";
import { anyKey, keyName, type MapPlace } from "../known-maps.ts";

/** Deeper levels, and elements beyond these, are not told apart. */
const deepest = 32;
const mostElements = 256;

/** What was met in one place. */
class Types {
  private readonly scalars = new Set<string>();
  private objects = 0;
  private readonly members = new Map<string, { readonly types: Types; objects: number }>();
  private elements: Types | null = null;

  add(node: JsonNode, place: MapPlace | null, depth: number): void {
    if (depth > deepest) this.scalars.add("…");
    else if (node.kind === "array") this.addArray(node.elements, place, depth);
    else if (node.kind === "object") this.addObject(node.members, place, depth);
    else this.scalars.add(node.kind);
  }

  private addArray(elements: readonly JsonNode[], place: MapPlace | null, depth: number): void {
    if (elements.length === 0) this.scalars.add("[]");
    else this.elements ??= new Types();
    const below = place?.below.get(anyKey) ?? null;
    for (const element of elements.slice(0, mostElements)) this.elements?.add(element, below, depth + 1);
  }

  private addObject(members: readonly { readonly key: string; readonly value: JsonNode }[], place: MapPlace | null, depth: number): void {
    this.objects++;
    for (const { key, value } of members) {
      const name = place?.nameOf(key) ?? keyName(key);
      let member = this.members.get(name);
      if (member === undefined) this.members.set(name, (member = { types: new Types(), objects: 0 }));
      member.objects++;
      member.types.add(value, place?.below.get(name) ?? null, depth + 1);
    }
  }

  write(): string {
    const parts = [...this.scalars];
    if (this.elements !== null) parts.push(`[${this.elements.write()}]`);
    if (this.objects > 0) {
      const members = [...this.members].map(([name, { types, objects }]) => {
        const isOptional = name !== anyKey && objects < this.objects;
        return `${JSON.stringify(name)}${isOptional ? "?" : ""}:${types.write()}`;
      });
      parts.push(`{${members.sort().join(",")}}`);
    }
    return parts.length === 1 ? (parts[0] ?? "") : parts.sort().join("|");
  }
}

/** Equal for documents of the same build, whatever the values, and whatever the order of keys.
 * @param maps what is known of the place's maps; null = nothing */
export function typeSkeleton(document: JsonNode, maps: MapPlace | null): string {
  const types = new Types();
  types.add(document, maps, 0);
  return types.write();
}
