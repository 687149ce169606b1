/** All signatures seen in a run, numbered in the order of their discovery, with where they were seen. */

import type { Difference } from "../model/difference.ts";
import type { Signature } from "../model/report.ts";
import { anyValue } from "./compare/transitions.ts";
import { stableTransition } from "./fingerprint.ts";
import { learntApart } from "./learnt-apart.ts";
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
  /** What else sets it apart from others with that signature (learnt-apart.ts). */
  readonly apart: string;
  /** What it is a difference from: the primary, or, where the control always differs from that, the control. */
  readonly anchor: Anchor;
  /** All of its transitions were accepted or are known. */
  readonly isReviewed: boolean;
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

/** A record that nothing was counted in. */
export function newRecord(number: number, signature: Signature): SignatureRecord {
  return {
    number,
    signature,
    apart: "",
    anchor: "primary",
    isReviewed: false,
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
}

/** Signatures of one endpoint that are told apart. With more, names are data in a way that nothing recognises (random header names), and
 * what is new is counted by its kind alone, wherever it is. */
const mostPlaces = 2000;
const anyPlace = "/**";

/** Interns signatures. */
export class SignatureTable {
  readonly records: SignatureRecord[] = [];
  /** By endpoint: how often a difference was at a place beyond those that are told apart. */
  readonly beyond = new Map<string, number>();
  private readonly byKey = new Map<string, SignatureRecord>();
  private readonly placesOf = new Map<string, number>();
  private readonly isReviewed: (signature: Signature, transition: string) => boolean;

  /** @param isReviewed whether such a difference was accepted or is known; those are counted apart from others at the same place */
  constructor(isReviewed: (signature: Signature, transition: string) => boolean = () => false) {
    this.isReviewed = isReviewed;
  }

  /** The record of a difference's signature at an endpoint, made on first sight. */
  of(endpoint: string, difference: Difference, anchor: Anchor = "primary"): SignatureRecord {
    const { location, path, kind } = difference;
    const signature: Signature = { endpoint, location, path, kind };
    const isReviewed = this.isReviewed(signature, difference.transition);
    const key = `${anchor}\n${isReviewed}\n${endpoint}\n${differenceKey(difference)}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const here = `${anchor}\n${endpoint}`;
    const places = this.placesOf.get(here) ?? 0;
    if (places >= mostPlaces && difference.path !== anyPlace) {
      this.beyond.set(endpoint, (this.beyond.get(endpoint) ?? 0) + 1);
      return this.of(endpoint, { ...difference, path: anyPlace }, anchor);
    }
    this.placesOf.set(here, places + 1);
    const record: SignatureRecord = { ...newRecord(this.records.length, signature), apart: learntApart(difference), anchor, isReviewed };
    this.byKey.set(key, record);
    this.records.push(record);
    return record;
  }
}

/** Differences of one endpoint with the same key have the same signature. Every change of status has one of its own: a control that is busy
 * at times (200→503) takes nothing from a candidate that fails (200→500). */
export function differenceKey(difference: Omit<Difference, "from" | "to">): string {
  return keyApart(difference, learntApart(difference));
}

/** One kind of difference at an endpoint, by its signature and what else sets it apart. */
export function kindKey(endpoint: string, place: Pick<Difference, "location" | "path" | "kind">, apart: string): string {
  return `${endpoint}\n${keyApart(place, apart)}`;
}

function keyApart(place: Pick<Difference, "location" | "path" | "kind">, apart: string): string {
  return apart === "" ? placeKey(place) : `${placeKey(place)}\n${apart}`;
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

/** A transition at least half as frequent as the most frequent one may speak for a signature. */
const speakingShare = 0.5;
/** With so many transitions, none of which is frequent, they are data: another word for every word. */
const mostNamed = 20;
const leastNamedShare = 0.1;

/** The transition that speaks for a signature: of those that are about as frequent as the most frequent one the first by text, so that
 * neither the order of the log nor a majority that changes from run to run matters; a name comes before "another value". */
export function mainTransition(record: SignatureRecord): TransitionCount & { readonly stable: string } {
  let most = 0;
  let best: (TransitionCount & { stable: string }) | undefined;
  for (const { count } of record.transitions.values()) most = Math.max(most, count);
  for (const [stable, entry] of record.transitions) {
    if (entry.count >= speakingShare * most && (best === undefined || comesBefore(stable, best.stable))) best = { ...entry, stable };
  }
  if (best === undefined) return { count: 0, from: null, to: null, text: "", stable: "" };
  return isVaried(record) ? { ...best, text: anyValue, stable: anyValue } : best;
}

function comesBefore(a: string, b: string): boolean {
  return a === anyValue || b === anyValue ? b === anyValue && a !== b : a < b;
}

/** Whether a signature's transitions are as many as its values. */
export function isVaried({ transitions }: SignatureRecord): boolean {
  if (transitions.size <= mostNamed) return false;
  const counts = [...transitions.values()].map(({ count }) => count);
  return Math.max(...counts) < leastNamedShare * counts.reduce((sum, count) => sum + count, 0);
}

/** Rank points of a signature by its main transition. */
export function pointsOf(record: SignatureRecord): number {
  const { location, path, kind } = record.signature;
  const main = mainTransition(record);
  if (isNoisyTiming(record.signature, main, record.shown.length, record.noisy.length)) return timingPoints;
  return severityPoints(location, path, kind, main.text);
}
