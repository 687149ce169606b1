/** The format of a text value: what a reader would say it looks like. A field that holds another
 * random id in each answer is still checked to hold an id.
 *
 * Random ids sometimes look like something else: one in thirty base-36 ids has no digit, some are
 * all digits. So equality of formats is decided on the pair: two values have one format when at
 * least one class accepts both. */

import { readEpoch, readTime } from "./times.ts";

/** Longer values are text, whatever they look like. */
const maxClassified = 4096;
/** Up to this many digits an all-digit text is a number, and beyond an id. */
const hexDigitsMin = 16;
/** Hexadecimal numbers printed without leading zeros lose a digit in one of 16 cases, two in 256. */
const lostLeadingZeros = 2;
/** A text that must be a random id by its looks alone. */
const tokenLength = 8;

const integer = /^-?\d+$/;
const decimal = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/;
const hex = /^(?:[0-9a-f]+|[0-9A-F]+)$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const jwt = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;
/** Every alphabet that random ids are written in: base 36, 58, 62, 64, 64url. */
const tokenAlphabet = /^[A-Za-z0-9_+/=~-]{6,}$/;
/** What redaction leaves of a secret: random letters after a mark, one in forty of them without a digit. */
const redactionToken = /^tok_[\w-]{22}$/;
/** `Widget2000` is a name, not an id. */
const nameWithNumber = /^[A-Za-z_-]+[0-9]+$/;

/** Too short for a hexadecimal number without digits, and all other classes need a digit or a sign. */
const word = /^[A-Za-z_ ]{1,13}$/;

/** The remaining classes, most particular first. */
const classes: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["uuid", uuid],
  ["ulid", ulid],
  ["jwt", jwt],
  ["date", /^\d{4}-\d\d-\d\d$/],
  ["time", /^\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/],
  [
    "duration",
    /^(?:P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?|\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|m|h))$/,
  ],
  ["ipv4", /^(?:\d{1,3}\.){3}\d{1,3}$/],
  ["ipv6", /^(?=.*:.*:)[0-9a-f:.]+$/i],
  ["e-mail", /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ["url", /^[a-z][a-z0-9+.-]*:\/\/\S+$/i],
  ["path", /^\/(?!\/)\S*$/],
];
/** Classes that a random id can fall into by chance. */
const chanceClasses: ReadonlySet<string> = new Set(["integer", "decimal", "ulid", "path", "duration"]);

/** The format of one value by name: "uuid", "hex 24", "rfc3339 ms Z", "epoch s", "token", "text", "empty", … */
export function formatOf(value: string): string {
  if (value === "") return "empty";
  const particular = particularFormat(value);
  if (particular === "integer") return readEpoch(value)?.format ?? particular;
  return particular ?? (isToken(value) ? "token" : "text");
}

/** Some class accepts both. */
export function sameFormat(left: string, right: string): boolean {
  const a = particularFormat(left);
  const b = particularFormat(right);
  if (isNumeric(a) && isNumeric(b)) return sameUnit(left, right);
  if (a !== null && a === b) return true;
  if (isHex(left) && isHex(right)) return Math.abs(left.length - right.length) <= lostLeadingZeros;
  if (mayBeToken(left, a) && mayBeToken(right, b)) return true;
  return isPlain(left, a) && isPlain(right, b);
}

/** Unique everywhere, so that the same value always means the same thing: uuid, ULID, object id, long hash. */
export function isGloballyUnique(value: string): boolean {
  return (value.length === 36 && uuid.test(value)) || (value.length === 26 && ulid.test(value)) || (value.length >= 24 && isHex(value));
}

export function isRedacted(value: string): boolean {
  return redactionToken.test(value);
}

/** A random id by its looks: letters and digits in turns. */
export function isToken(value: string): boolean {
  if (value.length < tokenLength || value.length > maxClassified || !tokenAlphabet.test(value)) return false;
  return isRedacted(value) || (/\d/.test(value) && /[A-Za-z]/.test(value) && !nameWithNumber.test(value));
}

function particularFormat(value: string): string | null {
  if (value.length > maxClassified || word.test(value)) return null;
  if (integer.test(value)) return "integer";
  if (decimal.test(value)) return "decimal";
  const time = readTime(value);
  if (time !== null) return time.format;
  if (isHex(value)) return `hex ${value.length}`;
  for (const [name, pattern] of classes) if (pattern.test(value)) return name;
  return null;
}

function isNumeric(format: string | null): boolean {
  return format === "integer" || format === "decimal";
}

/** Two numbers, of whatever size, differ in format only when both are times of different units. */
export function sameUnit(left: string, right: string): boolean {
  const a = readEpoch(left);
  const b = readEpoch(right);
  return a === null || b === null || a.format === b.format;
}

function isHex(value: string): boolean {
  return value.length >= hexDigitsMin - lostLeadingZeros && value.length <= maxClassified && hex.test(value);
}

function mayBeToken(value: string, particular: string | null): boolean {
  return value.length <= maxClassified && (particular === null || chanceClasses.has(particular)) && tokenAlphabet.test(value);
}

function isPlain(value: string, particular: string | null): boolean {
  return particular === null && !isToken(value);
}
