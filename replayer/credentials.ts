/** What a replayed request is given in place of the credentials that its recording does not hold.
 *
 *    token ─► real value, where the vault is open ─► headers of the lane's login, where there is a command for it
 *
 * What stands for a value of this run is the correlation's business and has been replaced before. */

import type { HttpRequest } from "../model/exchange.ts";
import type { CredentialSource, LaneCredentials } from "../target/credentials.ts";
import type { Logins } from "./logins.ts";

/** Puts real values in the place of tokens; a token whose value is not known stays. Never throws. */
export type Reveal = (request: HttpRequest) => HttpRequest;

export class ReplayCredentials implements CredentialSource {
  readonly #reveal: Reveal;
  readonly #logins: Logins | null;

  constructor(reveal: Reveal, logins: Logins | null) {
    this.#reveal = reveal;
    this.#logins = logins;
  }

  of(lane: string): LaneCredentials | Promise<LaneCredentials> {
    const login = this.#logins?.of(lane) ?? null;
    if (login === null) return this.#revealed;
    return login instanceof Promise ? login.then((headers) => this.#with(headers)) : this.#with(login);
  }

  readonly #revealed: LaneCredentials = { applied: (_, request) => this.#reveal(request) };

  #with(login: LaneCredentials): LaneCredentials {
    return { applied: (target, request) => login.applied(target, this.#reveal(request)) };
  }
}
