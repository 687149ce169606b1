/** Numbers as the decimals that were written, of any size and precision: 9007199254740993 is not
 * 9007199254740992, whatever a double makes of them. */

/** sign × 0.DIGITS × 10^exponent, without zeros at either end of the digits. Zero has no digits. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const shape = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Exponents beyond this are not exact integers any more; such numbers compare as text. */
const maxExponentDigits = 14;

/** Null for what is no number, or has an exponent beyond reason. */
export function decimalOf(lexeme: string): Decimal | null {
  const match = shape.exec(lexeme);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", power = "0"] = match;
  const all = whole + fraction;
  let first = 0;
  while (all.charCodeAt(first) === 0x30) first++;
  let end = all.length;
  while (end > first && all.charCodeAt(end - 1) === 0x30) end--;
  if (first === end) return { negative: false, digits: "", exponent: 0 };
  if (power.length > maxExponentDigits) return null;
  return { negative: sign === "-", digits: all.slice(first, end), exponent: whole.length - first + Number(power) };
}

/** The same number, however it is written: 1, 1.0, 10e-1. */
export function sameDecimal(left: string, right: string): boolean {
  if (left === right) return true;
  // One number is one double, too.
  if (Number(left) !== Number(right)) return false;
  const a = decimalOf(left);
  const b = decimalOf(right);
  return a !== null && b !== null && a.negative === b.negative && a.exponent === b.exponent && a.digits === b.digits;
}

/** Different numbers that a reader with doubles cannot tell apart. */
export function sameDouble(left: string, right: string): boolean {
  const value = Number(left);
  return Number.isFinite(value) && value === Number(right);
}
