/** The earlier exchanges that the chosen ones need, so that a replay of them alone meets the state and the values that they met.
 *
 *    chosen ─► every unsafe exchange of its session before it
 *           ─► whoever answered with a value that it names (a created id, a cookie, a token), in whatever session
 *           ─► and theirs in turn, round after round, until nothing is added
 *
 * A round is one reading of the recording. Kept are the values that kept requests name, with who answered with them first. */

import type { Exchange } from "../../model/exchange.ts";
import { isSafeMethod } from "../../model/exchange.ts";
import { sealedClaimsOf } from "../../recording/sealed-claims.ts";
import { AnswerReader } from "../../target/answer-reader.ts";
import { keysOf } from "../../target/link-keys.ts";
import { withParts } from "../../target/place.ts";
import { producedBy } from "../../target/produced.ts";
import { RequestTemplate } from "../../target/request-template.ts";
import { sealedParts } from "../../target/sealed-claims.ts";
import { isSurprising } from "../../target/surprise.ts";
import { sessionKey } from "./sessions.ts";

/** Chains of values (a page names the next) are followed so far; what needs longer ones comes with all of its session before it. */
const mostRounds = 8;
/** Answers that are remembered for a value that is made anew again and again, such as a cookie. */
const mostSources = 8;

/** Who answered with a value. */
interface Source {
  readonly number: number;
  readonly end: number;
  readonly policy: "first" | "newest";
  /** What its own request names. */
  readonly keys: readonly (readonly string[])[];
}

/** Everything that is to be kept. */
export class Kept {
  private readonly numbers: Set<number>;
  /** The last kept place, by session. */
  private readonly last = new Map<string, number>();
  private readonly whole = new Set<string>();

  constructor(chosen: ReadonlySet<number>) {
    this.numbers = new Set(chosen);
  }

  has(number: number, exchange: Exchange): boolean {
    if (this.numbers.has(number)) return true;
    const session = sessionKey(exchange);
    if (session === null || number > (this.last.get(session) ?? -1)) return false;
    return !isSafeMethod(exchange.request.method) || this.whole.has(session);
  }

  /** Notes that an exchange is kept, and with it the writes of its session before it. @returns whether that is news */
  add(number: number, exchange: Exchange): boolean {
    const session = sessionKey(exchange);
    const isLater = session !== null && number > (this.last.get(session) ?? -1);
    if (isLater) this.last.set(session, number);
    return isLater;
  }

  /** @returns whether that is news */
  addNumber(number: number): boolean {
    if (this.numbers.has(number)) return false;
    this.numbers.add(number);
    return true;
  }

  /** Everything of this session before its last kept exchange. */
  addWhole(exchange: Exchange): void {
    const session = sessionKey(exchange);
    if (session !== null) this.whole.add(session);
  }
}

/** @param open reads the recording again from its beginning, in the order of starts */
export async function withPrefixes(chosen: ReadonlySet<number>, open: () => AsyncIterable<Exchange>): Promise<Kept> {
  const kept = new Kept(chosen);
  let wanted: ReadonlySet<string> = new Set();
  for (let round = 0; ; round++) {
    const reading = new Round(kept, wanted, round === mostRounds);
    let number = 0;
    for await (const exchange of open()) reading.read(number++, exchange);
    // The round after the last takes whole sessions, and so ends it.
    if (!reading.hasNews || round > mostRounds) return kept;
    wanted = reading.wanted;
  }
}

class Round {
  readonly wanted: Set<string>;
  hasNews = false;
  private readonly kept: Kept;
  private readonly known: ReadonlySet<string>;
  private readonly isLast: boolean;
  private readonly sources = new Map<string, Source[]>();

  constructor(kept: Kept, known: ReadonlySet<string>, isLast: boolean) {
    this.kept = kept;
    this.known = known;
    this.wanted = new Set(known);
    this.isLast = isLast;
  }

  read(number: number, exchange: Exchange): void {
    const isKept = this.kept.has(number, exchange);
    const produced = this.known.size === 0 ? [] : this.wantedOf(exchange);
    if (!isKept && produced.length === 0) return;
    const keys = keysOfRequest(exchange);
    if (isKept) {
      if (this.kept.add(number, exchange)) this.hasNews = true;
      this.need(keys, exchange);
    }
    for (const { key, policy } of produced) this.note(key, { number, end: exchange.at + exchange.outcome.tookMs, policy, keys });
  }

  /** What an answer holds of what is wanted. Plain ids and links that it shows may stand in many others: nobody needs this one. */
  private wantedOf(exchange: Exchange): { readonly key: string; readonly policy: Source["policy"] }[] {
    const { request, outcome } = exchange;
    if (outcome.kind !== "answered") return [];
    const claims = sealedClaimsOf(exchange);
    const values = producedBy(new RequestTemplate(request), new AnswerReader(outcome.answer), sessionKey(exchange) ?? "", (token) =>
      sealedParts(claims, token),
    );
    return values.flatMap(({ keys, policy }) => {
      if (policy === "shown" || policy === "linked") return [];
      return keys.filter((key) => this.known.has(key)).map((key) => ({ key, policy }));
    });
  }

  private note(key: string, source: Source): void {
    const known = this.sources.get(key);
    if (known === undefined) this.sources.set(key, [source]);
    else if (source.policy === "newest") {
      known.push(source);
      if (known.length > mostSources) known.splice(1, 1);
    }
  }

  /** The sources of what a kept request names are kept, and what they name is looked for. */
  private need(places: readonly (readonly string[])[], exchange: Exchange): void {
    for (const keys of places) {
      for (const key of keys) this.want(key);
      const source = this.sourceOf(keys, exchange.at);
      if (source === null || !this.kept.addNumber(source.number)) continue;
      this.hasNews = true;
      if (this.isLast) this.kept.addWhole(exchange);
      for (const own of source.keys.flat()) this.want(own);
    }
  }

  private want(key: string): void {
    if (this.wanted.has(key)) return;
    this.wanted.add(key);
    this.hasNews = true;
  }

  /** Of the first key that anybody had answered with before the request began. */
  private sourceOf(keys: readonly string[], at: number): Source | null {
    for (const key of keys) {
      const before = (this.sources.get(key) ?? []).filter(({ end }) => end <= at);
      const source = before.at(-1)?.policy === "first" ? before[0] : before.at(-1);
      if (source !== undefined) return source;
    }
    return null;
  }
}

/** For every place of a request that may hold a value of an answer, the keys under which it is looked up. */
function keysOfRequest(exchange: Exchange): string[][] {
  const template = new RequestTemplate(exchange.request);
  const session = sessionKey(exchange) ?? "";
  return [...withParts(template.places)]
    .map((place) => keysOf(place, template, session, isSurprising(place.value)))
    .filter((keys) => keys.length > 0);
}
