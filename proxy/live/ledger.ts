/** Conservation: where every exchange went. All numbers are exact whenever they are read.
 *
 *    seen     = unsampled + captured + Σ dropped + open
 *    captured = mirrored + Σ mirrorDropped + pendingMirror
 *             = recorded + Σ recordDropped + pendingRecord
 *
 *  - `seen` counts when a request's head is complete, or when its framing is refused before that.
 *  - `open`: the head was handed over and the last message has not been. Unsampled exchanges are never open.
 *  - `captured`: the last message was handed to the pipe: both the request and the final answer have ended, or the
 *    request has ended and the connection broke off (`client_abort`, `primary_abort` as an outcome of the copy).
 *  - `dropped`: everything else; what was already handed over of it is void.
 *  - `pending`: captured, and the observer has not said yet what became of that part.
 *
 * A disposition may come before its exchange is captured (a mirror can be faster than the primary): it waits here.
 * The second disposition of a part is ignored, except that after the observer's death `done` turns `observer_lost`
 * into a recovered one: the row had been committed. */

import {
  type Disposition,
  type DropReason,
  dropReasons,
  type MirrorDropReason,
  mirrorDropReasons,
  type RecordDropReason,
  recordDropReasons,
} from "../handover/reasons.ts";

export interface LedgerSnapshot {
  readonly epoch: string;
  readonly seen: number;
  readonly unsampled: number;
  readonly captured: number;
  readonly open: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly mirrored: number;
  readonly mirrorDropped: Readonly<Record<MirrorDropReason, number>>;
  readonly pendingMirror: number;
  readonly recorded: number;
  readonly recordDropped: Readonly<Record<RecordDropReason, number>>;
  readonly pendingRecord: number;
  /** Parts that an observer had finished before it died and that a later one reported. Contained in the numbers above. */
  readonly recovered: number;
}

/** One copy that is open or has a part pending. */
interface Entry {
  captured: boolean;
  mirror: "done" | MirrorDropReason | null;
  record: "done" | RecordDropReason | null;
}

/** Copies that are undecided at the same time; an observer that is further behind gets no more. */
const maxEntries = 100_000;
/** Lost copies that can still be recovered; some 50 bytes each. */
const maxLost = 100_000;

export class Ledger {
  /** Names this live process; with the sequence it names every exchange. */
  readonly epoch: string;
  #lastSequence = 0;
  #unsampled = 0;
  #captured = 0;
  #open = 0;
  #mirrored = 0;
  #recorded = 0;
  #pendingMirror = 0;
  #pendingRecord = 0;
  #recovered = 0;
  #seen = 0;
  readonly #dropped: Record<DropReason, number> = zeros(dropReasons);
  readonly #mirrorDropped: Record<MirrorDropReason, number> = zeros(mirrorDropReasons);
  readonly #recordDropped: Record<RecordDropReason, number> = zeros(recordDropReasons);
  readonly #entries = new Map<number, Entry>();
  /** Sequence → the parts that were lost. */
  readonly #lost = new Map<number, Set<Disposition["part"]>>();

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  /** The sampling decision was no. */
  countUnsampled(): void {
    this.#seen++;
    this.#unsampled++;
  }

  /** An exchange that was dropped before anything of it was handed over. */
  countDropped(reason: DropReason): void {
    this.#seen++;
    this.#dropped[reason]++;
  }

  /** Whether another copy may begin; the reason otherwise is `pending_limit`. */
  get hasRoom(): boolean {
    return this.#entries.size < maxEntries;
  }

  /** A copy begins.
   * @returns its sequence */
  begin(): number {
    this.#seen++;
    this.#open++;
    const sequence = ++this.#lastSequence;
    this.#entries.set(sequence, { captured: false, mirror: null, record: null });
    return sequence;
  }

  isOpen(sequence: number): boolean {
    return this.#entries.get(sequence)?.captured === false;
  }

  /** The last message of a copy was handed over. */
  capture(sequence: number): void {
    const entry = this.#entries.get(sequence);
    if (entry === undefined || entry.captured) return;
    entry.captured = true;
    this.#open--;
    this.#captured++;
    if (entry.mirror === null) this.#pendingMirror++;
    else this.#countMirror(entry.mirror);
    if (entry.record === null) this.#pendingRecord++;
    else this.#countRecord(entry.record);
    this.#settle(sequence, entry);
  }

  /** A copy that had begun is given up. */
  drop(sequence: number, reason: DropReason): void {
    const entry = this.#entries.get(sequence);
    if (entry === undefined || entry.captured) return;
    this.#entries.delete(sequence);
    this.#open--;
    this.#dropped[reason]++;
  }

  /** The observer's word about one part of a copy. */
  dispose(sequence: number, disposition: Disposition): void {
    const entry = this.#entries.get(sequence);
    if (entry === undefined) {
      if (disposition.result === "done") this.#recover(sequence, disposition.part);
      return;
    }
    if (entry[disposition.part] !== null) return;
    switch (disposition.part) {
      case "mirror":
        entry.mirror = disposition.result;
        if (!entry.captured) return;
        this.#pendingMirror--;
        this.#countMirror(disposition.result);
        break;
      case "record":
        entry.record = disposition.result;
        if (!entry.captured) return;
        this.#pendingRecord--;
        this.#countRecord(disposition.result);
        break;
      default:
        disposition satisfies never;
    }
    this.#settle(sequence, entry);
  }

  /** The observer is gone: what was open is dropped, what was pending is lost unless a later observer knows better. */
  observerLost(): void {
    for (const [sequence, entry] of this.#entries) {
      if (!entry.captured) {
        this.drop(sequence, "observer_lost");
        continue;
      }
      const parts = new Set<Disposition["part"]>();
      if (entry.mirror === null) parts.add("mirror");
      if (entry.record === null) parts.add("record");
      this.#lost.set(sequence, parts);
      if (parts.has("mirror")) this.dispose(sequence, { part: "mirror", result: "observer_lost" });
      if (parts.has("record")) this.dispose(sequence, { part: "record", result: "observer_lost" });
    }
    for (const sequence of this.#lost.keys()) {
      if (this.#lost.size <= maxLost) break;
      this.#lost.delete(sequence);
    }
  }

  snapshot(): LedgerSnapshot {
    return {
      epoch: this.epoch,
      seen: this.#seen,
      unsampled: this.#unsampled,
      captured: this.#captured,
      open: this.#open,
      dropped: { ...this.#dropped },
      mirrored: this.#mirrored,
      mirrorDropped: { ...this.#mirrorDropped },
      pendingMirror: this.#pendingMirror,
      recorded: this.#recorded,
      recordDropped: { ...this.#recordDropped },
      pendingRecord: this.#pendingRecord,
      recovered: this.#recovered,
    };
  }

  #recover(sequence: number, part: Disposition["part"]): void {
    const parts = this.#lost.get(sequence);
    if (parts === undefined || !parts.delete(part)) return;
    if (parts.size === 0) this.#lost.delete(sequence);
    this.#recovered++;
    if (part === "mirror") {
      this.#mirrorDropped.observer_lost--;
      this.#mirrored++;
    } else {
      this.#recordDropped.observer_lost--;
      this.#recorded++;
    }
  }

  #countMirror(result: "done" | MirrorDropReason): void {
    if (result === "done") this.#mirrored++;
    else this.#mirrorDropped[result]++;
  }

  #countRecord(result: "done" | RecordDropReason): void {
    if (result === "done") this.#recorded++;
    else this.#recordDropped[result]++;
  }

  #settle(sequence: number, entry: Entry): void {
    if (entry.mirror !== null && entry.record !== null) this.#entries.delete(sequence);
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

/** Where a snapshot breaks the law, in words; empty when it holds. */
export function conservationFaults(snapshot: LedgerSnapshot): string[] {
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);
  const sides: [string, number, number][] = [
    ["seen", snapshot.seen, snapshot.unsampled + snapshot.captured + sum(snapshot.dropped) + snapshot.open],
    ["captured by mirror", snapshot.captured, snapshot.mirrored + sum(snapshot.mirrorDropped) + snapshot.pendingMirror],
    ["captured by record", snapshot.captured, snapshot.recorded + sum(snapshot.recordDropped) + snapshot.pendingRecord],
  ];
  return sides.filter(([, left, right]) => left !== right).map(([what, left, right]) => `${what}: ${left} is not ${right}`);
}
