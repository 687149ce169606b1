/** Seals values to a public key, so that who records cannot read back what was recorded.
 *
 *    ephemeral X25519 key ─┬─ with the recipient's ─► HKDF-SHA256 ─► AES-256-GCM key, one a segment
 *    (a new one a segment) └─ its public half is stored
 *
 *    sealed = nonce (12) ‖ AES-256-GCM(length ‖ value ‖ zeros), its tag (16) at the end; the token is authenticated with it
 *
 * The private half of the ephemeral key lives as long as the segment is written, and is nowhere but in memory. */

import { createCipheriv, createDecipheriv, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { publicKeyFromRaw, rawPublicKey, type VaultPrivateKey, type VaultPublicKey } from "./vault-keys.ts";

/** What a segment says about its vault; JSON in its meta data. */
export interface VaultHeader {
  readonly scheme: string;
  /** Of the key that it is sealed to. */
  readonly keyId: string;
  /** The ephemeral public key, 32 bytes in base64. */
  readonly ephemeral: string;
}

export const scheme = "x25519-hkdf-sha256-aes-256-gcm";
/** Keeps keys of other uses and later schemes apart (RFC 5869 §3.2). */
const info = "penumbra vault 1";
const cipher = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const lengthBytes = 4;
/** Values are padded to a multiple of it: how long a password is shall not show. */
const paddedTo = 64;

export class Sealer {
  readonly header: VaultHeader;
  readonly #key: Buffer;

  constructor(recipient: VaultPublicKey) {
    const own = generateKeyPairSync("x25519");
    const ephemeral = rawPublicKey(own.publicKey);
    this.header = { scheme, keyId: recipient.id, ephemeral: ephemeral.toString("base64") };
    this.#key = derivedKey(own.privateKey, recipient.key, ephemeral, rawPublicKey(recipient.key));
  }

  /** @param value a byte string, as redaction has it */
  seal(token: string, value: string): Uint8Array {
    // Random: with fewer than 2^32 values a key, no two meet (NIST SP 800-38D §8.3).
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(token, "latin1"));
    return Buffer.concat([nonce, sealing.update(padded(value)), sealing.final(), sealing.getAuthTag()]);
  }
}

export class Opener {
  readonly #key: Buffer;

  /** @throws when the header's ephemeral key is none */
  constructor(recipient: VaultPrivateKey, header: VaultHeader) {
    const ephemeral = Buffer.from(header.ephemeral, "base64");
    this.#key = derivedKey(recipient.key, publicKeyFromRaw(ephemeral), ephemeral, rawPublicKey(recipient.publicKey));
  }

  /** null = it is damaged, or was sealed under another token or key. */
  open(token: string, sealed: Uint8Array): string | null {
    if (sealed.length < nonceBytes + lengthBytes + tagBytes) return null;
    const opening = createDecipheriv(cipher, this.#key, sealed.subarray(0, nonceBytes));
    opening.setAAD(Buffer.from(token, "latin1")).setAuthTag(sealed.subarray(-tagBytes));
    try {
      const content = Buffer.concat([opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()]);
      return content.toString("latin1", lengthBytes, lengthBytes + content.readUInt32BE(0));
    } catch {
      // The tag does not fit: Node tells it by an exception only.
      return null;
    }
  }
}

function derivedKey(own: KeyObject, other: KeyObject, ephemeral: Buffer, recipient: Buffer): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: other });
  return Buffer.from(hkdfSync("sha256", shared, Buffer.concat([ephemeral, recipient]), info, keyBytes));
}

function padded(value: string): Buffer {
  const length = lengthBytes + value.length;
  const content = Buffer.alloc(Math.ceil(length / paddedTo) * paddedTo);
  content.writeUInt32BE(value.length, 0);
  content.write(value, lengthBytes, "latin1");
  return content;
}
