/** Bodies in a segment: addressed by the SHA-256 of their bytes, stored once, zstd-compressed where
 * that makes them smaller. */

import { createHash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Database, Statement } from "better-sqlite3";
import { type BodySink, type BodySource, DamagedRowError } from "./exchange-row.ts";

interface BodyRow {
  readonly sha256: Uint8Array;
  readonly length: number;
  readonly packed: string;
  readonly bytes: Uint8Array;
}

/** Below this a zstd frame is rarely smaller than what it holds. */
const leastWorthPacking = 64;
/** zstd's default: about 500 MB/s, and the recorder shares its core with the mirror. */
const compressionLevel = 3;
/** Ids of the bodies written last, so that the same answer again needs no look-up. */
const rememberedIds = 4096;

/** Writes bodies inside the caller's transaction. */
export class BodyWriter implements BodySink {
  readonly #find: Statement<[Uint8Array], { id: number }>;
  readonly #insert: Statement<[Uint8Array, number, string, Uint8Array]>;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#find = database.prepare("SELECT id FROM body WHERE sha256 = ?");
    this.#insert = database.prepare("INSERT INTO body (sha256, length, packed, bytes) VALUES (?, ?, ?, ?)");
  }

  /** @returns the id to refer to */
  put(bytes: Uint8Array): number {
    const sha256 = createHash("sha256").update(bytes).digest();
    const key = sha256.toString("latin1");
    const id = this.#known.get(key) ?? this.#find.get(sha256)?.id ?? this.#store(sha256, bytes);
    if (this.#known.size >= rememberedIds) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  #store(sha256: Uint8Array, bytes: Uint8Array): number {
    const squeezed =
      bytes.length < leastWorthPacking
        ? bytes
        : zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } });
    const smaller = squeezed.length < bytes.length;
    return Number(this.#insert.run(sha256, bytes.length, smaller ? "zstd" : "raw", smaller ? squeezed : bytes).lastInsertRowid);
  }
}

/** Reads bodies back. */
export class BodyReader implements BodySource {
  readonly #row: Statement<[number], BodyRow>;
  readonly #ids: Statement<[], number>;

  constructor(database: Database) {
    this.#row = database.prepare("SELECT sha256, length, packed, bytes FROM body WHERE id = ?");
    this.#ids = database.prepare<[], number>("SELECT id FROM body ORDER BY id").pluck();
  }

  /** @throws DamagedRowError */
  get(id: number): Uint8Array {
    const { bytes, sha256 } = this.#unpack(id);
    if (!createHash("sha256").update(bytes).digest().equals(sha256)) throw new DamagedRowError(`body ${id} is not what its hash says`);
    return bytes;
  }

  /** Compares every body with its address.
   * @returns how many there are, and what is wrong with which */
  checkAll(): { readonly checked: number; readonly problems: readonly string[] } {
    const problems: string[] = [];
    const ids = this.#ids.all();
    for (const id of ids) {
      try {
        this.get(id);
      } catch (cause) {
        if (!(cause instanceof DamagedRowError)) throw cause;
        problems.push(cause.message);
      }
    }
    return { checked: ids.length, problems };
  }

  #unpack(id: number): { readonly bytes: Uint8Array; readonly sha256: Uint8Array } {
    const row = this.#row.get(id);
    if (row === undefined) throw new DamagedRowError(`body ${id} is missing`);
    const bytes = row.packed === "raw" ? row.bytes : decompress(id, row);
    if (bytes.length !== row.length) throw new DamagedRowError(`body ${id} has ${bytes.length} bytes instead of ${row.length}`);
    return { bytes, sha256: row.sha256 };
  }
}

function decompress(id: number, row: BodyRow): Uint8Array {
  try {
    // The bound keeps a forged file from filling the memory.
    return zstdDecompressSync(row.bytes, { maxOutputLength: Math.max(row.length, 1) });
  } catch (cause) {
    throw new DamagedRowError(`body ${id} cannot be decompressed`, { cause });
  }
}
