/** Keeps the features of all compared exchanges in little room: each feature is a number, each list of them is kept once,
 * and the lists stand end to end in one typed array. */

import type { Feature } from "./request-features.ts";
import { Interner } from "./tally.ts";

/** Distinct texts of one attribute; with more it is an identifier, of which no single value is a pattern. */
const mostValues = 200;
/** Distinct features of a run, so that each fits into one UTF-16 unit of a list's key. */
const mostFeatures = 65_535;
const firstRoom = 1_024;

export class FeatureTable {
  /** What the numbers mean. */
  readonly features: Feature[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly valuesOf = new Map<string, number>();
  private readonly lists = new Interner();
  private readonly starts: number[] = [0];
  private members: Uint16Array = new Uint16Array(firstRoom);

  /** @returns the number of the list of these features; equal lists have equal numbers */
  listOf(features: readonly Feature[]): number {
    const numbers: number[] = [];
    for (const feature of features) {
      const number = this.numberOf(feature);
      if (number !== null) numbers.push(number);
    }
    numbers.sort((a, b) => a - b);
    const list = this.lists.numberOf(String.fromCharCode(...numbers));
    if (list === this.starts.length - 1) this.append(numbers);
    return list;
  }

  /** The features of a list, ascending. */
  membersOf(list: number): Uint16Array {
    return this.members.subarray(this.starts[list] ?? 0, this.starts[list + 1] ?? 0);
  }

  private append(numbers: readonly number[]): void {
    const end = this.starts[this.starts.length - 1] ?? 0;
    if (end + numbers.length > this.members.length) {
      const larger = new Uint16Array(2 * this.members.length + numbers.length);
      larger.set(this.members);
      this.members = larger;
    }
    this.members.set(numbers, end);
    this.starts.push(end + numbers.length);
  }

  private numberOf(feature: Feature): number | null {
    const key = `${feature.attribute}\n${feature.form}\n${feature.value}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    if (this.features.length >= mostFeatures) return null;
    if (feature.form === "equal") {
      const values = this.valuesOf.get(feature.attribute) ?? 0;
      if (values >= mostValues) return null;
      this.valuesOf.set(feature.attribute, values + 1);
    }
    this.numbers.set(key, this.features.length);
    this.features.push(feature);
    return this.features.length - 1;
  }
}
