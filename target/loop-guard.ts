/** How a sidecar knows requests that a sidecar sent: a header that only holders of the key file can make.
 *
 *    mirror ── x-penumbra: NAME.MAC ──► candidate ── the same header ──► a sidecar: no user sent this
 *
 * NAME says which sidecar it was; MAC is HMAC-SHA256 over it, with a key that is derived from the key file for this use
 * only. It works where a candidate passes headers on; what it asks others with headers of its own cannot be told from
 * a user's request. A header that was not made with the key is an ordinary one.
 *
 * What a client wrote into the header must not hide the mark: ours stands first in the only field of that name, so that it is
 * there still where a candidate keeps one field of several, or the beginning of a long one; and every mark that comes in is looked at. */

import { createHmac, timingSafeEqual } from "node:crypto";
import type { HeaderList, HttpRequest } from "../model/exchange.ts";

export const loopGuardHeader = "x-penumbra";
/** Between our mark and what a request bore already. */
export const markSeparator = ", ";
/** Separates this use of the key file from redaction's and sampling's. */
const keyLabel = "penumbra loop guard 1";
/** 128 bits, in hexadecimal. */
const macDigits = 32;
const mark = /^([\w-]{1,64})\.([0-9a-f]{32})$/;
/** CGI and its heirs read `x_penumbra` as the same field. */
const namedLikeIt = /^x[-_]penumbra$/i;

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

  /** The request as it leaves for a target. Marks that it bears already stay, behind ours: a chain of sidecars with other keys
   * made them, or a client. */
  marked(request: HttpRequest): HttpRequest {
    const others = request.headers.filter(([name]) => !namedLikeIt.test(name));
    const value = [this.token, ...valuesOf(request.headers)].join(markSeparator);
    return { ...request, headers: [...others, [loopGuardHeader, value]] };
  }

  /** Whether a sidecar with the same key has sent this request, or the one that it was made from. The size of a head bounds
   * the work: every mark is looked at once. */
  recognises(headers: HeaderList): boolean {
    return valuesOf(headers).some((value) => value.split(",").some((text) => this.#isOurs(text.trim())));
  }

  #isOurs(text: string): boolean {
    const [, name = "", mac = ""] = mark.exec(text) ?? [];
    return name !== "" && timingSafeEqual(Buffer.from(mac), Buffer.from(this.#macOf(name)));
  }

  #macOf(name: string): string {
    return createHmac("sha256", this.#key).update(name).digest("hex").slice(0, macDigits);
  }
}

function valuesOf(headers: HeaderList): string[] {
  return headers.filter(([name]) => namedLikeIt.test(name)).map(([, value]) => value);
}
