/** The earlier exchanges that a request cannot do without: those whose answers gave it the values it names, and theirs in turn.
 *
 *    POST /carts ─► {"id": "c7f3"}        POST /carts/c7f3/items ─► {"count": 1}
 *         ▲─────────────────────────────────────┘
 *
 * The same links that correlation follows while it replays (target/correlation.ts), here among recorded answers only. */

import type { Exchange } from "../../model/exchange.ts";
import { sealedClaimsOf } from "../../recording/sealed-claims.ts";
import { AnswerReader } from "../../target/answer-reader.ts";
import { keysOf } from "../../target/link-keys.ts";
import { withParts } from "../../target/place.ts";
import { producedBy } from "../../target/produced.ts";
import { RequestTemplate } from "../../target/request-template.ts";
import { sealedParts } from "../../target/sealed-claims.ts";
import { isSurprising } from "../../target/surprise.ts";

interface Source {
  readonly exchange: Exchange;
  /** `first`: what is known stays. */
  readonly policy: "first" | "newest";
}

/** What every one of these exchanges takes from the others. */
export class Producers {
  readonly #sources: ReadonlyMap<string, readonly Source[]>;

  /** @param exchanges in the order of their start */
  constructor(exchanges: readonly Exchange[]) {
    this.#sources = sourcesOf(exchanges);
  }

  /** In no order, without the subject itself. */
  of(subject: Exchange): Set<Exchange> {
    const needed = new Set<Exchange>();
    const visit = (exchange: Exchange): void => {
      const template = new RequestTemplate(exchange.request);
      for (const place of withParts(template.places)) {
        const source = sourceOf(keysOf(place, template, laneOf(exchange), isSurprising(place.value)), exchange, this.#sources);
        if (source === null || source.id === subject.id || needed.has(source)) continue;
        needed.add(source);
        visit(source);
      }
    };
    visit(subject);
    return needed;
  }
}

function sourcesOf(exchanges: readonly Exchange[]): Map<string, Source[]> {
  const sources = new Map<string, Source[]>();
  for (const exchange of exchanges) {
    const { request, outcome } = exchange;
    if (outcome.kind !== "answered") continue;
    const claims = sealedClaimsOf(exchange);
    const reader = new AnswerReader(outcome.answer);
    const produced = producedBy(new RequestTemplate(request), reader, laneOf(exchange), (token) => sealedParts(claims, token));
    for (const { keys, policy } of produced) {
      // Plain ids and links that an answer shows may stand in many others: nobody needs this one.
      if (policy === "shown" || policy === "linked") continue;
      for (const key of keys) {
        const known = sources.get(key);
        if (known === undefined) sources.set(key, [{ exchange, policy }]);
        else if (policy === "newest") known.push({ exchange, policy });
      }
    }
  }
  return sources;
}

/** Of the first key that anybody had answered with before the request began. */
function sourceOf(keys: readonly string[], { at }: Exchange, sources: ReadonlyMap<string, readonly Source[]>): Exchange | null {
  for (const key of keys) {
    const before = (sources.get(key) ?? []).filter(({ exchange }) => exchange.at + exchange.outcome.tookMs <= at);
    const source = before.at(-1)?.policy === "first" ? before[0] : before.at(-1);
    if (source !== undefined) return source.exchange;
  }
  return null;
}

function laneOf({ lane, connection }: Exchange): string {
  return lane ?? connection ?? "";
}
