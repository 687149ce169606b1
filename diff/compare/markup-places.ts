/** What the places of pages and XML documents are called in the paths of differences. Names that a programmer gave tell places apart;
 * positions and data do not, so that one change of a template is one path on every page, today and tomorrow.
 *
 *    page      input[name=_csrf]@value     div#balance/#text     div#balance/span.label/#text     td[2]/#text
 *    XML       Body/order/amount/#text
 *
 * An element whose name may be that of many (a class, or none) stands behind the nearest element around it that has a better one. */

import { isDataKey } from "../data-keys.ts";
import { segmentClass } from "../segment-class.ts";
import type { MarkupElement, MarkupNode } from "./markup-tree.ts";

/** Where an element is, and with it what is in it. */
export interface MarkupPlace {
  /** '' at the top. */
  readonly path: string;
  /** Names that may stand before those of the elements within, outermost first. */
  readonly around: readonly string[];
  /** How many elements there are between the last of them and this one. */
  readonly distance: number;
}

/** Gives an element its place. */
export type NamePlaces = (outer: MarkupPlace, element: MarkupElement, options?: NameOptions) => MarkupPlace;

interface NameOptions {
  /** An attribute that must not be its name. */
  readonly except?: string;
  /** Lists of elements, of which one has it: its number there is its column. */
  readonly siblings?: readonly (readonly MarkupNode[])[];
}

export const topPlace: MarkupPlace = { path: "", around: [], distance: 0 };

/** Elements further out say nothing about this one: a page has an element around everything. */
const farthest = 4;
/** Elements around one of XML that are part of its path. */
const xmlLevels = 2;
const longestName = 40;
/** Columns of a table are counted; a table with more has one for each thing of the day. */
const mostColumns = 20;

/** Attributes that name what an element is for, in the order in which they are asked. */
const naming: readonly string[] = ["name", "property", "itemprop", "http-equiv", "data-testid", "rel"];
/** A link's `rel` and a meta's `name` are kinds, those of others are names; an anchor's `name` is a place in the text. */
const unnamed: ReadonlySet<string> = new Set(["a", "map"]);
/** Elements that there is one of for each thing, whose `id` is that of the thing: headings, entries, rows. */
const perThing: ReadonlySet<string> = new Set("h1 h2 h3 h4 h5 h6 a li dt dd tr article section figure option p".split(" "));
/** There is one of each. */
const outermost: ReadonlySet<string> = new Set(["html", "head", "body"]);
/** Classes that say in which state an element is today. */
const states: ReadonlySet<string> = new Set(
  "active current selected open closed hidden visible disabled enabled checked first last odd even new show loading".split(" "),
);
const formName = /^[A-Za-z_*][\w.:*[\]-]*$/;
const word = /^[A-Za-z][A-Za-z_-]*$/;

/** Of pages. */
export const pagePlaces: NamePlaces = ({ around, distance }, element, { except = "", siblings = [] } = {}) => {
  const { tag } = element;
  const certain = certainName(element, except);
  const name = certain ?? nameByClass(element, except) ?? (isCell(tag) ? `${tag}[${columnOf(element, siblings)}]` : null);
  const path = [...(certain === null ? around : []), name ?? tag].join("/");
  if (name !== null && !isCell(tag) && !outermost.has(tag)) return { path, around: [name], distance: 0 };
  return { path, around: distance < farthest ? around : [], distance: distance + 1 };
};

/** Of XML, where the names of the elements say what they are. */
export const xmlPlaces: NamePlaces = ({ around }, { tag }) => {
  const name = isDataKey(tag) ? "*" : tag;
  return { path: [...around, name].join("/"), around: [...around, name].slice(-xmlLevels), distance: 0 };
};

export function textPath({ path }: MarkupPlace): string {
  return `${path}/#text`;
}

/** The ways in which a user's rule may write a place: as reports do, without what is around it, and by the bare element. */
export function spellingsOf(path: string): readonly string[] {
  const [, last = path] = /(?:^|\/)([^/]+(?:\/#text)?)$/.exec(path) ?? [];
  return [path, last, last.replace(/\[.*\]|[.#](?!text$)[\w-]+/, "")];
}

/** A name that stands for this element alone, or for those of its kind. */
function certainName({ tag, attributes }: MarkupElement, except: string): string | null {
  for (const attribute of unnamed.has(tag) ? [] : naming) {
    const name = attribute === except ? null : fieldName(attributes.get(attribute) ?? "");
    if (name !== null) return `${tag}[${attribute}=${name}]`;
  }
  const id = attributes.get("id") ?? "";
  return except !== "id" && !perThing.has(tag) && isWord(id) ? `${tag}#${id}` : null;
}

/** The first class that is a name. */
function nameByClass({ tag, attributes }: MarkupElement, except: string): string | null {
  const classes = except === "class" ? [] : (attributes.get("class") ?? "").split(/\s+/);
  const name = classes.find((one) => isWord(one) && !states.has(one.toLowerCase()));
  return name === undefined ? null : `${tag}.${name}`;
}

/** The name of a form's field, and the like, with numbers as `*`; null when it is data. */
function fieldName(name: string): string | null {
  if (name.length > longestName || segmentClass(name) !== "word") return null;
  const masked = name.replace(/\d+/g, "*");
  return formName.test(masked) ? masked : null;
}

/** Written by a programmer: made of words. What builds make of styles is not (`sc-bdVaJa`, `card__xKzQp`). */
function isWord(name: string): boolean {
  if (name.length > longestName || !word.test(name)) return false;
  return name.split(/[-_]+/).every((part) => {
    const syllables = part.split(/(?<=[a-z])(?=[A-Z])/);
    const isPronounced = part.length < shortestPronounced || /[aeiouy]/i.test(part);
    return isPronounced && syllables.filter(({ length }) => length <= shortestSyllable).length <= 1;
  });
}

/** Abbreviations such as `btn` and `hdr` have no vowel. */
const shortestPronounced = 5;
/** `isOpen` has one that is so short; of random letters most are. */
const shortestSyllable = 2;

function isCell(tag: string): boolean {
  return tag === "td" || tag === "th";
}

/** From 1. */
function columnOf(cell: MarkupElement, siblings: readonly (readonly MarkupNode[])[]): string {
  const column = Math.max(...siblings.map((nodes) => nodes.indexOf(cell))) + 1;
  return column > mostColumns ? "*" : String(column);
}
