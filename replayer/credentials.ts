/** What a replayed request is given in place of the credentials that its recording does not hold.
 *
 *    token ─► real value, where the vault is open ─► headers of the lane's login, where there is a command for it
 *                 └───────────────┬──────────────────────┘
 *                    told to the shadow, so that an echo of it is not stored
 *
 * What stands for a value of this run is the correlation's business and has been replaced before. */

import type { HeaderList, HttpRequest } from "../model/exchange.ts";
import type { CredentialSource, Given, LaneCredentials } from "../target/credentials.ts";
import { basicParts, putInBy, type SecretRules, secretsOf } from "../target/sent-secrets/header-secrets.ts";
import { type PutIn, SentSecrets } from "../target/sent-secrets/sent-secrets.ts";
import { isSurprising } from "../target/surprise.ts";
import type { LaneLogin, Logins } from "./logins.ts";

/** Puts real values in the place of tokens; a token whose value is not known stays. Never throws.
 * @param note told of each token and the value, a byte string, that took its place */
export type Reveal = (request: HttpRequest, note?: (token: string, value: string) => void) => HttpRequest;

export interface CredentialOptions {
  readonly reveal: Reveal | null;
  readonly logins: Logins | null;
  /** Of --header: they have been put into every request before. */
  readonly headers: HeaderList;
  readonly rules: SecretRules;
  /** The recording has credentials as users sent them: they are secrets too. */
  readonly recordedInClear: boolean;
}

export class ReplayCredentials implements CredentialSource {
  /** All that was ever put in, to be kept out of what is stored. */
  readonly secrets: SentSecrets;
  readonly #options: CredentialOptions;

  constructor(options: CredentialOptions) {
    this.#options = options;
    const { rules, headers } = options;
    this.secrets = new SentSecrets({ always: putInBy(headers, rules) });
  }

  of(lane: string): LaneCredentials | Promise<LaneCredentials> {
    const login = this.#options.logins?.of(lane) ?? null;
    if (login === null) return this.#revealed;
    return login instanceof Promise ? login.then((given) => this.#with(given, lane)) : this.#with(login, lane);
  }

  readonly #revealed: LaneCredentials = { applied: (_, request, recorded) => this.#reveal(request, recorded) };

  #with(login: LaneLogin, lane: string): LaneCredentials {
    return {
      applied: (target, request, recorded) => {
        const revealed = this.#reveal(request, recorded);
        const putIn = [...revealed.putIn, ...this.#loggedIn(login.headers(target), recorded, lane)];
        return { request: login.applied(target, revealed.request), putIn };
      },
    };
  }

  #reveal(request: HttpRequest, recorded: HttpRequest): Given {
    const { reveal } = this.#options;
    const putIn = this.#recorded(recorded);
    if (reveal === null) return { request, putIn };
    const revealed = reveal(request, (token, secret) => {
      putIn.push({ secret, stands: token });
      for (const part of basicParts(secret)) putIn.push(...this.#putIn(part, part));
    });
    return { request: revealed, putIn };
  }

  /** Words are left out: nobody has said that they are secrets. */
  #recorded({ headers }: HttpRequest): PutIn[] {
    const { rules, recordedInClear } = this.#options;
    if (!recordedInClear) return [];
    return putInBy(headers, rules).filter(({ secret, stands }) => secret !== stands && isSurprising(secret));
  }

  /** What a login gave has the part in the request that what it replaced had in production, whichever target it is for. */
  #loggedIn(headers: HeaderList, recorded: HttpRequest, lane: string): PutIn[] {
    if (headers.length === 0) return [];
    const { rules } = this.#options;
    const before = secretsOf(recorded.headers, rules);
    return [...secretsOf(headers, rules)].flatMap(([part, secret]) => this.#putIn(secret, before.get(part) ?? `${part}:${lane}`));
  }

  #putIn(secret: string, as: string): PutIn[] {
    const stands = this.#options.rules.substituteFor(as);
    return stands === null ? [] : [{ secret, stands }];
  }
}
