/** The key of redaction: 32 random bytes in a file of its own, never in the recording. Who has key and
 * recording can test guesses of a secret; who has the recording alone cannot. */

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { privateFile, reasonOf, temporarySuffix } from "./atomic-file.ts";
import { makeDirectories } from "./directories.ts";

const keyBytes = 32;
const keyIdDigits = 8;
/** A group may read it, since secrets are mounted so; everybody must not. */
const everybody = 0o007;

export interface RedactionKey {
  readonly key: Uint8Array;
  readonly keyId: string;
}

/** Reads the key file, or creates it with a new key. Two processes that start together get the same key.
 * @param created is told when the key is a new one
 * @throws PenumbraError `KEY_INVALID`, `KEY_EXPOSED`, `CANNOT_READ`, `CANNOT_WRITE` */
export function loadOrCreateKey(path: string, created: () => void = () => {}): RedactionKey {
  if (!existsSync(path) && createKey(path)) created();
  const key = readKey(path);
  return { key, keyId: keyIdOf(key) };
}

/** Names a key without telling it. */
export function keyIdOf(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, keyIdDigits);
}

/** @returns whether this process made it */
function createKey(path: string): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}${temporarySuffix}`);
  try {
    makeDirectories(dirname(path));
    writeFileSync(temporary, randomBytes(keyBytes), { mode: privateFile, flag: "wx" });
    // A link appears whole, or fails when another process was first, whose key then counts.
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw new PenumbraError(
      "CANNOT_WRITE",
      `the key file ${path} cannot be created: ${reasonOf(cause)}`,
      "name a place that can be written with --key-file",
      cause,
    );
  } finally {
    if (existsSync(temporary)) rmSync(temporary, { force: true }); // below a file, even `force` throws
  }
}

function readKey(path: string): Uint8Array {
  let key: Uint8Array;
  let mode: number;
  try {
    key = readFileSync(path);
    mode = statSync(path).mode;
  } catch (cause) {
    throw new PenumbraError("CANNOT_READ", `the key file ${path} cannot be read: ${reasonOf(cause)}`, "check its permissions", cause);
  }
  if (key.length !== keyBytes) {
    throw new PenumbraError(
      "KEY_INVALID",
      `the key file ${path} has ${key.length} bytes instead of ${keyBytes}`,
      "restore it; a new key cannot match older recordings",
    );
  }
  if ((mode & everybody) !== 0) throw new PenumbraError("KEY_EXPOSED", `everybody can read the key file ${path}`, `run: chmod 600 ${path}`);
  return key;
}
