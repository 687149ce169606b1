/** Where the values that are compared stand in a JSON document: its path, and what names, ids and rules mean there. All elements
 * of an array stand at one place, so that it is worked out once however many they are. */

import type { DifferenceKind } from "../../model/difference.ts";
import type { JsonRules } from "../rules/json-rules.ts";
import { excerptNode } from "./excerpt.ts";
import { ownerClass } from "./identity.ts";
import type { Site } from "./leaf.ts";

export class Place {
  /** JSON Pointer (RFC 6901), with `*` for any index. */
  readonly path: string;
  /** Key of the member, or of the array around it. */
  readonly name: string;
  /** Class of ids of the object around it (identity.ts). */
  readonly owner: string;
  /** The same for what is in the value that stands here. */
  readonly inner: string;
  readonly inArray: boolean;
  /** The user's. */
  readonly rules: JsonRules;
  private kinds: Set<DifferenceKind> | null = null;
  private members: Map<string, Place> | null = null;
  private anyElement: Place | null = null;
  private textSite: Site | null = null;

  private constructor({ path, name, owner, inner, inArray, rules }: Around) {
    this.path = path;
    this.name = name;
    this.owner = owner;
    this.inner = inner;
    this.inArray = inArray;
    this.rules = rules;
  }

  /** Of a whole document. */
  static root(resource: string, rules: JsonRules): Place {
    return new Place({ path: "", name: "", owner: resource, inner: resource, inArray: false, rules });
  }

  /** What differs here and is told already. */
  get found(): Set<DifferenceKind> {
    this.kinds ??= new Set();
    return this.kinds;
  }

  member(key: string): Place {
    this.members ??= new Map();
    let place = this.members.get(key);
    if (place === undefined) {
      const { inArray, inner: owner } = this;
      const path = `${this.path}/${escaped(key)}`;
      place = new Place({ path, name: key, owner, inner: ownerClass(key, owner), inArray, rules: this.rules.member(key) });
      this.members.set(key, place);
    }
    return place;
  }

  element(index: number): Place {
    if (this.rules.countsElements) return this.elementUnder(this.rules.element(index));
    this.anyElement ??= this.elementUnder(this.rules.element(null));
    return this.anyElement;
  }

  /** The same place, for the document in the text that stands here: that is an object like the ones around it. */
  get document(): Place {
    const { path, name, owner, inArray, rules } = this;
    return new Place({ path, name, owner, inner: owner, inArray, rules });
  }

  /** For the comparison of texts. */
  get site(): Site {
    const { path, name, owner, inArray, found } = this;
    const id = { kind: "json.reference", name, owner, inArray } as const;
    this.textSite ??= { location: "body", path, formatKind: "json.format", valueKind: "json.value", id, render: excerptString, found };
    return this.textSite;
  }

  private elementUnder(rules: JsonRules): Place {
    const { name, inner } = this;
    return new Place({ path: `${this.path}/*`, name, owner: inner, inner, inArray: true, rules });
  }
}

type Around = Pick<Place, "path" | "name" | "owner" | "inner" | "inArray" | "rules">;

function escaped(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

export function excerptString(text: string): string {
  return excerptNode({ kind: "string", value: text });
}
