/** Which values are ids, and ids of what. Two copies of a service hand out different ids; what has
 * to agree is which of them mean the same thing (references.ts).
 *
 * An id's class says of what: `userId` and the `id` of an object under `user` or `users` are of
 * class "user". Ids that are unique everywhere (UUIDs) share one class, because there the same
 * value always means the same thing. Integers are ids by name only.
 *
 * Both copies start from the same data, so only ids that were made since may differ. A random id
 * shows that by itself, and an object's own `id` introduces its renaming; a counted `userId` that
 * nothing introduced points at another user, and that is a difference. */

import { isGloballyUnique, isRedacted, isToken } from "./formats.ts";

/** The class of ids that are unique everywhere. */
const globalClass = "*";
/** The class of an `id` of which nothing more is known. */
const unknownClass = "id";

/** `id`, `_id`, `uuid`, `guid`: the id of the object it stands in. */
const ownIdName = /^(?:_?id|uuid|guid)s?$/i;
/** `userId`, `user_id`, `user-id`, `userIDs`, `userUuid`: the id of another. */
const foreignIdName = /^(.*?)(?:(?<=[a-z0-9])(?:Id|ID|Uuid|UUID|Guid|GUID)s?|[_-](?:id|uuid|guid)s?)$/;
/** Keys of envelopes say nothing about what is in them. */
const envelopeKeys: ReadonlySet<string> = new Set([
  "data",
  "items",
  "results",
  "result",
  "content",
  "records",
  "rows",
  "list",
  "entries",
  "edges",
  "node",
  "nodes",
  "value",
  "values",
  "hits",
  "docs",
  "payload",
  "response",
  "body",
]);
/** A random id that has to be told by its looks alone: shorter ones are article numbers and codes, which mean something. */
const lookedAtLength = 16;
/** Made by counting, with a short prefix at most: 17, `u-17`. */
const countedId = /^[A-Za-z]{0,4}[-_:]?\d{1,19}$/;
const counter = /^\d+$/;
/** A text without digits is an id by name only when it is long enough to be random. */
const letteredIdLength = 8;
/** Ids are remembered for a whole lane; a longer text is content, whatever its name. */
const longestId = 1024;

/** What `name` says about a value: the id of its own object, of another one, or no id. */
export type IdName = { readonly kind: "own" } | { readonly kind: "foreign"; readonly of: string } | { readonly kind: "none" };

const globalIds: PairedIds = { idClass: globalClass, introduces: true };
const own: IdName = { kind: "own" };
const none: IdName = { kind: "none" };
/** Names repeat in every object of every answer; the bound keeps hostile ones from filling memory. */
const knownNames = new Map<string, IdName>();
const maxKnownNames = 10_000;

/** Reads a member name; the answer is remembered. */
export function readIdName(name: string): IdName {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  if (knownNames.size >= maxKnownNames) knownNames.clear();
  const foreign = foreignIdName.exec(name)?.[1];
  const read: IdName = ownIdName.test(name)
    ? own
    : foreign === undefined || foreign === ""
      ? none
      : { kind: "foreign", of: className(foreign) };
  knownNames.set(name, read);
  return read;
}

/** Two ids at the same place. */
export interface PairedIds {
  readonly idClass: string;
  /** The pair may tell us of a renaming; else it has to be known from elsewhere. */
  readonly introduces: boolean;
}

/** What two texts at the same place are as ids, or null when they are none.
 * @param name the member's name, or that of the array it is in
 * @param owner class of the object that holds the member */
export function readIds(left: string, right: string, name: string, owner: string): PairedIds | null {
  if (isGloballyUnique(left) && (left === right || isGloballyUnique(right))) return globalIds;
  const read = readIdName(name);
  if (read.kind !== "none" && isIdText(left) && isIdText(right)) {
    return isOwnId(read, owner)
      ? { idClass: owner, introduces: true }
      : { idClass: read.of, introduces: !isCounted(left) || !isCounted(right) };
  }
  if (left === right) return isRandomId(left) ? globalIds : null;
  return areRandomIds(left, right) ? globalIds : null;
}

/** The same for two numbers: integers are ids, by name only. */
export function readNumberIds(left: string, right: string, name: string, owner: string): PairedIds | null {
  const read = readIdName(name);
  if (read.kind === "none" || !counter.test(left) || !counter.test(right)) return null;
  return isOwnId(read, owner) ? { idClass: owner, introduces: true } : { idClass: read.of, introduces: false };
}

/** `id`, and the `orderId` of an order. */
function isOwnId(read: Exclude<IdName, { kind: "none" }>, owner: string): read is IdName & { readonly kind: "own" } {
  return read.kind === "own" || read.of === owner;
}

/** Classes by key, null for an envelope; bounded as names are. */
const knownOwners = new Map<string, string | null>();

/** The class of what stands under `key`; `outer` is the class around it. */
export function ownerClass(key: string, outer: string): string {
  let known = knownOwners.get(key);
  if (known === undefined) {
    known = envelopeKeys.has(key.toLowerCase()) ? null : className(key);
    if (knownOwners.size >= maxKnownNames) knownOwners.clear();
    knownOwners.set(key, known);
  }
  return known ?? outer;
}

/** The class that the path of a request target is about: its last segment that is no id. */
export function resourceClass(segments: readonly string[]): string {
  const literal = segments.findLast((segment) => segment !== "" && !isIdSegment(segment));
  return literal === undefined ? unknownClass : className(literal);
}

/** A path segment that names one thing rather than a kind of things. */
export function isIdSegment(segment: string): boolean {
  return counter.test(segment) || isGloballyUnique(segment) || isToken(segment);
}

/** Lower case singular: `Users`, `users` and `user` are one class; so are `categories` and `category`. */
function className(name: string): string {
  const lower = name.toLowerCase();
  if (lower.endsWith("ies") && lower.length > 4) return `${lower.slice(0, -3)}y`;
  return lower.endsWith("s") && !lower.endsWith("ss") && lower.length > 2 ? lower.slice(0, -1) : lower;
}

function isIdText(text: string): boolean {
  return text !== "" && text.length <= longestId && !/\s/.test(text) && (/\d/.test(text) || text.length >= letteredIdLength);
}

/** What a random id may consist of, however it looks. */
const idAlphabet = /^[\w~+/=-]+$/;

/** Of SHA-512. */
const longestHex = 128;
const longHex = /^(?:[0-9a-f]+|[0-9A-F]+)$/;

/** One of two drawn alike may look less random than the other: in 20 hexadecimal digits, letters and digits hardly take turns once in
 * a thousand times. In 16 that is so of both at once in ten thousand pairs, of which a run may have as many; but nothing else than a random
 * number is written in so many digits of which some are letters. */
function areRandomIds(left: string, right: string): boolean {
  const [first, second] = [isRandomId(left), isRandomId(right)];
  if (first && second) return true;
  if (left.length !== right.length) return false;
  if (first || second) return idAlphabet.test(first ? right : left);
  if (isJumbled(left) || isJumbled(right)) return idAlphabet.test(left) && idAlphabet.test(right);
  return isLongHex(left) && isLongHex(right) && (isMixed(left) || isMixed(right));
}

/** From here on letters alone tell: in 32 of base64 there may be no digit, but capitals and small letters take turns as in no word. */
const jumbledLength = 20;
/** Of two neighbours in base64 two in three are of different kinds; in `CamelCaseWords` one in four. */
const jumbledShare = 0.45;

/** Capitals, small letters and digits in any order. */
function isJumbled(text: string): boolean {
  if (text.length < jumbledLength || text.length > longestId || !/^[\w-]+$/.test(text)) return false;
  const turns = (text.match(/[a-z](?=[^a-z])|[A-Z](?=[^A-Z])|\d(?=\D)|[_-](?=[^_-])/g) ?? []).length;
  return turns >= jumbledShare * (text.length - 1);
}

/** As many hexadecimal digits as a random id has, and no counter with zeros before it. */
function isLongHex(text: string): boolean {
  return text.length >= lookedAtLength && text.length <= longestHex && longHex.test(text) && !/(.)\1{5}/.test(text);
}

/** Digits and letters in any order. */
function isMixed(text: string): boolean {
  return /\d/.test(text) && /[A-Za-z]/.test(text);
}

/** Long, letters and digits in turns: nobody chose it. */
function isRandomId(text: string): boolean {
  if (isRedacted(text)) return true;
  return text.length >= lookedAtLength && isToken(text) && (text.match(/[A-Za-z][_-]?(?=\d)|\d[_-]?(?=[A-Za-z])/g) ?? []).length >= 3;
}

/** Whether it was made by counting, as far as it shows. */
export function isCounted(text: string): boolean {
  return countedId.test(text);
}
