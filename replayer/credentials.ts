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
import { isPlain } from "../target/sent-secrets/plainness.ts";
import { type PutIn, SentSecrets } from "../target/sent-secrets/sent-secrets.ts";
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
  /** The same fields are asked about for each target, and those of a login for each request of its lane. */
  readonly #known = new WeakMap<HeaderList, ReadonlyMap<string, string>>();

  constructor(options: CredentialOptions) {
    this.#options = options;
    const { rules, headers, recordedInClear } = options;
    this.secrets = new SentSecrets({
      always: putInBy(headers, rules),
      ...(recordedInClear ? { recorded: (request) => inClear(request, rules) } : {}),
    });
  }

  of(lane: string): LaneCredentials | Promise<LaneCredentials> {
    const login = this.#options.logins?.of(lane) ?? null;
    if (login === null) return this.#revealed;
    return login instanceof Promise ? login.then((given) => this.#with(given, lane)) : this.#with(login, lane);
  }

  readonly #revealed: LaneCredentials = { applied: (_, request) => this.#reveal(request) };

  #with(login: LaneLogin, lane: string): LaneCredentials {
    return {
      applied: (target, request, recorded) => {
        const revealed = this.#reveal(request);
        const putIn = [...revealed.putIn, ...this.#loggedIn(login.headers(target), recorded, lane)];
        return { request: login.applied(target, revealed.request), putIn };
      },
    };
  }

  #reveal(request: HttpRequest): Given {
    const { reveal } = this.#options;
    if (reveal === null) return { request, putIn: [] };
    const putIn: PutIn[] = [];
    const revealed = reveal(request, (token, secret) => {
      putIn.push({ secret, stands: token });
      for (const part of basicParts(secret)) putIn.push(...this.#putIn(part, part));
    });
    return { request: revealed, putIn };
  }

  /** What a login gave has the part in the request that what it replaced had in production, whichever target it is for. */
  #loggedIn(headers: HeaderList, recorded: HttpRequest, lane: string): PutIn[] {
    if (headers.length === 0) return [];
    const before = this.#secretsOf(recorded.headers);
    return [...this.#secretsOf(headers)].flatMap(([part, secret]) => this.#putIn(secret, before.get(part) ?? `${part}:${lane}`));
  }

  #secretsOf(headers: HeaderList): ReadonlyMap<string, string> {
    const known = this.#known.get(headers) ?? secretsOf(headers, this.#options.rules);
    this.#known.set(headers, known);
    return known;
  }

  #putIn(secret: string, as: string): PutIn[] {
    const stands = this.#options.rules.substituteFor(as);
    return stands === null ? [] : [{ secret, stands }];
  }
}

/** Words are left out: nobody has said that they are secrets. */
function inClear({ headers }: HttpRequest, rules: SecretRules): PutIn[] {
  return putInBy(headers, rules).filter(({ secret, stands }) => secret !== stands && !isPlain(secret));
}
