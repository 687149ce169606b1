/** What the single keys of a map say where the map as a whole is noise: one lost key must not pass because production itself
 * differs at others from time to time.
 *
 *    /prices/*     candidate 400, control 90      noise
 *    /prices/EUR   candidate 310, control 0       unconfirmed
 *
 * No more than unconfirmed: one key is one record, and what one record shows may stick to one copy's data
 * (docs/decisions/0002-small-runs.md). Of keys that are ids that is the likely reason, so only words count; and where the control alone differs as
 * persistently at some other key, keys do stick to copies, and none of them says anything. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Signature } from "../model/report.ts";
import { type Assessment, persistentLogE } from "./assess.ts";
import type { MapKeys } from "./map-keys.ts";
import { falseShare, select, suspectShare } from "./selection.ts";
import { severityOf } from "./severity.ts";
import { type ComparedAt, SignatureLog } from "./signature-log.ts";
import { differenceKey, newRecord, placeKey, type SignatureRecord } from "./signatures.ts";
import type { RunTally } from "./tally.ts";
import { backgroundOf, type Weight, weigh } from "./weigh.ts";

/** Keys that are followed in one run. Those seen once make room: a key that is made anew for every answer is never seen again. */
const mostEntries = 10_000;
/** An entry that only the candidate has says nothing of what production's keys are like. */
const ofCandidateAlone: Difference["kind"] = "json.extra";

/** Interns the entries of maps; forgets those that were seen once when it is full. */
class EntryTable {
  private readonly byKey = new Map<string, SignatureRecord>();
  private made = 0;
  private isClosed = false;

  get records(): Iterable<SignatureRecord> {
    return this.byKey.values();
  }

  of(endpoint: string, difference: Difference): SignatureRecord {
    const key = `${endpoint}\n${differenceKey(difference)}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const { location, path, kind } = difference;
    const record = newRecord(this.made++, { endpoint, location, path, kind });
    if (this.byKey.size >= mostEntries) this.makeRoom();
    if (!this.isClosed) this.byKey.set(key, record);
    return record;
  }

  private makeRoom(): void {
    for (const [key, { shown, noisy }] of this.byKey) if (shown.length + noisy.length <= 1) this.byKey.delete(key);
    this.isClosed = this.byKey.size > mostEntries / 2;
  }
}

/** One run's. */
export class MapEntries {
  private readonly maps: MapKeys;
  private readonly table = new EntryTable();
  private readonly log = new SignatureLog(this.table, true);

  constructor(maps: MapKeys) {
    this.maps = maps;
  }

  /** Call once an exchange, with the comparisons as they were before the keys of maps were left out. */
  observe(at: ComparedAt, toCandidate: Comparison, toControl: Comparison): void {
    if (!this.maps.hasMap(at.endpoint)) return;
    this.log.control(at, this.entriesIn(at.endpoint, toControl));
    this.log.candidate(at, this.entriesIn(at.endpoint, toCandidate));
  }

  /** @param firstNumber of the signatures made here
   * @param before the signatures of the whole run, in which entries stand by themselves until their map was known as one
   * @param ofMaps what is known of the maps as a whole */
  assessments(firstNumber: number, run: RunTally, before: readonly SignatureRecord[], ofMaps: readonly Assessment[]): Assessment[] {
    const noise = new Set(ofMaps.filter(({ state }) => state === "noise").map(({ record }) => nameOf(record.signature)));
    const first = new Map(before.map((record) => [nameOf(record.signature), record]));
    const recurring = [...this.table.records]
      .filter(({ shown, noisy, signature }) => shown.length + noisy.length > 1 && noise.has(this.mapOf(signature)))
      .map((record) => joined(record, first.get(nameOf(record.signature))));
    if (recurring.length === 0) return [];
    const weights = weighAll(recurring, run);
    const sticky = this.stickyMaps(recurring, run);
    const open = weights.filter(
      ({ record: { signature }, isMasked }) => !isMasked && signature.kind !== ofCandidateAlone && !sticky.has(this.mapOf(signature)),
    );
    const candidates = open.map(({ points, logE }) => ({ isHigh: severityOf(points) === "high", logE: logE ?? 0 }));
    const suspected = select(candidates, suspectShare);
    return open.flatMap(({ record, points, b, c, logE, askersLogE, noiseRate }, index): Assessment[] => {
      // The map may come under one address, where who asks is all that there is to count.
      const isLikely = suspected.has(index) || (c === 0 && askersLogE >= persistentLogE && severityOf(points) !== "info");
      if (!isLikely) return [];
      const numbered = { ...record, number: firstNumber + index };
      return [
        { record: numbered, points, b, c, logE, state: "unconfirmed", class: "unclassified", isMasked: false, noiseRate, labels: null },
      ];
    });
  }

  /** Maps in which the control alone differs persistently at some key. */
  private stickyMaps(records: readonly SignatureRecord[], run: RunTally): ReadonlySet<string> {
    const swapped = records.map((record) => ({ ...record, shown: record.noisy, noisy: record.shown }));
    const sure = weighAll(swapped, run).filter(({ logE }) => (logE ?? 0) >= -Math.log(falseShare));
    return new Set(sure.map(({ record: { signature } }) => this.mapOf(signature)));
  }

  private entriesIn(endpoint: string, comparison: Comparison): Comparison {
    const differences = comparison.differences.flatMap((difference): Difference[] => {
      const path = this.maps.entryOf(endpoint, difference);
      return path === null ? [] : [{ ...difference, path }];
    });
    return { ...comparison, differences };
  }

  private mapOf(signature: Signature): string {
    return nameOf({ ...signature, path: this.maps.templateOf(signature.endpoint, signature.path) });
  }
}

function joined(record: SignatureRecord, before: SignatureRecord | undefined): SignatureRecord {
  if (before === undefined) return record;
  return { ...record, shown: [...before.shown, ...record.shown], noisy: [...before.noisy, ...record.noisy] };
}

function weighAll(records: readonly SignatureRecord[], run: RunTally): Weight[] {
  const background = backgroundOf(records, run);
  return records.map((record) => weigh(record, run, background));
}

function nameOf(signature: Signature): string {
  return `${signature.endpoint}\n${placeKey(signature)}`;
}
