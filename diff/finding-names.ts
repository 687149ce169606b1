/** The fingerprints of what an assessment shows: one for the signature with each of its transitions.
 *
 * The finding is named after the one that speaks for it; what people accepted or know is remembered with all of them, so that neither
 * another transition at the same place passes for it, nor another majority among the same ones for something new. */

import { fingerprintOf } from "./fingerprint.ts";
import { isVaried, mainTransition, type SignatureRecord } from "./signatures.ts";

/** Stands for all transitions of a signature whose transitions are data. */
export const anyTransition = "*";

/** What is named; of a deviating instance of production with its labels. */
interface Named {
  readonly record: SignatureRecord;
  readonly labels: Readonly<Record<string, string>> | null;
}

/** One transition of a signature. */
export interface NamedTransition {
  readonly transition: string;
  readonly fingerprint: string;
  /** Exchanges that show it. */
  readonly count: number;
}

/** Of the transition that speaks for it. */
export function nameOf(named: Named): string {
  return nameWith(named, mainTransition(named.record).text);
}

/** Of all its transitions, the most frequent first. */
export function namesOf(named: Named): NamedTransition[] {
  const { transitions } = named.record;
  const entries = [...transitions].map(([stable, { count }]) => ({ transition: stable, count }));
  const total = entries.reduce((sum, { count }) => sum + count, 0);
  if (isVaried(named.record)) entries.push({ transition: anyTransition, count: total });
  entries.sort((a, b) => b.count - a.count || (a.transition < b.transition ? -1 : 1));
  return entries.map(({ transition, count }) => ({ transition, count, fingerprint: nameWith(named, transition) }));
}

/** What was accepted of one instance of production is not accepted of the candidate. */
function nameWith({ record, labels }: Named, transition: string): string {
  return fingerprintOf(record.signature, labels === null ? transition : `heterogeneity ${transition}`);
}
