/** Writes one segment: batches of exchanges, each in one transaction, and counters. */

import type Database from "better-sqlite3";
import type { Exchange } from "../model/exchange.ts";
import { BodyWriter } from "./body-store.ts";
import { type ExchangeRow, rowOf, withBodies } from "./exchange-row.ts";
import { createSegment, type SegmentMeta, settleSegment } from "./segment-file.ts";
import type { Sealer } from "./vault/sealed-box.ts";
import { VaultWriter } from "./vault/vault-writer.ts";

const insertExchange = `
INSERT INTO exchange (
  epoch, sequence, exchange_id, lane, connection, at_ms, first_byte_ms, took_ms, method, target, status, outcome,
  request_size, answer_size, request_body, request_tail, answer_body, answer_tail, flags, inclusion,
  head_pack, head_at, head_length, crc32
) VALUES (
  @epoch, @sequence, @exchange_id, @lane, @connection, @at_ms, @first_byte_ms, @took_ms, @method, @target, @status, @outcome,
  @request_size, @answer_size, @request_body, @request_tail, @answer_body, @answer_tail, @flags, @inclusion,
  @head_pack, @head_at, @head_length, @crc32
)
-- An exchange that comes twice is the same exchange.
ON CONFLICT (epoch, sequence) DO NOTHING`;

/** An exchange whose row is ready; made before the transaction, so that one bad exchange fails alone. */
export interface PreparedExchange {
  readonly sequence: number;
  readonly exchange: Exchange;
  readonly row: ReturnType<typeof rowOf>;
  /** What the tokens of its request stand for; empty without a vault. */
  readonly secrets: ReadonlyMap<string, string>;
}

const noSecrets: ReadonlyMap<string, string> = new Map();

/** @throws Error when this exchange has no row form */
export function prepareExchange(epoch: string, sequence: number, exchange: Exchange, secrets = noSecrets): PreparedExchange {
  return { sequence, exchange, row: rowOf(epoch, sequence, exchange), secrets };
}

/** Every method throws SqliteError; then only `close` may follow, since the bodies of a rolled back batch are
 * still remembered as written. */
export class SegmentWriter {
  readonly createdAtMs: number;
  readonly #database: Database.Database;
  readonly #bodies: BodyWriter;
  readonly #insert: Database.Statement<[ExchangeRow]>;
  readonly #insertCounters: Database.Statement<[number, string]>;
  readonly #writeAll: (batch: readonly PreparedExchange[]) => void;

  /** @param sealer the one whose header `meta` has; null = no vault */
  constructor(path: string, meta: SegmentMeta, sealer: Sealer | null, create: typeof createSegment = createSegment) {
    this.createdAtMs = meta.createdAtMs;
    this.#database = create(path, meta);
    this.#bodies = new BodyWriter(this.#database);
    const vault = sealer === null ? null : new VaultWriter(this.#database, sealer);
    this.#insert = this.#database.prepare(insertExchange);
    this.#insertCounters = this.#database.prepare("INSERT INTO counters (at_ms, snapshot) VALUES (?, ?)");
    this.#writeAll = this.#database.transaction((batch: readonly PreparedExchange[]) => {
      for (const { row, exchange, secrets } of batch) {
        this.#insert.run(withBodies(row, exchange, this.#bodies));
        vault?.put(secrets);
      }
      this.#bodies.endBatch();
    });
  }

  /** All of the batch, or nothing of it. */
  write(batch: readonly PreparedExchange[]): void {
    this.#writeAll(batch);
  }

  counters(atMs: number, snapshot: string): void {
    this.#insertCounters.run(atMs, snapshot);
  }

  /** For an import that has come to its end. */
  markWhole(): void {
    this.#database.prepare("UPDATE meta SET value = ? WHERE key = 'imported'").run(JSON.stringify("whole"));
  }

  /** Size of the segment with all that is committed, in bytes. */
  size(): number {
    return Number(this.#database.pragma("page_count", { simple: true })) * Number(this.#database.pragma("page_size", { simple: true }));
  }

  close(): void {
    settleSegment(this.#database);
  }
}
