/** Many small things stored as one compressed block: heads and bodies of a batch look alike, and each for itself hardly shrinks.
 *
 *    add ──► pending (≤ 256 KiB) ──► zstd ──► one row of `pack`          read: whole packs, the last few are kept
 *
 * Packs are written in the transaction of the rows that point into them. */

import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Database, Statement } from "better-sqlite3";
import { DamagedRowError } from "./damaged-row.ts";

/** A part of a pack. */
export interface PackedAt {
  readonly pack: number;
  /** Where it begins in the pack's bytes, unpacked. */
  readonly at: number;
}

/** A pack is written at this size: larger ones are little smaller, and reading one thing costs unpacking all of it. */
const fullBytes = 256 * 1024;
/** The largest thing that goes into a pack. */
export const largestPacked: number = 64 * 1024;
/** More than any pack has: a forged file must not fill the memory. */
const mostBytes = fullBytes + largestPacked;
/** Packs used last, 16 MiB at most: rows come by request start and were written by request end, and a body that comes again and again stands in
 * the pack of its first time. */
const rememberedPacks = 64;

/** Gives out the numbers of a segment's packs. */
export class PackNumbers {
  #next = 1;

  take(): number {
    return this.#next++;
  }
}

/** Writes packs of one kind of things, inside the caller's transaction. */
export class PackWriter {
  readonly #insert: Statement<[number, number, Uint8Array]>;
  readonly #numbers: PackNumbers;
  #pack: number;
  #pending: Uint8Array[] = [];
  #length = 0;

  constructor(database: Database, numbers: PackNumbers) {
    this.#insert = database.prepare("INSERT INTO pack (id, length, bytes) VALUES (?, ?, ?)");
    this.#numbers = numbers;
    this.#pack = numbers.take();
  }

  /** @param bytes at most `largestPacked` */
  add(bytes: Uint8Array): PackedAt {
    const place = { pack: this.#pack, at: this.#length };
    this.#pending.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= fullBytes) this.flush();
    return place;
  }

  /** Before COMMIT: whatever was added is in the table afterwards. */
  flush(): void {
    if (this.#pending.length === 0) return;
    this.#insert.run(this.#pack, this.#length, zstdCompressSync(Buffer.concat(this.#pending)));
    this.#pack = this.#numbers.take();
    this.#pending = [];
    this.#length = 0;
  }
}

/** Reads parts of packs. */
export class PackReader {
  readonly #row: Statement<[number], { readonly length: number; readonly bytes: Uint8Array }> | null;
  readonly #known = new Map<number, Uint8Array>();

  constructor(database: Database) {
    // Format 1 has none.
    const hasPacks = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'pack'").get() !== undefined;
    this.#row = hasPacks ? database.prepare("SELECT length, bytes FROM pack WHERE id = ?") : null;
  }

  /** A copy, so that whoever keeps it does not keep its whole pack.
   * @throws DamagedRowError */
  read({ pack, at }: PackedAt, length: number): Uint8Array {
    const bytes = this.#known.get(pack) ?? this.#unpack(pack);
    this.#keep(pack, bytes);
    if (at < 0 || length < 0 || at + length > bytes.length) throw new DamagedRowError(`pack ${pack} ends before its part at ${at}`);
    return new Uint8Array(bytes.subarray(at, at + length));
  }

  #unpack(pack: number): Uint8Array {
    const row = this.#row?.get(pack);
    if (row === undefined) throw new DamagedRowError(`pack ${pack} is missing`);
    const bytes = decompress(pack, row.length, row.bytes);
    if (bytes.length !== row.length) throw new DamagedRowError(`pack ${pack} has ${bytes.length} bytes instead of ${row.length}`);
    return bytes;
  }

  /** As the one used last. */
  #keep(pack: number, bytes: Uint8Array): void {
    this.#known.delete(pack);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= rememberedPacks && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(pack, bytes);
  }
}

function decompress(pack: number, length: number, bytes: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, Math.min(length, mostBytes)) });
  } catch (cause) {
    throw new DamagedRowError(`pack ${pack} cannot be decompressed`, { cause });
  }
}
