/** An open vault: what the tokens of recordings stand for.
 *
 *    segments that have a vault ──private key──► openers ─ valueOf(token) ─► real value, in memory only
 *
 * Every entry is opened once at the start, so that damage is told before anything is sent. */

import type { Database, Statement } from "better-sqlite3";
import { PenumbraError } from "../../model/errors.ts";
import type { Recording } from "../open.ts";
import { damagedSegment, type OpenSegment, openSegment, readingSegment, readMeta } from "../segment-file.ts";
import { exchangesOf } from "../segment-reader.ts";
import { revealRequest } from "./reveal.ts";
import { Opener, scheme, type VaultHeader } from "./sealed-box.ts";
import type { VaultPrivateKey } from "./vault-keys.ts";

interface VaultRow {
  readonly token: string;
  readonly sealed: Uint8Array;
}

/** One segment's part of it. */
interface Part {
  readonly segment: OpenSegment;
  readonly opener: Opener;
  readonly find: Statement<[string], VaultRow>;
}

/** The same tokens come with every request of a session. */
const rememberedValues = 4096;
const longestRemembered = 4096;
/** Tokens without a value that are told apart: many more say nothing new. */
const countedUnknown = 10_000;
/** Pages that SQLite may keep of each segment, in KiB: there may be many segments. */
const cacheKibibytes = 256;

export class Vault {
  readonly #parts: readonly Part[];
  readonly #known = new Map<string, string | null>();
  readonly #unknown = new Set<string>();
  /** What looks like a token in the values that were revealed. */
  readonly #inside = new Set<string>();

  /** @throws PenumbraError `NO_VAULT`, `VAULT_EMPTY`, `VAULT_WRONG_KEY`, `VAULT_NEWER`, `RECORDING_DAMAGED` */
  static open(recordings: readonly Pick<Recording, "path" | "segmentPaths">[], keys: readonly VaultPrivateKey[]): Vault {
    const parts: Part[] = [];
    try {
      for (const path of recordings.flatMap((recording) => recording.segmentPaths)) {
        const part = openPart(path, keys);
        if (part !== null) parts.push(part);
      }
    } catch (error) {
      for (const { segment } of parts) segment.close();
      throw error;
    }
    if (parts.length === 0) {
      const paths = recordings.map(({ path }) => path).join(", ");
      throw new PenumbraError(
        "NO_VAULT",
        `${paths} has no vault: its tokens cannot be opened`,
        "record with penumbra proxy --record-vault KEY.pub (what is imported, and NDJSON, has none), or leave --vault-key out",
      );
    }
    return new Vault(parts);
  }

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Tokens asked for so far that are not in the vault, up to 10,000. */
  get unknownTokens(): number {
    return this.#unknown.size;
  }

  /** What redaction replaced by the token, as a byte string; null = not in the vault. Never throws. */
  valueOf(token: string): string | null {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const value = this.#find(token);
    if (value !== null) this.#noteInside(value);
    else if (!this.#inside.has(token) && this.#unknown.size < countedUnknown) this.#unknown.add(token);
    if (this.#known.size >= rememberedValues) this.#known.clear();
    if (value === null || value.length <= longestRemembered) this.#known.set(token, value);
    return value;
  }

  /** A secret may look like a token itself: whoever looks for tokens in it finds one that nobody made. */
  #noteInside(value: string): void {
    for (const [inner] of value.matchAll(/tok_[\w-]{22}/g)) if (this.#inside.size < countedUnknown) this.#inside.add(inner);
  }

  close(): void {
    for (const { segment } of this.#parts) segment.close();
    this.#known.clear();
  }

  #find(token: string): string | null {
    for (const { find, opener } of this.#parts) {
      const row = foundRow(find, token);
      if (row !== undefined) return opener.open(token, row.sealed);
    }
    return null;
  }
}

/** A file that has become unreadable since it was checked: the token stays, as without a vault. */
function foundRow(find: Part["find"], token: string): VaultRow | undefined {
  try {
    return find.get(token);
  } catch {
    return undefined;
  }
}

/** null = the segment has no vault. */
function openPart(path: string, keys: readonly VaultPrivateKey[]): Part | null {
  const segment = openSegment(path);
  try {
    const part = readingSegment(path, () => {
      const { vault } = readMeta(segment.database);
      return vault === null ? null : partOf(path, segment, vault, keys);
    });
    if (part === null) segment.close();
    return part;
  } catch (error) {
    segment.close();
    throw error;
  }
}

function partOf(path: string, segment: OpenSegment, header: VaultHeader, keys: readonly VaultPrivateKey[]): Part {
  const { database } = segment;
  if (header.scheme !== scheme) {
    throw new PenumbraError(
      "VAULT_NEWER",
      `the vault of ${path} is sealed with ${header.scheme}, which this build does not know`,
      "upgrade penumbra",
    );
  }
  const key = keys.find(({ id }) => id === header.keyId);
  if (key === undefined) {
    const given = keys.map(({ id }) => id).join(", ");
    throw new PenumbraError(
      "VAULT_WRONG_KEY",
      `the vault of ${path} is sealed to the key ${header.keyId}, and --vault-key gives ${given}`,
      "give the private half of the KEY.pub that it was recorded with (add another --vault-key where the key has changed)",
    );
  }
  database.pragma(`cache_size = -${cacheKibibytes}`);
  const opener = openerOf(path, key, header);
  if (!isThere(database)) throw emptyVault(path, "there is none");
  checkAll(path, database, opener);
  if (isEmpty(database) && hasTokens(path)) throw emptyVault(path, "it is empty");
  return { segment, opener, find: database.prepare<[string], VaultRow>("SELECT token, sealed FROM vault WHERE token = ?") };
}

function openerOf(path: string, key: VaultPrivateKey, header: VaultHeader): Opener {
  try {
    return new Opener(key, header);
  } catch (cause) {
    throw damagedSegment(path, "its vault has no readable key", cause);
  }
}

function isThere(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'vault'").get() !== undefined;
}

function isEmpty(database: Database): boolean {
  return database.prepare("SELECT 1 FROM vault LIMIT 1").get() === undefined;
}

/** Whether a request holds a token: only where none does may a vault be empty. */
function hasTokens(path: string): boolean {
  let found = false;
  const see = (): null => {
    found = true;
    return null;
  };
  for (const { request } of exchangesOf(path)) {
    revealRequest(request, see);
    if (found) return true;
  }
  return false;
}

function emptyVault(path: string, problem: string): PenumbraError {
  return new PenumbraError(
    "VAULT_EMPTY",
    `${path} was recorded with a vault, and ${problem}: what its tokens stand for is lost`,
    "take a copy of the recording that is whole, or leave --vault-key out to send the tokens as they are",
  );
}

function checkAll(path: string, database: Database, opener: Opener): void {
  for (const { token, sealed } of database.prepare<[], VaultRow>("SELECT token, sealed FROM vault").iterate()) {
    if (opener.open(token, sealed) === null) throw damagedSegment(path, `the sealed value of ${token} cannot be opened`);
  }
}
