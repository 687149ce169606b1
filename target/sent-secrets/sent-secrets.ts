/** Keeps what a replay put into requests out of what it stores: a target may echo it anywhere.
 *
 *    credentials ─ PutIn ─► Shadow ─► answer ─► without(what was put in) ─► redaction by names ─► run, comparison
 *                                                └── and everything that was put in before, by whomever
 *
 * The secret becomes what stands for it, the same at every target: equal echoes stay equal, and one that only one target makes stays a
 * difference. Secrets that could be words are looked for only in answers to requests that carried them. */

import type { Exchange, HttpRequest, Outcome } from "../../model/exchange.ts";
import { BoundedMap } from "../bounded-map.ts";
import { exchangeWith, outcomeWith, type Replace } from "./messages.ts";
import { PlainSecret } from "./plain-secret.ts";
import { isPlain } from "./plainness.ts";
import { SecretIndex } from "./secret-index.ts";

/** A secret in a request, and what stands for it in everything that is stored. Byte strings. */
export interface PutIn {
  readonly secret: string;
  /** The same for secrets of two targets that have the same part in the request: an echo of its own is then no difference. */
  readonly stands: string;
}

/** What is put in the place of messages before they are stored; the same objects where they hold no secret. */
export interface Cleaner {
  exchange(exchange: Exchange): Exchange;
  outcome(outcome: Outcome): Outcome;
  target(target: string): string;
}

export interface SentSecretsOptions {
  /** Put into every request. */
  readonly always?: readonly PutIn[];
  /** What a recorded request has in clear; absent = nothing. */
  readonly recorded?: (request: HttpRequest) => readonly PutIn[];
  readonly capacity?: number;
}

/** Shorter ones would take parts out of everything. */
const shortestSecret = 6;
/** A session has a few; some 30 MB. */
const defaultCapacity = 20_000;
/** Patterns of words, which come again with every request of their session. */
const rememberedWords = 1000;

export const nothingPutIn: Cleaner = { exchange: (exchange) => exchange, outcome: (outcome) => outcome, target: (target) => target };

export class SentSecrets {
  readonly #always: readonly PutIn[];
  readonly #recorded: (request: HttpRequest) => readonly PutIn[];
  readonly #index: SecretIndex;
  /** Of all that was put in; the newest holds. */
  readonly #standing: BoundedMap<string>;
  readonly #words = new BoundedMap<PlainSecret>(rememberedWords);

  constructor({ always = [], recorded = () => [], capacity = defaultCapacity }: SentSecretsOptions = {}) {
    this.#recorded = recorded;
    this.#index = new SecretIndex(capacity);
    this.#standing = new BoundedMap(capacity);
    this.#always = always;
    for (const putIn of always) this.#add(putIn);
  }

  /** For what came of one request: all of it at once, since meanwhile others may put in more.
   * @param recorded as its recording has it
   * @param putIn into that request, at any target */
  without(recorded: HttpRequest, putIn: readonly PutIn[]): Cleaner {
    const own = [...this.#always, ...this.#recorded(recorded), ...putIn].filter(({ secret }) => secret.length >= shortestSecret);
    for (const each of own) this.#add(each);
    if (this.#index.isEmpty && own.length === 0) return nothingPutIn;
    const words = own
      .filter(({ secret }) => isPlain(secret) || !SecretIndex.findsAll(secret))
      .sort((a, b) => b.secret.length - a.secret.length);
    const ownStanding = new Map(own.map(({ secret, stands }) => [secret, stands]));
    const standsFor = (secret: string): string | undefined => ownStanding.get(secret) ?? this.#standing.get(secret);
    const replace: Replace = (text, isJson) =>
      words.reduce((rest, { secret, stands }) => this.#wordOf(secret).replace(rest, stands, isJson), this.#index.replace(text, standsFor));
    return {
      exchange: (exchange) => exchangeWith(exchange, replace),
      outcome: (outcome) => outcomeWith(outcome, replace),
      target: (target) => replace(target, false),
    };
  }

  #add({ secret, stands }: PutIn): void {
    if (secret.length < shortestSecret || isPlain(secret)) return;
    this.#index.add(secret);
    this.#standing.set(secret, stands);
  }

  #wordOf(secret: string): PlainSecret {
    const word = this.#words.get(secret) ?? new PlainSecret(secret);
    this.#words.set(secret, word);
    return word;
  }
}
