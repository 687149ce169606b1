/** Randomness by name: the same question gets the same answer, whatever was asked before. So a run with a fault and its twin
 * without one have the same noise, and a record that is stale in one copy stays so. */

import { type Random, seededRandom } from "../../model/random.ts";

/** FNV-1a, 32 bits. */
const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

export function roll(seed: number, ...names: readonly (string | number)[]): Random {
  let hash = offsetBasis ^ seed;
  for (const character of names.join("\n")) hash = Math.imul(hash ^ character.charCodeAt(0), prime);
  return seededRandom(hash);
}

export function hexDigits(random: Random, length: number): string {
  let digits = "";
  while (digits.length < length)
    digits += random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return digits.slice(0, length);
}

export function uuid(random: Random): string {
  const digits = hexDigits(random, 30);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-a${digits.slice(15, 18)}-${digits.slice(18, 30)}`;
}

/** `count` different members in random order; all when there are fewer. */
export function choose<T>(items: readonly T[], count: number, random: Random): T[] {
  const left = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) chosen.push(...left.splice(random.below(left.length), 1));
  return chosen;
}
