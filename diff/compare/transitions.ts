/** Names for what happened between two values, free of the values themselves, so that the same
 * fault has the same name in every request. */

import { decimalOf, sameDecimal } from "./decimal.ts";
import { durationOf, measuredNumbers } from "./measures.ts";

/** Between two different values that no name below fits. */
export const anyValue = "value";

/** Words that are likely members of a small set: states, codes, flags. */
const enumWord = /^(?:[a-z]+(?:[_-][a-z]+)*|[A-Z]+(?:[_-][A-Z]+)*)$/;
const maxEnumLength = 20;
/** A shorter prefix says little: "a" starts many words. */
const minTruncatedLength = 4;
/** Factors that unit mistakes have: cents, thousands. */
const factors: readonly number[] = [100, 1000];
const ratioTolerance = 1e-9;

const digit = /\d/;

/** Names the change from one text to another. */
export function textTransition(left: string, right: string): string {
  if (left === "" || right === "") return left === "" ? "empty→text" : "text→empty";
  if (left.trim() === right.trim()) return "trim";
  if (left.toLowerCase() === right.toLowerCase()) return "case";
  const measured = measuredTransition(left, right);
  if (measured !== null) return measured;
  if (isEscaped(left, right) || isEscaped(right, left)) return "escape";
  if (decimalOf(left) !== null && decimalOf(right) !== null) return numberTransition(left, right);
  if (isTruncated(left, right)) return "truncated";
  if (isTruncated(right, left)) return "extended";
  const enums = left.length <= maxEnumLength && right.length <= maxEnumLength && enumWord.test(left) && enumWord.test(right);
  return enums ? `${left}→${right}` : anyValue;
}

/** What happened to the number that both texts are, or hold among the same words. */
function measuredTransition(left: string, right: string): string | null {
  if (!digit.test(left) || !digit.test(right)) return null;
  const [before, after] = [durationOf(left), durationOf(right)];
  if (before !== null && before === after) return "notation";
  if (decimalOf(left) !== null && decimalOf(right) !== null) {
    return sameDecimal(left, right) ? "notation" : numberTransition(left, right);
  }
  const numbers = measuredNumbers(left, right);
  return numbers === null ? null : sameDecimal(...numbers) ? "notation" : numberTransition(...numbers);
}

/** Names the change from one number to another. */
export function numberTransition(left: string, right: string): string {
  const a = Number(left);
  const b = Number(right);
  if (a === 0 || b === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return anyValue;
  if (a === -b) return "sign";
  for (const factor of factors) {
    if (isRatio(b / a, factor)) return `×${factor}`;
    if (isRatio(a / b, factor)) return `÷${factor}`;
  }
  return isRounded(left, right) || isRounded(right, left) ? "rounding" : anyValue;
}

/** Names the change from one list to a shorter or longer one of elements with these numbers (equal elements, equal numbers). */
export function lengthTransition(left: readonly number[], right: readonly number[]): string {
  if (left.length < right.length) return "more";
  const once = [...new Set(left)];
  return once.length === right.length && once.every((element, index) => element === right[index]) ? "dedupe" : "fewer";
}

function isRatio(ratio: number, factor: number): boolean {
  return Math.abs(ratio / factor - 1) < ratioTolerance;
}

/** `coarse` has fewer decimals and is within one unit of its last place. */
function isRounded(fine: string, coarse: string): boolean {
  const places = decimalPlaces(coarse);
  return decimalPlaces(fine) > places && Math.abs(Number(fine) - Number(coarse)) < 10 ** -places;
}

function decimalPlaces(lexeme: string): number {
  const decimal = decimalOf(lexeme);
  return decimal === null ? 0 : Math.max(0, decimal.digits.length - decimal.exponent);
}

function isTruncated(whole: string, cut: string): boolean {
  const start = cut.replace(/(?:…|\.\.\.)$/, "");
  return start.length >= minTruncatedLength && start.length < whole.length && whole.startsWith(start);
}

function isEscaped(plain: string, escaped: string): boolean {
  if (escaped.length <= plain.length) return false;
  return (
    (escaped.includes("&") && unescapeMarkup(escaped) === plain) ||
    (escaped.includes("%") && unescapePercent(escaped) === plain) ||
    (escaped.includes("\\") && unescapeBackslash(escaped) === plain)
  );
}

const markupEscapes: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#x27;": "'",
  "&apos;": "'",
};

function unescapeMarkup(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos|#39|#x27);/g, (entity) => markupEscapes[entity] ?? entity);
}

function unescapePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded text, then.
    return null;
  }
}

function unescapeBackslash(text: string): string {
  return text.replace(/\\(["'\\/])/g, "$1");
}
