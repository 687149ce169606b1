/** Writes down, exchange by exchange, which signatures candidate and control show, and what probes say of them. */

import type { Comparison } from "../model/difference.ts";
import type { Probe } from "../model/observation.ts";
import type { ProbeReading } from "./probes.ts";
import { countTransition, differenceKey, type SignatureTable } from "./signatures.ts";
import { sameVolatileFormat } from "./volatile.ts";

/** Where a comparison was made. */
export interface ComparedAt {
  readonly endpoint: string;
  /** Index of the exchange. */
  readonly index: number;
  readonly afterGap: boolean;
}

type Table = Pick<SignatureTable, "of">;

export class SignatureLog {
  private readonly table: Table;
  private readonly hasControl: boolean;

  constructor(table: Table, hasControl: boolean) {
    this.table = table;
    this.hasControl = hasControl;
  }

  /** @returns the numbers of the signatures that the control shows */
  control({ endpoint, index, afterGap }: ComparedAt, comparison: Comparison | null): number[] {
    if (comparison === null) return [];
    const numbers = new Set<number>();
    for (const difference of comparison.differences) {
      const record = this.table.of(endpoint, difference);
      if (record.shown.length === 0 && record.shownAfterGap.length === 0) countTransition(record, difference);
      if (difference.level !== "value") record.isValueLevel = false;
      if (!afterGap && !numbers.has(record.number)) record.noisy.push(index);
      numbers.add(record.number);
    }
    return [...numbers];
  }

  /** Call after `control`. @returns the numbers of the signatures that the candidate shows */
  candidate({ endpoint, index, afterGap }: ComparedAt, comparison: Comparison): number[] {
    const numbers = new Set<number>();
    for (const difference of comparison.differences) {
      const record = this.table.of(endpoint, difference);
      if (difference.level !== "value") record.isValueLevel = false;
      record.occurrences += difference.leaves ?? 1;
      if (numbers.has(record.number)) continue;
      // Up to here only the control's differences could name the transition; the candidate's are the ones of interest.
      if (record.shown.length === 0 && record.shownAfterGap.length === 0) record.transitions.clear();
      countTransition(record, difference);
      numbers.add(record.number);
      (afterGap ? record.shownAfterGap : record.shown).push(index);
      if (!this.hasControl && !afterGap && !sameVolatileFormat(difference.from, difference.to)) record.steady.push(index);
    }
    return [...numbers];
  }

  /** What a probe says of the differences that the candidate alone shows.
   * @param noisy what the control shows there */
  probed(
    endpoint: string,
    { differences }: Comparison,
    noisy: ReadonlySet<number>,
    { freshState }: Pick<Probe, "freshState">,
    reading: ProbeReading,
  ): void {
    const seen = new Set<string>();
    for (const difference of differences) {
      const key = differenceKey(difference);
      const record = this.table.of(endpoint, difference);
      if (seen.has(key) || noisy.has(record.number)) continue;
      seen.add(key);
      record.probes.push({ ...reading.resultFor(difference), freshState });
      if (reading.isUnsteady(difference)) record.isUnsteady = true;
    }
  }
}
