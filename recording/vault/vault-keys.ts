/** The key pair of a vault: the public half seals while recording, the private half opens for a replay. Plain PEM files
 * (X25519 as SPKI and PKCS #8, RFC 8410), so that OpenSSL makes and reads them too. */

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PenumbraError } from "../../model/errors.ts";
import { privateFile, reasonOf } from "../atomic-file.ts";
import { makeDirectories } from "../directories.ts";

/** Everybody may seal. */
const publicFile = 0o644;
/** A group may read it, since secrets are mounted so; everybody must not. */
const everybody = 0o007;
const idDigits = 8;

export interface VaultPublicKey {
  readonly key: KeyObject;
  /** Names the pair: the beginning of the public key's SHA-256, in hex. */
  readonly id: string;
}

export interface VaultPrivateKey extends VaultPublicKey {
  readonly publicKey: KeyObject;
}

/** Makes KEY (only for its owner) and KEY.pub. What is there already is never replaced: a vault opens with its own key only.
 * @throws PenumbraError `FILE_EXISTS`, `CANNOT_WRITE` */
export function makeVaultKeys(path: string): { readonly publicPath: string; readonly id: string } {
  const publicPath = `${path}.pub`;
  const there = [path, publicPath].find((file) => existsSync(file));
  if (there !== undefined) {
    throw new PenumbraError(
      "FILE_EXISTS",
      `${there} is already there`,
      "name another file: what is sealed to a key opens with that key only",
    );
  }
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const made: string[] = [];
  try {
    makeDirectories(dirname(path));
    for (const [file, content, mode] of [
      [publicPath, publicKey.export({ type: "spki", format: "pem" }), publicFile],
      [path, privateKey.export({ type: "pkcs8", format: "pem" }), privateFile],
    ] as const) {
      writeFileSync(file, content, { mode, flag: "wx" });
      made.push(file);
    }
    // Whatever the umask says: the one who records may be another than the one who replays.
    chmodSync(publicPath, publicFile);
  } catch (cause) {
    for (const file of made) rmSync(file, { force: true });
    throw new PenumbraError(
      "CANNOT_WRITE",
      `the vault's keys cannot be written: ${reasonOf(cause)}`,
      "name a place that can be written",
      cause,
    );
  }
  return { publicPath, id: idOf(publicKey) };
}

/** The text of a public key file, checked.
 * @throws PenumbraError `CANNOT_READ`, `VAULT_KEY_INVALID` */
export function readPublicKeyText(path: string): string {
  const text = readText(path);
  if (text.includes("PRIVATE KEY")) {
    throw new PenumbraError(
      "VAULT_KEY_INVALID",
      `${path} is a private key, which must not be where traffic is recorded`,
      `name ${path}.pub`,
    );
  }
  if (publicKeyOf(text) === null) throw invalid(path, "public", "make a pair with penumbra vault-key --out KEY, and name KEY.pub");
  return text;
}

/** What `readPublicKeyText` has checked. */
export function publicKeyOf(text: string): VaultPublicKey | null {
  try {
    const key = createPublicKey(text);
    return key.asymmetricKeyType === "x25519" ? { key, id: idOf(key) } : null;
  } catch {
    // Not a key; the caller says which file.
    return null;
  }
}

/** @throws PenumbraError `CANNOT_READ`, `VAULT_KEY_INVALID`, `KEY_EXPOSED` */
export function readPrivateKey(path: string): VaultPrivateKey {
  const text = readText(path);
  if (text.includes("PUBLIC KEY")) throw invalid(path, "private", "name the file without .pub: the public half only seals");
  const key = privateKeyOf(text);
  if (key === null) throw invalid(path, "private", "name the KEY that penumbra vault-key made");
  if ((statSync(path).mode & everybody) !== 0) {
    throw new PenumbraError("KEY_EXPOSED", `everybody can read the vault's key ${path}`, `run: chmod 600 ${path}`);
  }
  const publicKey = createPublicKey(key);
  return { key, publicKey, id: idOf(publicKey) };
}

/** The 32 bytes of an X25519 public key (RFC 7748 §5). */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

/** The pair of `rawPublicKey`. @throws when it has not 32 bytes */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" });
}

function privateKeyOf(text: string): KeyObject | null {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyType === "x25519" ? key : null;
  } catch {
    // Not a key; the caller says which file.
    return null;
  }
}

function idOf(publicKey: KeyObject): string {
  return createHash("sha256").update(rawPublicKey(publicKey)).digest("hex").slice(0, idDigits);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PenumbraError(
      "CANNOT_READ",
      `the vault's key ${path} cannot be read: ${reasonOf(cause)}`,
      "check the path and its permissions",
      cause,
    );
  }
}

function invalid(path: string, kind: "public" | "private", hint: string): PenumbraError {
  return new PenumbraError("VAULT_KEY_INVALID", `${path} is no ${kind} key of a vault`, hint);
}
