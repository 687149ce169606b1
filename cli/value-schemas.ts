/** What option values look like in the configuration file, as JSON Schema: for editors, which know no more than that. The program reads
 * values by values.ts; a test holds the two against each other. Patterns are ECMAScript's, as JSON Schema asks for. */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The ways to write a value, any of which will do. */
export type ValueSchema = readonly JsonSchema[];

/** YAML reads 8080 as a number and true as a boolean; a text may be both. */
export const anyScalar: ValueSchema = [{ type: "string", minLength: 1 }, { type: ["number", "boolean"] }];

export function pattern(source: string): JsonSchema {
  return { type: "string", pattern: `^(?:${source})$` };
}

/** A text, also one that YAML takes for something else, which it then is no less. */
export function scalarLike(source: string): ValueSchema {
  return [pattern(source), { type: ["number", "boolean"] }];
}

export function oneOfTexts(texts: readonly string[]): ValueSchema {
  return [{ enum: texts.flatMap((text) => (/^\d+$/.test(text) ? [text, Number(text)] : [text])) }];
}

export function integer(minimum: number, maximum: number): ValueSchema {
  return [{ type: "integer", minimum, maximum }, pattern(digits(minimum, maximum))];
}

/** Decimal digits of a whole number in a range, with or without zeros before it. */
export function digits(minimum: number, maximum: number): string {
  return `(?=${atLeast(minimum)}(?!\\d))(?=${atMost(maximum)}(?!\\d))\\d+`;
}

/** A decimal number from 0 to a whole one. */
export function decimalUpTo(maximum: number): string {
  const below = maximum === 0 ? "" : `(?=${atMost(maximum - 1)}(?!\\d))\\d+(?:\\.\\d+)?|`;
  return `(?:${below}0*${maximum}(?:\\.0+)?)`;
}

/** Something but zero, ahead of a decimal number. */
export const aboveZero = "(?=[\\d.]*[1-9])";

/** Amounts with a unit each.
 * @param amounts the pattern of the digits, by unit */
export function withUnits(amounts: Readonly<Record<string, string>>): string {
  return Object.entries(amounts)
    .map(([unit, amount]) => `${amount}${unit}`)
    .join("|");
}

/** An object in which something is said; strict readers of schemas want to see its name among properties. */
export function having(key: string): JsonSchema {
  return { required: [key], properties: { [key]: true } };
}

/** YAML's booleans, and the words that are taken for them, in any case. */
export function booleanLike(words: readonly string[]): ValueSchema {
  const anyCase = (word: string): string => word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  return [{ type: "boolean" }, { enum: [0, 1] }, pattern(words.map(anyCase).join("|"))];
}

/** `2028-02-29`, and no day that does not exist. */
export const dayPattern: string = [
  "\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))",
  "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29",
].join("|");

function atLeast(minimum: number): string {
  const text = String(minimum);
  const alternatives = Array.from(text).flatMap((digit, at) =>
    digit === "9" ? [] : [`${text.slice(0, at)}[${Number(digit) + 1}-9]\\d{${text.length - at - 1}}`],
  );
  return `0*(?:${[text, ...alternatives, `[1-9]\\d{${text.length},}`].join("|")})`;
}

function atMost(maximum: number): string {
  const text = String(maximum);
  const alternatives = Array.from(text).flatMap((digit, at) =>
    digit === "0" ? [] : [`${text.slice(0, at)}[0-${Number(digit) - 1}]\\d{${text.length - at - 1}}`],
  );
  return `0*(?:${[text, ...alternatives, `\\d{0,${text.length - 1}}`].join("|")})`;
}
