/** Whether two numbers or times are close enough to be equal. Numbers are exact decimals: in doubles 1.01 is further from 1 than
 * 0.01 is from 0. */

import { decimalOf } from "../compare/decimal.ts";
import { readEpoch, readTime } from "../compare/times.ts";
import type { RuleEffect } from "./rule.ts";

type Tolerance = RuleEffect & { readonly kind: "tolerance" };

/** An integer times a power of ten. */
interface Scaled {
  readonly units: bigint;
  readonly exponent: number;
}

/** Numbers further apart than this in magnitude are never close, and too costly to be written out. */
const maxExponentSpan = 1_000;

/** Whether both are numbers, or both times, within one of the bounds; the order of the two does not matter. */
export function isWithin(left: string, right: string, { absolute, relative, timeMs }: Tolerance): boolean {
  if (timeMs !== null && areTimesWithin(left, right, timeMs)) return true;
  const a = scaled(left);
  const b = scaled(right);
  if (a === null || b === null) return false;
  const bounds = [absolute === null ? null : scaled(absolute), relative === null ? null : times(greater(a, b), scaled(relative))];
  return bounds.some((bound) => bound !== null && isDistanceWithin(a, b, bound));
}

function areTimesWithin(left: string, right: string, timeMs: number): boolean {
  const before = readTime(left) ?? readEpoch(left);
  const after = readTime(right) ?? readEpoch(right);
  return before !== null && after !== null && before.format === after.format && Math.abs(before.at - after.at) <= timeMs;
}

function scaled(text: string): Scaled | null {
  const decimal = decimalOf(text);
  if (decimal === null) return null;
  const { negative, digits, exponent } = decimal;
  const units = BigInt(digits === "" ? "0" : digits);
  return { units: negative ? -units : units, exponent: exponent - digits.length };
}

function isDistanceWithin(a: Scaled, b: Scaled, bound: Scaled): boolean {
  const exponents = [a, b, bound].filter(({ units }) => units !== 0n).map(({ exponent }) => exponent);
  const least = Math.min(...exponents);
  if (exponents.some((exponent) => exponent - least > maxExponentSpan)) return false;
  const at = ({ units, exponent }: Scaled): bigint => (units === 0n ? 0n : units * 10n ** BigInt(exponent - least));
  return magnitude(at(a) - at(b)) <= at(bound);
}

/** The one of greater magnitude, so that the measure is the same in both directions. */
function greater(a: Scaled, b: Scaled): Scaled {
  const size = ({ units, exponent }: Scaled): number => magnitude(units).toString().length + exponent;
  if (a.units === 0n || b.units === 0n) return a.units === 0n ? b : a;
  if (size(a) !== size(b)) return size(a) > size(b) ? a : b;
  const least = Math.min(a.exponent, b.exponent);
  const at = ({ units, exponent }: Scaled): bigint => magnitude(units) * 10n ** BigInt(exponent - least);
  return at(a) >= at(b) ? a : b;
}

function times(a: Scaled, b: Scaled | null): Scaled | null {
  return b === null ? null : { units: magnitude(a.units) * b.units, exponent: a.exponent + b.exponent };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
