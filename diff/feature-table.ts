/** Keeps the features of all compared exchanges in little room: each feature is a number, each list of them is kept once,
 * and the lists stand end to end in one typed array. */

import { Interner } from "./tally.ts";

/** A statement about one attribute of a request, e.g. `query page`. */
export interface Feature {
  readonly attribute: string;
  /** It is there · it is exactly this text · it is a number of about this size. */
  readonly form: "present" | "equal" | "about";
  /** Of `about`, the least number of the bucket; of `present`, empty. */
  readonly value: string;
}

/** Features kept of one request. */
export const mostOfOne = 96;
/** Distinct texts of one attribute; with more it is an identifier, of which no single value is a pattern. */
const mostValues = 200;
/** Distinct features of a run, so that each fits into one UTF-16 unit of a list's key. */
const mostFeatures = 65_535;
const firstRoom = 1_024;

export class FeatureTable {
  /** What the numbers mean. */
  readonly features: Feature[] = [];
  private readonly attributes = new Map<string, Attribute>();
  private readonly lists = new Interner();
  private readonly starts: number[] = [0];
  private members: Uint16Array = new Uint16Array(firstRoom);

  /** The attribute of this name; beyond the bound one that has no features. */
  attribute(name: string): Attribute {
    let known = this.attributes.get(name);
    if (known === undefined) {
      known = new Attribute(name, (feature) => this.add(feature));
      if (this.features.length < mostFeatures) this.attributes.set(name, known);
    }
    return known;
  }

  /** @returns the number of the list of these features; lists of the same features have the same number */
  listOf(numbers: readonly (number | null)[]): number {
    const known = numbers.filter((number) => number !== null);
    const distinct = [...new Set(known)].slice(0, mostOfOne).sort((a, b) => a - b);
    const list = this.lists.numberOf(String.fromCharCode(...distinct));
    if (list === this.starts.length - 1) this.append(distinct);
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

  private add(feature: Feature): number | null {
    return this.features.length < mostFeatures ? this.features.push(feature) - 1 : null;
  }
}

/** Numbers the features of one attribute. Null = the bound is reached. */
export class Attribute {
  readonly name: string;
  private readonly add: (feature: Feature) => number | null;
  private isPresent: number | null | undefined;
  private readonly texts = new Map<string, number | null>();
  private readonly buckets = new Map<number, number | null>();

  constructor(name: string, add: (feature: Feature) => number | null) {
    this.name = name;
    this.add = add;
  }

  present(): number | null {
    if (this.isPresent === undefined) this.isPresent = this.add({ attribute: this.name, form: "present", value: "" });
    return this.isPresent;
  }

  equal(value: string): number | null {
    const known = this.texts.get(value);
    if (known !== undefined || this.texts.size >= mostValues) return known ?? null;
    const number = this.add({ attribute: this.name, form: "equal", value });
    this.texts.set(value, number);
    return number;
  }

  about(value: number): number | null {
    const bucket = bucketOf(value);
    const known = this.buckets.get(bucket);
    if (known !== undefined) return known;
    const number = this.add({ attribute: this.name, form: "about", value: String(bucket) });
    if (number !== null) this.buckets.set(bucket, number);
    return number;
  }
}

/** Digits of a number that are told apart: 1,234 and 1,290 are alike, 12 and 13 are not. */
const bucketDigits = 2;
/** Scaling by a power of ten may leave 22.9999999999 of 23. */
const scalingError = 1e-9;

/** The least number of those that share the first digits of `value`, downwards: 1,234 → 1,200, −1,234 → −1,300. */
function bucketOf(value: number): number {
  if (value === 0) return 0;
  const places = bucketDigits - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (places >= 0) return Math.floor(value * 10 ** places + scalingError) / 10 ** places;
  return Math.floor(value / 10 ** -places + scalingError) * 10 ** -places;
}
