/** What is in a recording, in numbers: for `penumbra inspect`. */

import { statSync } from "node:fs";
import type { Body, Exchange } from "../model/exchange.ts";
import { type DropHistory, dropHistory } from "./drop-windows.ts";
import { type Gap, Gaps } from "./gaps.ts";
import { openRecording, type RecordingMeta, segmentsIn } from "./open.ts";
import { type Removed, removedFrom } from "./removed.ts";
import { ledgersOf } from "./verify.ts";

export type Counts = Readonly<Record<string, number>>;

export interface RecordingSummary {
  readonly path: string;
  readonly meta: RecordingMeta;
  readonly exchanges: number;
  /** Start of the first and of the last request, ms since 1970; null when empty. */
  readonly first: number | null;
  readonly last: number | null;
  readonly methods: Counts;
  /** `2xx`, `3xx`, …; exchanges without an answer are in `outcomes` only. */
  readonly statusClasses: Counts;
  readonly outcomes: Counts;
  /** Different lanes, and exchanges that have none. */
  readonly lanes: number;
  readonly withoutLane: number;
  /** Body bytes as they were sent, before compression and with capped bodies in full. */
  readonly bytes: { readonly requests: number; readonly answers: number };
  readonly capped: number;
  /** What is missing and why, from the live process's last counters; {} when it left none. */
  readonly drops: Counts;
  /** Whether more may be missing: of the end of a process that was killed, or could not write, there are no counters. */
  readonly dropsAreLeast: boolean;
  /** What retention has taken out; null = nothing. */
  readonly removed: Removed | null;
  /** When it went missing. */
  readonly dropHistory: DropHistory;
  /** The longest times without any exchange, longest first. */
  readonly gaps: readonly Gap[];
}

/** @throws PenumbraError as `openRecording` */
export async function summarise(path: string): Promise<RecordingSummary> {
  const recording = await openRecording(path);
  const tally = new Tally();
  try {
    for await (const exchange of recording.exchanges()) tally.add(exchange);
  } finally {
    recording.close();
  }
  const segments = recording.meta.form !== "segments" ? [] : statSync(path).isDirectory() ? segmentsIn(path) : [path];
  const ledgers = ledgersOf(segments);
  return {
    path,
    meta: recording.meta,
    ...tally.result(),
    drops: added(ledgers.map((ledger) => ledger.drops)),
    dropsAreLeast: ledgers.some(({ isFinal }) => !isFinal),
    removed: removedFrom(recording.meta.segments),
    dropHistory: dropHistory(segments),
  };
}

class Tally {
  #exchanges = 0;
  #first: number | null = null;
  #last: number | null = null;
  #withoutLane = 0;
  #requests = 0;
  #answers = 0;
  #capped = 0;
  readonly #gaps = new Gaps();
  readonly #lanes = new Set<string>();
  readonly #methods = new Map<string, number>();
  readonly #statusClasses = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();

  add(exchange: Exchange): void {
    const { at, lane, request, outcome } = exchange;
    this.#exchanges++;
    this.#gaps.add(exchange);
    this.#first = Math.min(this.#first ?? at, at);
    this.#last = Math.max(this.#last ?? at, at);
    if (lane === null) this.#withoutLane++;
    else this.#lanes.add(lane);
    count(this.#methods, request.method);
    count(this.#outcomes, outcome.kind);
    this.#requests += sizeOf(request.body);
    const capped = [request.body.kind];
    if (outcome.kind === "answered") {
      count(this.#statusClasses, `${String(outcome.answer.status).slice(0, 1)}xx`);
      this.#answers += sizeOf(outcome.answer.body);
      capped.push(outcome.answer.body.kind);
    }
    if (capped.includes("capped")) this.#capped++;
  }

  result(): Omit<RecordingSummary, "path" | "meta" | "drops" | "dropsAreLeast" | "removed" | "dropHistory"> {
    return {
      exchanges: this.#exchanges,
      first: this.#first,
      last: this.#last,
      methods: sorted(this.#methods),
      statusClasses: sorted(this.#statusClasses),
      outcomes: sorted(this.#outcomes),
      lanes: this.#lanes.size,
      withoutLane: this.#withoutLane,
      bytes: { requests: this.#requests, answers: this.#answers },
      capped: this.#capped,
      gaps: this.#gaps.longest(),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function added(all: readonly Counts[]): Counts {
  const sum = new Map<string, number>();
  for (const [key, value] of all.flatMap((counts) => Object.entries(counts))) sum.set(key, (sum.get(key) ?? 0) + value);
  return sorted(sum);
}

/** Most frequent first. */
function sorted(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]));
}

function sizeOf(body: Body): number {
  if (body.kind === "none") return 0;
  return body.kind === "whole" ? body.bytes.length : body.length;
}
