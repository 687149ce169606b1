/** Keeps every target's session alive: values that a target's answers named differently from the recorded ones are
 * replaced in the requests that it is sent later.
 *
 *    recorded   POST /comments ─► {"id": 15}                 GET /comments/15
 *    candidate  POST /comments ─► {"id": "RCgs9u4cTCI"}      GET /comments/RCgs9u4cTCI
 *               └── learn ──► Aliases (one per target) ──► rewrite ──┘
 *
 * Live mirror and replay use it alike: the recorded answer is the primary's. */

import { parseCookieHeader } from "../model/cookies.ts";
import { type HttpRequest, headerValues, type Outcome } from "../model/exchange.ts";
import type { SealedClaims } from "../model/sealed-claims.ts";
import type { EpochMs } from "../model/units.ts";
import { Aliases, type Origin } from "./aliases.ts";
import { AnswerReader } from "./answer-reader.ts";
import { AnswerTexts } from "./answer-values.ts";
import { keysOf, linkKeyOf, shownKeysOf, valueKey } from "./link-keys.ts";
import { type Place, type Substitute, withParts } from "./place.ts";
import { actualOf, producedBy } from "./produced.ts";
import type { Produced } from "./produced-value.ts";
import type { RequestTemplate } from "./request-template.ts";
import { sealedParts } from "./sealed-claims.ts";
import { ShownIds } from "./shown-ids.ts";
import { isSurprising } from "./surprise.ts";

/** A request as far as its links depend on it. */
export interface Asked {
  readonly template: RequestTemplate;
  /** Lane, or connection; "" when it has neither. */
  readonly lane: string;
  readonly startedAt: EpochMs;
}

/** A recorded answer, and the values that it brought into the session. */
export interface Lesson {
  readonly produced: readonly Produced[];
  readonly recorded: AnswerTexts;
  readonly origin: Origin;
}

export interface Rewritten {
  readonly request: HttpRequest;
  /** The request target, where it is not the recorded one. */
  readonly sentTarget?: string;
  /** Places that were filled with another value than the recorded one. */
  readonly usedAliases: number;
  /** Recorded values that this target should have named and did not. */
  readonly unresolved: readonly string[];
}

/** What else is known of the recording. */
export interface CorrelationOptions {
  /** Keys that are kept for a target. */
  readonly capacity?: number;
  /** What redaction makes of a value: recordings hold some values in one place as they are and as a token in another. */
  readonly tokenOf?: ((value: string) => string) | undefined;
}

/** How a recorded exchange ended. */
export interface RecordedAnswer {
  readonly outcome: Outcome;
  readonly endedAt: EpochMs;
  readonly claims?: SealedClaims | undefined;
}

/** What one target calls things. */
interface Names {
  readonly aliases: Aliases;
  readonly shown: ShownIds;
}

/** Values known from the beginning of time, where the first answer that shows one settles it. */
const always = { startedAt: Number.NEGATIVE_INFINITY as EpochMs, endedAt: Number.NEGATIVE_INFINITY as EpochMs };

export class Correlation {
  readonly #targets: readonly Names[];
  /** Link keys of unfinished exchanges' answers → the exchange that showed the value first. */
  readonly #producers = new Map<string, string>();
  readonly #tokenOf: ((value: string) => string) | null;
  /** Looked up once for the order and once for each target. */
  readonly #keys = new WeakMap<Place, readonly string[]>();
  readonly #shownKeys = new WeakMap<Place, readonly string[]>();

  constructor(targets: number, { capacity, tokenOf }: CorrelationOptions = {}) {
    this.#targets = Array.from({ length: targets }, () => ({ aliases: new Aliases(capacity), shown: new ShownIds() }));
    this.#tokenOf = tokenOf ?? null;
  }

  /** Aliases that were given up for want of room, over all targets. */
  get evicted(): number {
    return this.#targets.reduce((sum, { aliases, shown }) => sum + aliases.evicted + shown.evicted, 0);
  }

  /** Unfinished exchanges whose answers hold values that this request uses. */
  producersOf(asked: Asked): string[] {
    if (this.#producers.size === 0) return [];
    const keys = [...withParts(asked.template.places)].flatMap((place) => [
      ...this.#keysOf(place, asked),
      ...this.#shownKeysOf(place, asked),
    ]);
    return [...new Set(keys.flatMap((key) => this.#producers.get(key) ?? []))];
  }

  /** A recorded answer has ended: what later requests may use of it, until `forget`. */
  announce(id: string, asked: Asked, { outcome, endedAt, claims = {} }: RecordedAnswer): Lesson | null {
    if (outcome.kind !== "answered") return null;
    const recorded = new AnswerTexts(new AnswerReader(outcome.answer));
    const produced = producedBy(asked.template, recorded.reader, asked.lane, (token) => sealedParts(claims, token))
      .filter((value) => !this.#isSettled(value))
      .map((value) => this.#alsoAsToken(value));
    for (const { keys, policy } of produced) {
      for (const key of keys) {
        if (policy === "newest" || !this.#producers.has(key)) this.#producers.set(key, id);
      }
    }
    return { produced, recorded, origin: { startedAt: asked.startedAt, endedAt } };
  }

  /** The exchange is finished on all targets, or given up. */
  forget(id: string, lesson: Lesson | null): void {
    for (const key of lesson?.produced.flatMap(({ keys }) => keys) ?? []) {
      if (this.#producers.get(key) === id) this.#producers.delete(key);
    }
  }

  /** Compares one target's answer with the recorded one, place by place. */
  learn(target: number, lesson: Lesson, outcome: Outcome, sent: HttpRequest): void {
    const names = this.#targets[target];
    if (names === undefined || lesson.produced.length === 0) return;
    const answer = outcome.kind === "answered" ? new AnswerTexts(new AnswerReader(outcome.answer)) : null;
    const sentCookie = sentCookies(sent);
    for (const produced of lesson.produced) {
      const scalar = answer === null ? null : actualOf(produced, answer, lesson.recorded, sentCookie);
      // What a target refused to answer it cannot have named either.
      const isUnnamed = produced.created || (produced.policy === "first" && isRefused(outcome));
      if (scalar === null && !isUnnamed) continue;
      learnOne(names, produced, scalar === null ? null : { ...scalar, recordedType: produced.recordedType }, lesson.origin);
    }
  }

  /** The request in the words of one target. */
  rewrite(target: number, asked: Asked): Rewritten {
    const names = this.#targets[target];
    if (names === undefined) return { request: asked.template.request, usedAliases: 0, unresolved: [] };
    const substitutes = new Map<Place, Substitute>();
    const unresolved: string[] = [];
    for (const place of asked.template.places) this.#substitute(place, asked, names, { substitutes, unresolved });
    const request = asked.template.withSubstitutes(substitutes);
    const rewritten = { request, usedAliases: substitutes.size, unresolved };
    return request.target === asked.template.request.target ? rewritten : { ...rewritten, sentTarget: request.target };
  }

  /** The targets start from a known state again: nothing that they said before holds. */
  reset(): void {
    for (const { aliases, shown } of this.#targets) {
      aliases.clear();
      shown.clear();
    }
  }

  /** Where the whole value is known its parts do not count: nothing is replaced twice. */
  #substitute(place: Place, asked: Asked, names: Names, found: { substitutes: Map<Place, Substitute>; unresolved: string[] }): void {
    const version = names.aliases.find(this.#keysOf(place, asked), asked.startedAt);
    if (version?.actual === null) {
      found.unresolved.push(place.value);
      return;
    }
    const actual = version?.actual ?? (names.shown.isEmpty ? null : names.shown.find(this.#shownKeysOf(place, asked)));
    if (actual === null) for (const part of place.composite?.parts.values() ?? []) this.#substitute(part, asked, names, found);
    else if (actual.text !== place.value) found.substitutes.set(place, actual);
  }

  #keysOf(place: Place, { template, lane }: Asked): readonly string[] {
    const before = this.#keys.get(place);
    if (before !== undefined) return before;
    const surprises = isSurprising(place.value);
    const token = surprises ? this.#tokenFor(place.value) : null;
    const own = keysOf(place, template, lane, surprises);
    const keys = token === null ? own : [...own, ...keysOf({ ...place, value: token }, template, lane, surprises)];
    this.#keys.set(place, keys);
    return keys;
  }

  #shownKeysOf(place: Place, { template, lane }: Asked): readonly string[] {
    const before = this.#shownKeys.get(place);
    if (before !== undefined) return before;
    const link = linkKeyOf(place, template.request.target);
    const keys = [...(link === null ? [] : [link]), ...shownKeysOf(place, lane)];
    this.#shownKeys.set(place, keys);
    return keys;
  }

  #alsoAsToken(produced: Produced): Produced {
    const token = isSurprising(produced.recorded) ? this.#tokenFor(produced.recorded) : null;
    return token === null ? produced : { ...produced, keys: [...produced.keys, valueKey(token)] };
  }

  /** Null for values that redaction would leave. @param value surprises, else it would be linked with too much */
  #tokenFor(value: string): string | null {
    if (this.#tokenOf === null) return null;
    const token = this.#tokenOf(value);
    return token === value ? null : token;
  }

  /** Every target has shown this value before; most of what answers hold comes again and again. */
  #isSettled({ policy, keys }: Produced): boolean {
    return policy === "first" && keys.every((key) => this.#targets.every(({ aliases }) => aliases.knows(key)));
  }
}

function isRefused(outcome: Outcome): boolean {
  return outcome.kind !== "answered" || outcome.answer.status >= 400;
}

function learnOne({ aliases, shown }: Names, { policy, keys, recorded }: Produced, actual: Substitute | null, origin: Origin): void {
  switch (policy) {
    case "first":
      for (const key of keys) aliases.learnFirst(key, { ...always, actual });
      return;
    case "newest":
      for (const key of keys) aliases.learnNewest(key, { ...origin, actual });
      return;
    case "shown":
      if (actual !== null) shown.learn(keys, actual);
      return;
    case "linked":
      if (actual !== null && actual.text !== recorded) shown.learn(keys, actual);
      return;
    default:
      policy satisfies never;
  }
}

/** The cookies that a target was sent, read when first asked for. */
function sentCookies(sent: HttpRequest): (name: string) => string | null {
  let cookies: ReadonlyMap<string, string> | null = null;
  return (name) => {
    cookies ??= new Map(headerValues(sent.headers, "cookie").flatMap(parseCookieHeader));
    return cookies.get(name) ?? null;
  };
}
