/** The bytes of a file, piece by piece, unpacked where it is gzip.
 *
 *    file ──► first two bytes 1f 8b? ──yes──► gunzip (all members) ──► chunks
 *                     └───────────no───────────────────────────────────►
 *
 * The content decides, not the name. Nothing is held but the piece at hand, so that a gzip bomb costs time and no memory;
 * who collects pieces has to set a bound. */

import { closeSync, createReadStream, openSync, readSync, type Stats, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { PenumbraError } from "../../model/errors.ts";
import { reasonOf } from "../atomic-file.ts";

const chunkBytes = 256 * 1024;
const gzipMagic = Buffer.from([0x1f, 0x8b]);

/** Refuses what cannot be read twice from its beginning.
 * @throws PenumbraError `FILE_NOT_FOUND`, `CANNOT_READ`, `NOT_A_FILE`, `FILE_EMPTY` */
export function checkFile(path: string): void {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  if (stats === undefined) throw new PenumbraError("FILE_NOT_FOUND", `${path} does not exist`, "check the path");
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? "a directory" : "a pipe or device";
    throw new PenumbraError("NOT_A_FILE", `${path} is ${what}`, "name a plain file: it is read twice, first to check it");
  }
  if (stats.size === 0) throw new PenumbraError("FILE_EMPTY", `${path} is empty`, "check what should have written it");
}

/** @throws PenumbraError `GZIP_DAMAGED`, `CANNOT_READ` */
export async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const packed = isGzip(path);
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  const gunzip = packed ? createGunzip({ chunkSize: chunkBytes }) : null;
  if (gunzip !== null) {
    file.once("error", (cause) => gunzip.destroy(cause));
    file.pipe(gunzip);
  }
  try {
    for await (const chunk of (gunzip ?? file) as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw isZlibError(cause) ? damaged(path, cause) : cannotRead(path, cause);
  } finally {
    gunzip?.destroy();
    file.destroy();
  }
}

function isGzip(path: string): boolean {
  try {
    const file = openSync(path, "r");
    try {
      const start = Buffer.alloc(gzipMagic.length);
      return readSync(file, start) === gzipMagic.length && start.equals(gzipMagic);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

function isZlibError(cause: unknown): cause is Error & { readonly code: string } {
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("Z_");
}

function damaged(path: string, cause: Error & { readonly code: string }): PenumbraError {
  const what = cause.code === "Z_BUF_ERROR" ? "is cut off" : "is damaged";
  const hint = "take a copy that is whole, or unpack with gzip -dc what can be unpacked and import that";
  return new PenumbraError("GZIP_DAMAGED", `${path} ${what}: its gzip data do not end as they should`, hint, cause);
}

function cannotRead(path: string, cause: unknown): PenumbraError {
  return new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check the file and its permissions", cause);
}
