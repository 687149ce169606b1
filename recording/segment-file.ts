/** Segment files: making one, opening one for reading, and the errors that people see.
 *
 *    NNNNNN.penumbra.tmp ──schema──► NNNNNN.penumbra ──WAL while written──► closed: one plain file
 *
 * A file under its final name always has its tables, and a closed one needs no write permission and
 * leaves nothing beside it when it is read. */

import { closeSync, copyFileSync, existsSync, fsyncSync, mkdtempSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import { PenumbraError } from "../model/errors.ts";
import { recordingFormat } from "../model/format.ts";
import { privateFile, reasonOf, temporarySuffix } from "./atomic-file.ts";
import { Fields, FormError } from "./fields.ts";
import { type ImportMark, readImportMark } from "./import-mark.ts";
import { type RedactionRule, readStoredRules } from "./redaction-rules.ts";
import { type Removed, readRemoved } from "./removed.ts";
import { applicationId, schema } from "./schema.ts";
import type { VaultHeader } from "./vault/sealed-box.ts";
import { vaultSchema } from "./vault/vault-writer.ts";

/** Who recorded what, under which rules. */
export interface SegmentMeta {
  readonly tool: string;
  /** The clock pair: both read at the same moment. */
  readonly createdAtMs: number;
  readonly monotonicMs: number;
  readonly epoch: string;
  readonly labels: Readonly<Record<string, string>>;
  /** URLs of the servers that answered users; empty where that was not recorded. */
  readonly primaries: readonly string[];
  /** Redaction rules in words; "off" when there were none. */
  readonly redaction: string;
  /** The further rules that users gave. */
  readonly redactionRules: readonly RedactionRule[];
  readonly keyId: string | null;
  /** null = the values of tokens are not kept. */
  readonly vault: VaultHeader | null;
  /** What retention had taken out of the recording when this segment was begun; null = nothing. */
  readonly removed: Removed | null;
  /** Whether its import had come to its end; null = it is of no import. */
  readonly imported: ImportMark | null;
}

/** First bytes of every SQLite file (https://www.sqlite.org/fileformat.html §1.3). */
const sqliteMagic = Buffer.from("SQLite format 3\0", "latin1");
/** A reader waits so long for a writer that is just recovering the file. */
const busyTimeoutMs = 2000;

/** Creates a segment with its tables and meta data, ready for writing.
 * @throws SqliteError or the system's error, with nothing left open and nothing behind but at most an empty segment */
export function createSegment(path: string, meta: SegmentMeta): Database.Database {
  const temporary = `${path}${temporarySuffix}`;
  try {
    rmSync(temporary, { force: true });
    // Made by us so that it is private from its first byte; SQLite gives -wal and -shm the same mode.
    closeSync(openSync(temporary, "wx", privateFile));
    const fresh = new Database(temporary);
    try {
      fresh.pragma(`application_id = ${applicationId}`);
      fresh.transaction(() => {
        fresh.exec(schema);
        if (meta.vault !== null) fresh.exec(vaultSchema);
        const insert = fresh.prepare("INSERT INTO meta (key, value) VALUES (?, ?)");
        for (const [key, value] of metaRows(meta)) insert.run(key, JSON.stringify(value));
        fresh.pragma(`user_version = ${recordingFormat}`);
      })();
    } finally {
      fresh.close();
    }
    syncFile(temporary);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
  const database = new Database(path);
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
  } catch (cause) {
    database.close();
    throw cause;
  }
  return database;
}

/** Turns the file back into one plain file. When a reader is in the way, or the disk is full, it stays as
 * file + WAL, which reads as well. */
export function settleSegment(database: Database.Database): void {
  try {
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.pragma("journal_mode = DELETE");
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause;
  } finally {
    database.close();
  }
}

/** Repairs what a killed writer left: its WAL goes into the file. Only under the directory's lock. */
export function recoverSegment(path: string): void {
  if (!existsSync(`${path}-wal`)) return;
  settleSegment(new Database(path, { fileMustExist: true, timeout: 0 }));
}

export interface OpenSegment {
  readonly database: Database.Database;
  close(): void;
}

/** Opens a segment for reading, also while it is written.
 * @throws PenumbraError `RECORDING_NEWER`, `NOT_A_RECORDING`, `RECORDING_DAMAGED`, `CANNOT_READ` */
export function openSegment(path: string): OpenSegment {
  checkMagic(path);
  return readingSegment(path, () => {
    const segment = openReadOnly(path);
    try {
      checkKind(path, segment.database);
      checkLength(path, segment.database);
      return segment;
    } catch (cause) {
      segment.close();
      throw cause;
    }
  });
}

/** Runs `read` and turns SQLite's complaints into ours. */
export function readingSegment<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormError || cause instanceof SyntaxError) throw damagedSegment(path, "its meta data cannot be read", cause);
    if (!(cause instanceof Database.SqliteError)) throw cause;
    const damaged = ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"].some((code) => cause.code.startsWith(code));
    if (damaged) throw damagedSegment(path, cause.message, cause);
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${cause.message}`, "check its permissions and the disk", cause);
  }
}

export function damagedSegment(path: string, problem: string, cause?: unknown): PenumbraError {
  return new PenumbraError(
    "RECORDING_DAMAGED",
    `${path} is damaged: ${problem}`,
    "remove this segment from the recording, or take a copy that is whole",
    cause,
  );
}

export function readMeta(database: Database.Database): SegmentMeta {
  const rows = database.prepare<[], { key: string; value: string }>("SELECT key, value FROM meta").all();
  const meta = new Fields(Object.fromEntries(rows.map(({ key, value }): [string, unknown] => [key, JSON.parse(value)])), "meta");
  return {
    tool: meta.string("tool"),
    createdAtMs: meta.number("created_at_ms"),
    monotonicMs: meta.number("monotonic_ms"),
    epoch: meta.string("epoch"),
    labels: meta.strings("labels"),
    primaries: meta.has("primaries") ? meta.array("primaries").map(String) : [],
    redaction: meta.string("redaction"),
    redactionRules: meta.has("redaction_rules") ? readStoredRules(meta.raw("redaction_rules")) : [],
    keyId: meta.raw("key_id") === null ? null : meta.string("key_id"),
    vault: meta.has("vault") ? vaultHeader(meta.object("vault")) : null,
    imported: readImportMark(meta.raw("imported")),
    removed: meta.has("removed") ? readRemoved(meta.object("removed")) : null,
  };
}

function metaRows(meta: SegmentMeta): readonly (readonly [key: string, value: unknown])[] {
  return [
    ["tool", meta.tool],
    ["created_at_ms", meta.createdAtMs],
    ["monotonic_ms", meta.monotonicMs],
    ["epoch", meta.epoch],
    ["labels", meta.labels],
    ["primaries", meta.primaries],
    ["redaction", meta.redaction],
    ...(meta.redactionRules.length === 0 ? [] : [["redaction_rules", meta.redactionRules] as [string, unknown]]),
    ["key_id", meta.keyId],
    ...(meta.vault === null ? [] : [["vault", meta.vault] as const]),
    ...(meta.removed === null ? [] : [["removed", meta.removed] as const]),
    ...(meta.imported === null ? [] : [["imported", meta.imported] as const]),
  ];
}

function vaultHeader(fields: Fields): VaultHeader {
  return { scheme: fields.string("scheme"), keyId: fields.string("keyId"), ephemeral: fields.string("ephemeral") };
}

/** SQLite needs to write beside a file that has a WAL. Where it may not, a private copy is read instead. */
function openReadOnly(path: string): OpenSegment {
  try {
    return openInPlace(path);
  } catch (cause) {
    const mayNotWrite = cause instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(cause.code);
    if (!mayNotWrite) throw cause;
    return openCopy(path);
  }
}

function openInPlace(path: string): OpenSegment {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    // The first read is where SQLite looks at the file and its WAL.
    database.pragma("schema_version");
  } catch (cause) {
    database.close();
    throw cause;
  }
  return { database, close: () => database.close() };
}

function openCopy(path: string): OpenSegment {
  const directory = mkdtempSync(join(tmpdir(), "penumbra-read-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const copy = join(directory, basename(path));
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const opened = openInPlace(copy);
    return {
      database: opened.database,
      close: () => {
        opened.close();
        remove();
      },
    };
  } catch (cause) {
    remove();
    throw cause;
  }
}

function checkMagic(path: string): void {
  if (isSegmentFile(path)) return;
  throw new PenumbraError(
    "NOT_A_RECORDING",
    `${path} is not a recording segment`,
    "name a directory of segments, one .penumbra segment, or a .ndjson file",
  );
}

/** Whether the file begins like a SQLite file.
 * @throws PenumbraError `CANNOT_READ` */
export function isSegmentFile(path: string): boolean {
  const start = Buffer.alloc(sqliteMagic.length);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, start);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
  return start.equals(sqliteMagic);
}

function checkKind(path: string, database: Database.Database): void {
  if (database.pragma("application_id", { simple: true }) !== applicationId) {
    throw new PenumbraError("NOT_A_RECORDING", `${path} is a SQLite file, but not a recording`, "name a recording made by penumbra");
  }
  const format = Number(database.pragma("user_version", { simple: true }));
  if (format <= recordingFormat) return;
  throw new PenumbraError(
    "RECORDING_NEWER",
    `${path} has recording format ${format}; this build reads up to ${recordingFormat}`,
    "upgrade penumbra, or record again",
  );
}

/** A copy that stopped half-way is noticed now, not in the middle of a replay. */
function checkLength(path: string, database: Database.Database): void {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const expected = Number(database.pragma("page_count", { simple: true })) * Number(database.pragma("page_size", { simple: true }));
  const found = statSync(path).size;
  if (found < expected) throw damagedSegment(path, `it is cut off (${found} of ${expected} bytes)`);
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
