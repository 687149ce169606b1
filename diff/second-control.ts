/** Tests masked values after all where a second control runs: against the first one in place of the primary.
 *
 *    primary ≠ control at most answers  ──►  switch, for this signature, from the next exchange on:
 *        D' = the candidate differs from the control        N' = the second control differs from the control
 *
 * That is a new signature, whose evidence starts at the switch. A host name differs in both; what only the candidate says
 * otherwise does not. The switch looks at earlier exchanges only, so it cannot favour one side of later ones. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Observation, Trial } from "../model/observation.ts";
import type { Assessment } from "./assess.ts";
import { compareOutcomes } from "./compare/outcomes.ts";
import type { References } from "./compare/references.ts";
import { LaneReferences } from "./lane-references.ts";
import type { MapKeys } from "./map-keys.ts";
import { countTransition, differenceKey, type SignatureRecord, type SignatureTable } from "./signatures.ts";
import { maskedShare } from "./weigh.ts";

/** Exchanges of an endpoint before a share of them says that a value is masked. */
const fewestExchanges = 20;

/** Numbers of the signatures that one exchange shows, from the candidate and from the control. */
export interface Shown {
  readonly shown: readonly number[];
  readonly noisy: readonly number[];
}

const none: Shown = { shown: [], noisy: [] };

/** One run's second control. */
export class SecondControl {
  private readonly signatures: SignatureTable;
  private readonly mapKeys: MapKeys;
  private readonly toCandidate = new LaneReferences();
  private readonly toControl = new LaneReferences();
  private readonly compared = new Map<string, number>();
  /** By endpoint and key: how many exchanges had been compared at the switch. */
  private readonly switched = new Map<string, Map<string, number>>();
  /** Exchanges at which a masked signature was tested against the control, by its number. */
  private readonly tested = new Map<number, number>();

  constructor(signatures: SignatureTable, mapKeys: MapKeys) {
    this.signatures = signatures;
    this.mapKeys = mapKeys;
  }

  /** Call once for each exchange that is compared and has no gap before it, after its differences from the primary are recorded.
   * @param index of the exchange
   * @param fromPrimary what it shows from the primary */
  observe(observation: Observation, endpoint: string, index: number, fromPrimary: Shown): Shown {
    const { candidate, controls } = observation;
    const [control, second] = controls;
    if (candidate === null || control?.outcome.kind !== "answered" || second?.outcome.kind !== "answered") return none;
    const keys = this.switched.get(endpoint);
    let result = none;
    if (keys !== undefined) {
      const { lane } = observation.exchange;
      const toCandidate = this.found(compare(observation, control, candidate, this.toCandidate.of(lane)), endpoint, keys);
      const toControl = this.found(compare(observation, control, second, this.toControl.of(lane)), endpoint, keys);
      result = keep(index, toCandidate, toControl);
      for (const number of fromPrimary.shown) {
        const masked = this.signatures.records[number];
        if (masked !== undefined && keys.has(differenceKey(masked.signature))) this.tested.set(number, (this.tested.get(number) ?? 0) + 1);
      }
    }
    this.switch(endpoint, fromPrimary);
    return result;
  }

  /** Share of a masked signature's occurrences that were tested all the same. */
  testedShare({ number, shown }: SignatureRecord): number {
    return shown.length === 0 ? 0 : (this.tested.get(number) ?? 0) / shown.length;
  }

  private found(comparison: Comparison, endpoint: string, keys: ReadonlyMap<string, number>): Map<SignatureRecord, Difference[]> {
    const { differences } = this.mapKeys.fold(endpoint, comparison, []);
    const masked = differences.filter((difference) => keys.has(differenceKey(difference)));
    return Map.groupBy(masked, (difference) => {
      const signature = this.signatures.of(endpoint, difference, "control");
      signature.comparedBefore = keys.get(differenceKey(difference)) ?? 0;
      return signature;
    });
  }

  /** From the next exchange on. */
  private switch(endpoint: string, { shown, noisy }: Shown): void {
    const compared = (this.compared.get(endpoint) ?? 0) + 1;
    this.compared.set(endpoint, compared);
    if (compared < fewestExchanges) return;
    for (const number of new Set([...shown, ...noisy])) {
      const masked = this.signatures.records[number];
      if (masked === undefined || !masked.isValueLevel || masked.noisy.length <= maskedShare * compared) continue;
      const keys = this.switched.get(endpoint) ?? new Map<string, number>();
      const key = differenceKey(masked.signature);
      if (!keys.has(key)) this.switched.set(endpoint, keys.set(key, compared));
    }
  }
}

/** Leaves one of two that say the same: a masked signature whose successor is a finding, or a successor that is noise as well. */
export function withoutReplaced(assessments: readonly Assessment[]): Assessment[] {
  const nameOf = ({ record: { signature } }: Assessment): string => `${signature.endpoint}\n${differenceKey(signature)}`;
  const isReal = ({ record, state }: Assessment): boolean => record.anchor === "control" && state !== "noise";
  const replaced = new Set(assessments.filter(isReal).map(nameOf));
  return assessments.filter((one) => (one.record.anchor === "control" ? isReal(one) : !(one.isMasked && replaced.has(nameOf(one)))));
}

function keep(index: number, shown: ReadonlyMap<SignatureRecord, Difference[]>, noisy: ReadonlyMap<SignatureRecord, Difference[]>): Shown {
  for (const [signature, differences] of shown) {
    signature.shown.push(index);
    signature.occurrences += differences.length;
    for (const difference of differences) countTransition(signature, difference);
  }
  for (const [signature, differences] of noisy) {
    signature.noisy.push(index);
    if (signature.shown.length === 0) for (const difference of differences) countTransition(signature, difference);
  }
  return { shown: [...shown.keys()].map(({ number }) => number), noisy: [...noisy.keys()].map(({ number }) => number) };
}

function compare({ exchange }: Observation, left: Trial, right: Trial, references: References): Comparison {
  return compareOutcomes(left.outcome, right.outcome, {
    request: exchange.request,
    references,
    leftSentTarget: left.sentTarget,
    rightSentTarget: right.sentTarget,
  });
}
