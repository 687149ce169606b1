/** Bodies in a segment: addressed by the SHA-256 of their bytes, stored once; small ones in packs (packs.ts), large ones for themselves,
 * zstd-compressed where that makes them smaller. */

import { hash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Database, Statement } from "better-sqlite3";
import { DamagedRowError } from "./damaged-row.ts";
import type { BodySink, BodySource } from "./exchange-row.ts";
import { largestPacked, type PackedAt, PackNumbers, PackReader, PackWriter } from "./packs.ts";

interface BodyRow {
  readonly sha256: Uint8Array;
  readonly length: number;
  readonly packed: string;
  readonly bytes: Uint8Array | null;
  /** Absent in format 1. */
  readonly pack?: number | null;
  readonly pack_at?: number | null;
}

/** zstd's default: about 500 MB/s, and the recorder shares its core with the mirror. */
const compressionLevel = 3;
/** Ids of the bodies written last, so that the same answer again needs no look-up. */
const rememberedIds = 4096;
/** Bodies read last that are kept, so that the same answer again is not unpacked again, and the largest of them. */
const rememberedBodies = 512;
const largestRemembered = 8 * 1024;

/** Writes bodies inside the caller's transaction. */
export class BodyWriter implements BodySink {
  readonly #find: Statement<[Uint8Array], { id: number }>;
  readonly #insert: Statement<[Uint8Array, number, string, Uint8Array | null, number | null, number | null]>;
  readonly #packs: PackWriter;
  readonly #heads: PackWriter;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#find = database.prepare("SELECT id FROM body WHERE sha256 = ?");
    this.#insert = database.prepare("INSERT INTO body (sha256, length, packed, bytes, pack, pack_at) VALUES (?, ?, ?, ?, ?, ?)");
    const numbers = new PackNumbers();
    this.#packs = new PackWriter(database, numbers);
    this.#heads = new PackWriter(database, numbers);
  }

  /** @returns the id to refer to */
  put(bytes: Uint8Array): number {
    const sha256 = sha256Of(bytes);
    const key = sha256.toString("latin1");
    const id = this.#known.get(key) ?? this.#find.get(sha256)?.id ?? this.#store(sha256, bytes);
    if (this.#known.size >= rememberedIds) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  putHead(bytes: Uint8Array): PackedAt {
    return this.#heads.add(bytes);
  }

  /** Before COMMIT. */
  endBatch(): void {
    this.#packs.flush();
    this.#heads.flush();
  }

  #store(sha256: Uint8Array, bytes: Uint8Array): number {
    if (bytes.length <= largestPacked) {
      const { pack, at } = this.#packs.add(bytes);
      return Number(this.#insert.run(sha256, bytes.length, "pack", null, pack, at).lastInsertRowid);
    }
    const squeezed = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: compressionLevel } });
    const smaller = squeezed.length < bytes.length;
    return Number(this.#insert.run(sha256, bytes.length, smaller ? "zstd" : "raw", smaller ? squeezed : bytes, null, null).lastInsertRowid);
  }
}

/** Reads bodies back. */
export class BodyReader implements BodySource {
  readonly #row: Statement<[number], BodyRow>;
  readonly #ids: Statement<[], number>;
  readonly #packs: PackReader;
  readonly #known = new Map<number, Uint8Array>();

  constructor(database: Database) {
    this.#row = database.prepare("SELECT * FROM body WHERE id = ?");
    this.#packs = new PackReader(database);
    this.#ids = database.prepare<[], number>("SELECT id FROM body ORDER BY id").pluck();
  }

  /** The same array may be given out again: nobody may change it.
   * @throws DamagedRowError */
  get(id: number): Uint8Array {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { bytes, sha256 } = this.#unpack(id);
    if (!sha256Of(bytes).equals(sha256)) throw new DamagedRowError(`body ${id} is not what its hash says`);
    if (bytes.length <= largestRemembered) this.#remember(id, bytes);
    return bytes;
  }

  /** A head. @throws DamagedRowError */
  packed(place: PackedAt, length: number): Uint8Array {
    return this.#packs.read(place, length);
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

  #remember(id: number, bytes: Uint8Array): void {
    if (this.#known.size >= rememberedBodies) this.#known.clear();
    this.#known.set(id, bytes);
  }

  #unpack(id: number): { readonly bytes: Uint8Array; readonly sha256: Uint8Array } {
    const row = this.#row.get(id);
    if (row === undefined) throw new DamagedRowError(`body ${id} is missing`);
    const bytes = this.#bytesOf(id, row);
    if (bytes.length !== row.length) throw new DamagedRowError(`body ${id} has ${bytes.length} bytes instead of ${row.length}`);
    return { bytes, sha256: row.sha256 };
  }

  #bytesOf(id: number, { packed, bytes, length, pack, pack_at: at }: BodyRow): Uint8Array {
    if (packed === "pack" && typeof pack === "number" && typeof at === "number") return this.#packs.read({ pack, at }, length);
    if (bytes === null) throw new DamagedRowError(`body ${id} has no bytes`);
    return packed === "raw" ? bytes : decompress(id, bytes, length);
  }
}

/** In one call: far cheaper for small bodies than a hash object each. */
function sha256Of(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}

function decompress(id: number, bytes: Uint8Array, length: number): Uint8Array {
  try {
    // The bound keeps a forged file from filling the memory.
    return zstdDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) });
  } catch (cause) {
    throw new DamagedRowError(`body ${id} cannot be decompressed`, { cause });
  }
}
