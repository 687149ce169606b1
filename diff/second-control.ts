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
import type { RuleScope } from "./rules/scope.ts";
import { countTransition, placeKey, type SignatureRecord, type SignatureTable } from "./signatures.ts";
import { maskedShare } from "./weigh.ts";

/** Exchanges of an endpoint before a share of them says that a value is masked. */
const fewestExchanges = 20;

/** Numbers of the signatures that one exchange shows, from the candidate and from the control. */
export interface Shown {
  readonly shown: readonly number[];
  readonly noisy: readonly number[];
}

/** What the first comparison of an exchange says, and how to make another one. */
interface Before extends Shown {
  readonly rules: RuleScope;
}

/** One exchange at an endpoint with masked signatures. */
interface Met extends Before {
  readonly observation: Observation;
  readonly endpoint: string;
  readonly index: number;
  /** Of masked signatures. */
  readonly keys: ReadonlyMap<string, Switch>;
}

interface Targets {
  readonly candidate: Trial;
  readonly control: Trial;
  readonly second: Trial;
}

/** What an exchange shows from the control, and what the user's rules did there. */
interface Reanchored extends Shown {
  readonly comparisons: readonly Comparison[];
}

/** The moment from which on a masked signature is counted anew. */
interface Switch {
  /** Exchanges of the endpoint that had been compared. */
  readonly compared: number;
  /** Position in the list of those that are compared with the control. */
  readonly from: number;
}

const none: Reanchored = { shown: [], noisy: [], comparisons: [] };

/** One run's second control. */
export class SecondControl {
  private readonly signatures: SignatureTable;
  private readonly mapKeys: MapKeys;
  private readonly toCandidate = new LaneReferences();
  private readonly toControl = new LaneReferences();
  private readonly compared = new Map<string, number>();
  /** By endpoint and key. */
  private readonly switched = new Map<string, Map<string, Switch>>();
  /** By endpoint: indexes of the exchanges that were compared with the control, from the endpoint's first switch on. */
  private readonly places = new Map<string, number[]>();
  /** By number of the signature that is counted from the switch on. */
  private readonly countedFrom = new Map<number, number>();
  /** Exchanges at which a masked signature was tested against the control, by its number. */
  private readonly tested = new Map<number, number>();

  constructor(signatures: SignatureTable, mapKeys: MapKeys) {
    this.signatures = signatures;
    this.mapKeys = mapKeys;
  }

  /** Call once for each exchange that is compared and has no gap before it, after its differences from the primary are recorded.
   * @param index of the exchange
   * @param fromPrimary what it shows from the primary */
  observe(observation: Observation, endpoint: string, index: number, fromPrimary: Before): Reanchored {
    const { candidate, controls } = observation;
    const [control, second] = controls;
    if (candidate === null || control?.outcome.kind !== "answered" || second?.outcome.kind !== "answered") return none;
    const keys = this.switched.get(endpoint);
    const result =
      keys === undefined ? none : this.reanchor({ observation, endpoint, index, keys, ...fromPrimary }, { candidate, control, second });
    this.switch(endpoint, fromPrimary);
    return result;
  }

  /** Share of a masked signature's occurrences that were tested all the same. */
  testedShare({ number, shown }: SignatureRecord): number {
    return shown.length === 0 ? 0 : (this.tested.get(number) ?? 0) / shown.length;
  }

  /** Indexes of the exchanges at which a signature was counted; null = it is counted from the primary, at all of its endpoint. */
  countedAt({ number, signature: { endpoint } }: SignatureRecord): readonly number[] | null {
    const from = this.countedFrom.get(number);
    return from === undefined ? null : (this.places.get(endpoint) ?? []).slice(from);
  }

  private reanchor(met: Met, { candidate, control, second }: Targets): Reanchored {
    const { observation, endpoint, index, keys } = met;
    const { lane } = observation.exchange;
    const toCandidate = aboutMasked(this.mapKeys.fold(endpoint, compare(met, control, candidate, this.toCandidate.of(lane)), []), keys);
    const toControl = aboutMasked(this.mapKeys.fold(endpoint, compare(met, control, second, this.toControl.of(lane)), []), keys);
    const places = this.places.get(endpoint) ?? [];
    places.push(index);
    this.places.set(endpoint, places);
    for (const number of met.shown) {
      const before = this.signatures.records[number];
      if (before?.isValueLevel === true && keys.has(placeKey(before.signature)))
        this.tested.set(number, (this.tested.get(number) ?? 0) + 1);
    }
    const shown = keep(index, this.bySignature(toCandidate, met), this.bySignature(toControl, met));
    return { ...shown, comparisons: [toCandidate, toControl] };
  }

  private bySignature({ differences }: Comparison, { endpoint, keys }: Met): Map<SignatureRecord, Difference[]> {
    return Map.groupBy(differences, (difference) => {
      const signature = this.signatures.of(endpoint, difference, "control");
      const { compared, from } = keys.get(placeKey(difference)) ?? { compared: 0, from: 0 };
      signature.comparedBefore = compared;
      this.countedFrom.set(signature.number, from);
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
      const keys = this.switched.get(endpoint) ?? new Map<string, Switch>();
      const key = placeKey(masked.signature);
      if (!keys.has(key)) this.switched.set(endpoint, keys.set(key, { compared, from: this.places.get(endpoint)?.length ?? 0 }));
    }
  }
}

/** Leaves one of two that say the same: a masked signature whose successor is a finding, or a successor that is noise as well. */
export function withoutReplaced(assessments: readonly Assessment[]): Assessment[] {
  const nameOf = ({ record: { signature } }: Assessment): string => `${signature.endpoint}\n${placeKey(signature)}`;
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

function compare({ observation: { exchange }, rules }: Met, left: Trial, right: Trial, references: References): Comparison {
  return compareOutcomes(left.outcome, right.outcome, {
    request: exchange.request,
    references,
    rules,
    leftSentTarget: left.sentTarget,
    rightSentTarget: right.sentTarget,
  });
}

/** What a comparison says about masked signatures; of all others the one with the primary has its say. */
function aboutMasked({ differences, leaves, rules }: Comparison, keys: Met["keys"]): Comparison {
  // Form and presence are tested against the primary throughout.
  const isMasked = (difference: Difference): boolean => difference.level === "value" && keys.has(placeKey(difference));
  const hidden = rules?.hidden.filter(({ difference }) => isMasked(difference)) ?? [];
  return { differences: differences.filter(isMasked), leaves, rules: { hidden, applied: [] } };
}
