/** Ids that the candidate no longer makes anew: each breaks the renaming that the first one of its lane introduced, but what happened
 * is that the value has become a constant.
 *
 *    primary    k3x…  9fa…  c07…      lane: k3x = zzz is a renaming like any other
 *    candidate  zzz…  zzz…  zzz…            9fa = zzz, c07 = zzz contradict it: json.reference, said as json.constant       */

import type { Comparison } from "../model/difference.ts";
import type { Assessment } from "./assess.ts";
import { mainTransition, placeKey, type SignatureRecord } from "./signatures.ts";
import type { ComparedExchange } from "./tally.ts";

/** Leaves that are followed, and values remembered of each. */
const mostLeaves = 10_000;
const mostSeen = 2048;
/** Fewer broken references are no pattern. */
const fewestPairs = 10;
/** Share of the candidate's values that were there before, and of the primary's that may have been. */
const constantShare = 0.9;
const repeatedShare = 0.01;

class Leaf {
  pairs = 0;
  /** Pairs of which the value had been seen before. */
  readonly repeats = { primary: 0, candidate: 0 };
  private readonly seen = { primary: new Set<string>(), candidate: new Set<string>() };

  add(values: { readonly primary: string; readonly candidate: string }): void {
    this.pairs++;
    for (const side of ["primary", "candidate"] as const) {
      if (this.seen[side].has(values[side])) this.repeats[side]++;
      else if (this.seen[side].size < mostSeen) this.seen[side].add(values[side]);
    }
  }

  get isConstant(): boolean {
    const { pairs, repeats } = this;
    return pairs >= fewestPairs && repeats.candidate >= constantShare * pairs && repeats.primary <= repeatedShare * pairs;
  }
}

/** One run's ids. */
export class ConstantIds {
  private readonly leaves = new Map<string, Leaf>();
  /** Numbers of the signatures that turned out to be constants. */
  private readonly constants = new Set<number>();

  /** Call once an exchange. */
  observe(endpoint: string, { differences }: Comparison): void {
    for (const difference of differences) {
      if (difference.kind !== "json.reference" || difference.from === null || difference.to === null) continue;
      this.leaf(`${endpoint}\n${placeKey(difference)}`)?.add({ primary: difference.from, candidate: difference.to });
    }
  }

  /** Calls broken references that are constants by that name. */
  name(assessments: readonly Assessment[]): Assessment[] {
    return assessments.map((assessment) => {
      const { record, state, labels } = assessment;
      const { signature, number } = record;
      const isConstant = this.leaves.get(`${signature.endpoint}\n${placeKey(signature)}`)?.isConstant === true;
      if (!isConstant || state === "noise" || labels !== null) return assessment;
      this.constants.add(number);
      return { ...assessment, record: asConstant(record) };
    });
  }

  /** Indexes of the exchanges at which a constant can show: none that is its lane's first, where every value is a new one. Null for
   * all other signatures. */
  countedAt({ number, shown }: SignatureRecord, exchanges: readonly ComparedExchange[]): readonly number[] | null {
    const endpoint = exchanges[shown[0] ?? -1]?.endpoint;
    if (!this.constants.has(number) || endpoint === undefined) return null;
    const begun = new Set<number>();
    return [...exchanges.keys()].filter((index) => {
      const exchange = exchanges[index];
      if (exchange?.endpoint !== endpoint) return false;
      const isFirst = !begun.has(exchange.lane);
      begun.add(exchange.lane);
      // What shows it has met the value before, be it elsewhere.
      return !isFirst || exchange.shown.includes(number);
    });
  }

  private leaf(name: string): Leaf | null {
    const known = this.leaves.get(name);
    if (known !== undefined) return known;
    if (this.leaves.size >= mostLeaves) return null;
    const leaf = new Leaf();
    this.leaves.set(name, leaf);
    return leaf;
  }
}

function asConstant(record: SignatureRecord): SignatureRecord {
  const { from, to, count } = mainTransition(record);
  const transitions = new Map([["constant", { count, from, to, text: "constant" }]]);
  return { ...record, signature: { ...record.signature, kind: "json.constant" }, transitions };
}
