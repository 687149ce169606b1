/** What becomes of users' credentials in requests that are mirrored.
 *
 *    pass      they are sent as they came: candidate and control know the users (live values, in memory only)
 *    drop      they are taken out of the head; what then needs them is not compared (`no_credentials`)
 *    replace   the operator's own headers take the place of what was taken out
 *
 * A credential is what a recording would not hold in clear in a head: cookies, headers and parameters of the target by
 * their names. Bodies are sent as they are. */

import { type HttpRequest, noBody } from "../../model/exchange.ts";
import { RedactionError, Redactor } from "../../recording/redaction.ts";
import { overrideHeaders } from "../../target/overrides.ts";

/** Plain JSON. */
export type CredentialPolicy =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  | { readonly kind: "replace"; readonly headers: readonly (readonly [name: string, value: string])[] };

export class Credentials {
  readonly #policy: CredentialPolicy;
  /** Dropping needs no key. */
  readonly #dropping = new Redactor({ key: new Uint8Array(), mode: "drop" });

  constructor(policy: CredentialPolicy) {
    this.#policy = policy;
  }

  /** The request as a target may see it; the same object when nothing was taken out.
   * @throws RedactionError when it cannot be told what is a credential: then nothing may be sent */
  applied(request: HttpRequest): HttpRequest {
    if (this.#policy.kind === "pass") return request;
    const bare = this.#bare(request);
    if (bare === request) return request;
    return this.#policy.kind === "drop" ? bare : overrideHeaders(bare, this.#policy.headers);
  }

  /** Whether the targets are asked without the credentials that the primary was asked with. */
  areWithheldFrom(request: HttpRequest): boolean {
    try {
      return this.applied(request) !== request;
    } catch (error) {
      // What could not be applied was not sent at all.
      if (error instanceof RedactionError) return true;
      throw error;
    }
  }

  #bare(request: HttpRequest): HttpRequest {
    const { target, headers } = this.#dropping.request({ ...request, body: noBody });
    if (target === request.target && sameValues(headers, request.headers)) return request;
    return { ...request, target, headers };
  }
}

function sameValues(left: HttpRequest["headers"], right: HttpRequest["headers"]): boolean {
  return left.length === right.length && left.every(([, value], index) => value === right[index]?.[1]);
}
