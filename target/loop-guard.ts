/** How a sidecar knows requests that a sidecar sent: a header that only holders of the key file can make.
 *
 *    mirror ── x-penumbra: NAME.MAC ──► candidate ── the same header ──► a sidecar: no user sent this
 *
 * NAME says which sidecar it was; MAC is HMAC-SHA256 over it, with a key that is derived from the key file for this use
 * only. It works where a candidate passes headers on; what it asks others with headers of its own cannot be told from
 * a user's request. A header that was not made with the key is an ordinary one. */

import { createHmac, timingSafeEqual } from "node:crypto";
import { type HeaderList, type HttpRequest, headerValues } from "../model/exchange.ts";

export const loopGuardHeader = "x-penumbra";
/** Separates this use of the key file from redaction's and sampling's. */
const keyLabel = "penumbra loop guard 1";
/** 128 bits, in hexadecimal. */
const macDigits = 32;
const mark = /^([\w-]{1,64})\.([0-9a-f]{32})$/;
/** More marks than a loop may have gone round; a client's thousand would only cost hashes. */
const mostMarks = 8;

export class LoopGuard {
  /** The header's value in requests of this sidecar. */
  readonly token: string;
  readonly #key: Uint8Array;

  /** @param key of the key file; replicas with the same one know each other's requests
   * @param name of this sidecar's life: letters, digits, - and _, at most 64 */
  constructor(key: Uint8Array, name: string) {
    this.#key = createHmac("sha256", key).update(keyLabel).digest();
    this.token = `${name}.${this.#macOf(name)}`;
  }

  /** The request as it leaves for a target. Marks that it bears already stay: they came from a client. */
  marked(request: HttpRequest): HttpRequest {
    return { ...request, headers: [...request.headers, [loopGuardHeader, this.token]] };
  }

  /** Whether a sidecar with the same key has sent this request, or the one that it was made from. */
  recognises(headers: HeaderList): boolean {
    const marks = headerValues(headers, loopGuardHeader).flatMap((value) => value.split(",", mostMarks));
    return marks.slice(0, mostMarks).some((text) => {
      const [, name = "", mac = ""] = mark.exec(text.trim()) ?? [];
      return name !== "" && timingSafeEqual(Buffer.from(mac), Buffer.from(this.#macOf(name)));
    });
  }

  #macOf(name: string): string {
    return createHmac("sha256", this.#key).update(name).digest("hex").slice(0, macDigits);
  }
}
