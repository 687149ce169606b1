/** Where the values that are compared stand in a JSON document: its path, and what names, ids and rules mean there. All elements
 * of an array stand at one place, and the documents of one resource have the same places, so that they are worked out once. */

import type { JsonRules } from "../rules/json-rules.ts";
import { excerptNode } from "./excerpt.ts";
import { ownerClass } from "./identity.ts";
import type { Site } from "./leaf.ts";

/** Places of one resource that are remembered; where there are more, keys are data. */
const maxPlaces = 1_000;
/** Resources by rules: kinds of things that requests are about. */
const maxResources = 100;
const roots = new WeakMap<JsonRules, Map<string, Place>>();

interface Tree {
  remembered: number;
}

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
  private readonly tree: Tree;
  private members: Map<string, Place> | null = null;
  private anyElement: Place | null = null;
  private textSite: Site | null = null;

  private constructor({ path, name, owner, inner, inArray, rules }: Around, tree: Tree) {
    this.path = path;
    this.name = name;
    this.owner = owner;
    this.inner = inner;
    this.inArray = inArray;
    this.rules = rules;
    this.tree = tree;
  }

  /** Of a whole document. */
  static root(resource: string, rules: JsonRules): Place {
    const known = roots.get(rules) ?? new Map<string, Place>();
    roots.set(rules, known);
    let root = known.get(resource);
    if (root === undefined) {
      root = new Place({ path: "", name: "", owner: resource, inner: resource, inArray: false, rules }, { remembered: 0 });
      if (known.size >= maxResources) known.clear();
      known.set(resource, root);
    }
    return root;
  }

  member(key: string): Place {
    const known = this.members?.get(key);
    if (known !== undefined) return known;
    const { inArray, inner: owner, tree } = this;
    const path = `${this.path}/${escaped(key)}`;
    const place = new Place({ path, name: key, owner, inner: ownerClass(key, owner), inArray, rules: this.rules.member(key) }, tree);
    if (tree.remembered < maxPlaces) {
      tree.remembered++;
      this.members ??= new Map();
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
    // Apart from the tree: texts hold whatever users write.
    return new Place({ path, name, owner, inner: owner, inArray, rules }, { remembered: maxPlaces });
  }

  /** For the comparison of texts. */
  get site(): Site {
    const { path, name, owner, inArray } = this;
    const id = { kind: "json.reference", name, owner, inArray } as const;
    this.textSite ??= { location: "body", path, formatKind: "json.format", valueKind: "json.value", id, render: excerptString };
    return this.textSite;
  }

  private elementUnder(rules: JsonRules): Place {
    const { name, inner } = this;
    return new Place({ path: `${this.path}/*`, name, owner: inner, inner, inArray: true, rules }, this.tree);
  }
}

type Around = Pick<Place, "path" | "name" | "owner" | "inner" | "inArray" | "rules">;

function escaped(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

export function excerptString(text: string): string {
  return excerptNode({ kind: "string", value: text });
}
