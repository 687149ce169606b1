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
import type { EpochMs } from "../model/units.ts";
import { Aliases, type AliasVersion, type Origin } from "./aliases.ts";
import { AnswerReader } from "./answer-reader.ts";
import { actualOf, keysOf, type Produced, producedBy } from "./produced.ts";
import type { Place, RequestTemplate, Substitute } from "./request-template.ts";

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
  readonly recorded: AnswerReader;
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

/** Values known from the beginning of time, where the first answer that shows one settles it. */
const always = { startedAt: Number.NEGATIVE_INFINITY as EpochMs, endedAt: Number.NEGATIVE_INFINITY as EpochMs };

export class Correlation {
  readonly #aliases: readonly Aliases[];
  /** Link keys of unfinished exchanges' answers → the exchange that showed the value first. */
  readonly #producers = new Map<string, string>();

  constructor(targets: number, capacity?: number) {
    this.#aliases = Array.from({ length: targets }, () => new Aliases(capacity));
  }

  /** Aliases that were given up for want of room, over all targets. */
  get evicted(): number {
    return this.#aliases.reduce((sum, { evicted }) => sum + evicted, 0);
  }

  /** Unfinished exchanges whose answers hold values that this request uses. */
  producersOf(asked: Asked): string[] {
    if (this.#producers.size === 0) return [];
    const keys = asked.template.places.flatMap((place) => keysOf(place, asked.template, asked.lane));
    return [...new Set(keys.flatMap((key) => this.#producers.get(key) ?? []))];
  }

  /** A recorded answer has ended: what later requests may use of it, until `forget`. */
  announce(id: string, asked: Asked, outcome: Outcome, endedAt: EpochMs): Lesson | null {
    if (outcome.kind !== "answered") return null;
    const produced = producedBy(asked.template, outcome.answer, asked.lane).filter((value) => !this.#isSettled(value));
    for (const { keys, policy } of produced) {
      for (const key of keys) {
        if (policy === "newest" || !this.#producers.has(key)) this.#producers.set(key, id);
      }
    }
    return { produced, recorded: new AnswerReader(outcome.answer), origin: { startedAt: asked.startedAt, endedAt } };
  }

  /** The exchange is finished on all targets, or given up. */
  forget(id: string, lesson: Lesson | null): void {
    for (const key of lesson?.produced.flatMap(({ keys }) => keys) ?? []) {
      if (this.#producers.get(key) === id) this.#producers.delete(key);
    }
  }

  /** Compares one target's answer with the recorded one, place by place. */
  learn(target: number, lesson: Lesson, outcome: Outcome, sent: HttpRequest): void {
    const aliases = this.#aliases[target];
    if (aliases === undefined || lesson.produced.length === 0) return;
    const reader = outcome.kind === "answered" ? new AnswerReader(outcome.answer) : null;
    const sentCookie = sentCookies(sent);
    for (const produced of lesson.produced) {
      const scalar = reader === null ? null : actualOf(produced, reader, lesson.recorded, sentCookie);
      if (scalar === null && !produced.created) continue;
      const actual: Substitute | null = scalar === null ? null : { ...scalar, recordedType: produced.recordedType };
      const version: AliasVersion = { ...(produced.policy === "first" ? always : lesson.origin), actual };
      for (const key of produced.keys) {
        if (produced.policy === "first") aliases.learnFirst(key, version);
        else aliases.learnNewest(key, version);
      }
    }
  }

  /** Every target has shown this value before; most of what answers hold comes again and again. */
  #isSettled({ policy, keys }: Produced): boolean {
    return policy === "first" && keys.every((key) => this.#aliases.every((aliases) => aliases.knows(key)));
  }

  /** The request in the words of one target. */
  rewrite(target: number, asked: Asked): Rewritten {
    const aliases = this.#aliases[target];
    return aliases === undefined ? { request: asked.template.request, usedAliases: 0, unresolved: [] } : rewrite(asked, aliases);
  }

  /** The targets start from a known state again: nothing that they said before holds. */
  reset(): void {
    for (const aliases of this.#aliases) aliases.clear();
  }
}

/** One simultaneous substitution; nothing is replaced twice, and bytes that need not change do not. */
function rewrite({ template, lane, startedAt }: Asked, aliases: Aliases): Rewritten {
  const substitutes = new Map<Place, Substitute>();
  const unresolved: string[] = [];
  for (const place of template.places) {
    const version = aliases.find(keysOf(place, template, lane), startedAt);
    if (version === null) continue;
    if (version.actual === null) unresolved.push(place.value);
    else if (version.actual.text !== place.value) substitutes.set(place, version.actual);
  }
  const request = template.withSubstitutes(substitutes);
  const rewritten = { request, usedAliases: substitutes.size, unresolved };
  return request.target === template.request.target ? rewritten : { ...rewritten, sentTarget: request.target };
}

/** The cookies that a target was sent, read when first asked for. */
function sentCookies(sent: HttpRequest): (name: string) => string | null {
  let cookies: ReadonlyMap<string, string> | null = null;
  return (name) => {
    cookies ??= new Map(headerValues(sent.headers, "cookie").flatMap(parseCookieHeader));
    return cookies.get(name) ?? null;
  };
}
