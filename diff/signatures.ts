/** All signatures seen in a run, numbered in the order of their discovery, with where they were seen. */

import type { Difference } from "../model/difference.ts";
import type { Signature } from "../model/report.ts";
import { stableTransition } from "./fingerprint.ts";
import { severityPoints, timingPoints } from "./severity.ts";
import { isNoisyTiming } from "./timings.ts";

export interface TransitionCount {
  count: number;
  /** The first example seen. */
  readonly from: string | null;
  readonly to: string | null;
  /** As it was written there. */
  readonly text: string;
}

/** What a probe says of a signature: the candidate shows it at every send (`separated`), at some (`flaky`) or at none (`unrepeated`), each time
 * without the control; or the control shows it against itself (`refuted`). */
export type ProbeAnswer = "separated" | "flaky" | "unrepeated" | "refuted" | "unclear";

export interface ProbeResult {
  readonly answer: ProbeAnswer;
  readonly times: number;
  readonly freshState: boolean;
}

export interface SignatureRecord {
  readonly number: number;
  readonly signature: Signature;
  /** What it is a difference from: the primary, or, where the control always differs from that, the control. */
  readonly anchor: Anchor;
  /** Exchanges of its endpoint that were compared before it began to be counted. */
  comparedBefore: number;
  /** By transition without data-dependent counts; only of the candidate's differences, or of the control's while there are none. */
  readonly transitions: Map<string, TransitionCount>;
  /** Indexes of exchanges, ascending: the candidate shows it / the control shows it / the candidate shows it after a gap. */
  readonly shown: number[];
  readonly noisy: number[];
  readonly shownAfterGap: number[];
  /** Without a control: those of `shown` in which the two values have no volatile format. */
  readonly steady: number[];
  /** One entry a probe that was not void. */
  readonly probes: ProbeResult[];
  /** Single differences, for coverage: an answer may show a signature at many places. */
  occurrences: number;
  /** All of them at the level of values. */
  isValueLevel: boolean;
  /** The candidate gave different answers to the same probe. */
  isUnsteady: boolean;
}

export type Anchor = "primary" | "control";

/** Interns signatures. */
export class SignatureTable {
  readonly records: SignatureRecord[] = [];
  private readonly byKey = new Map<string, SignatureRecord>();

  /** The record of a difference's signature at an endpoint, made on first sight. */
  of(endpoint: string, difference: Difference, anchor: Anchor = "primary"): SignatureRecord {
    const key = `${anchor}\n${endpoint}\n${differenceKey(difference)}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const { location, path, kind } = difference;
    const record: SignatureRecord = {
      number: this.records.length,
      signature: { endpoint, location, path, kind },
      anchor,
      comparedBefore: 0,
      transitions: new Map(),
      shown: [],
      noisy: [],
      shownAfterGap: [],
      steady: [],
      probes: [],
      occurrences: 0,
      isValueLevel: true,
      isUnsteady: false,
    };
    this.byKey.set(key, record);
    this.records.push(record);
    return record;
  }
}

/** Differences of one endpoint with the same key have the same signature. Every two statuses have one of their own, whichever comes
 * first: a control that is busy at times (200→503) takes nothing from a candidate that fails (200→500). */
export function differenceKey(difference: Pick<Difference, "location" | "path" | "kind" | "transition">): string {
  const { location, transition } = difference;
  return location === "status" ? `${placeKey(difference)}\n${transition.split("→").toSorted().join(" ")}` : placeKey(difference);
}

/** Where and how, without what from and what to. */
export function placeKey({ location, path, kind }: Pick<Difference, "location" | "path" | "kind">): string {
  return `${location}\n${path}\n${kind}`;
}

/** Different transitions kept a signature; the rest are rare spellings of the same. */
const mostTransitions = 200;

export function countTransition(record: SignatureRecord, difference: Difference): void {
  const stable = stableTransition(record.signature, difference.transition);
  const known = record.transitions.get(stable);
  if (known !== undefined) known.count++;
  else if (record.transitions.size < mostTransitions) {
    record.transitions.set(stable, { count: 1, from: difference.from, to: difference.to, text: difference.transition });
  }
}

/** The most frequent transition; among equals the first by text, so that the order of the log does not matter. */
export function mainTransition(record: SignatureRecord): TransitionCount & { readonly stable: string } {
  let best: (TransitionCount & { stable: string }) | undefined;
  for (const [stable, entry] of record.transitions) {
    if (best === undefined || entry.count > best.count || (entry.count === best.count && stable < best.stable)) best = { ...entry, stable };
  }
  return best ?? { count: 0, from: null, to: null, text: "", stable: "" };
}

/** Rank points of a signature by its main transition. */
export function pointsOf(record: SignatureRecord): number {
  const { location, path, kind } = record.signature;
  if (isNoisyTiming(record.signature, record.shown.length, record.noisy.length)) return timingPoints;
  return severityPoints(location, path, kind, mainTransition(record).text);
}
