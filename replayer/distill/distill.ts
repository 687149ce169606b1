/** The part of a recording that has everything: every data shape, every combination of parameters and headers, every overlap.
 *
 *    pass 1   endpoints        of all requests
 *    pass 2   vocabulary       which keys and values are data (diff/shapes/)
 *    pass 3   candidates       some exchanges for each trait and each overlap ─► cover.ts chooses
 *    passes   prefixes         what the chosen ones need of what came before (prefixes.ts)
 *    last     kept exchanges   written, and what they have is counted again
 *
 * The recording is read each time; what is held grows with traits and sessions, not with exchanges. */

import { EndpointNames } from "../../diff/endpoint-names.ts";
import type { GivenEndpoint } from "../../diff/given-endpoints.ts";
import { jsonOf } from "../../diff/request-reading.ts";
import { requestContent } from "../../diff/request-shape.ts";
import { ExchangeShapes, type ReadExchange, readExchange, traitKinds } from "../../diff/shapes/exchange-shape.ts";
import type { CoveredKind, Distilled } from "../../model/distilled.ts";
import type { Exchange } from "../../model/exchange.ts";
import { cover } from "./cover.ts";
import { Overlaps } from "./overlaps.ts";
import { type Kept, withPrefixes } from "./prefixes.ts";
import { Sequences } from "./sequences.ts";
import { Sessions } from "./sessions.ts";
import { type Trait, TraitPool } from "./trait-pool.ts";

export interface DistillOptions {
  /** Reads the recording from its beginning, in the order of starts. */
  readonly open: () => AsyncIterable<Exchange>;
  /** Exchanges of each trait, from different sessions. */
  readonly copies: number;
  readonly endpoints: readonly GivenEndpoint[];
}

const coveredBy: Readonly<Record<Trait["kind"], CoveredKind>> = {
  shape: "data shapes",
  parameters: "parameter combinations",
  headers: "header combinations",
  "answer headers": "answer headers",
  sequence: "exchanges after a write",
};

/** A reading of exchanges: how many, of how many sessions, and what overlapped. */
class Reading {
  exchanges = 0;
  readonly sessions = new Sessions();
  readonly overlaps = new Overlaps();
  private readonly sequences = new Sequences();
  readonly pool: TraitPool;

  constructor(copies: number) {
    this.pool = new TraitPool(copies);
  }

  /** In the order of starts. */
  add(read: ReadExchange, shapes: ExchangeShapes): void {
    const { exchange, endpoint } = read;
    this.exchanges++;
    const digests = shapes.of(read);
    const turn = this.sessions.turn(exchange);
    const sequence = this.sequences.after(turn.session, exchange, digests.shape, turn.unsafe);
    const candidate = {
      ...turn,
      number: this.exchanges - 1,
      request: requestContent(exchange.request),
      traits: [
        ...traitKinds.flatMap((kind) => this.pool.count(kind, endpoint, digests[kind]) ?? []),
        ...(sequence === null ? [] : [this.pool.count("sequence", endpoint, sequence) ?? []].flat()),
      ],
    };
    this.pool.offer(candidate);
    this.overlaps.add(candidate, endpoint, exchange.at, exchange.outcome.tookMs);
  }

  /** How many different ones there were of each kind. */
  counts(): ReadonlyMap<CoveredKind, number> {
    const traits = ([...traitKinds, "sequence"] as const).map(
      (kind) => [coveredBy[kind], this.pool.traits.filter((trait) => trait.kind === kind).length] as const,
    );
    const patterns = [...this.overlaps.patterns.values()];
    const within = patterns.filter(({ isWithinSession }) => isWithinSession).length;
    return new Map([...traits, ["overlaps within a session", within], ["overlaps across sessions", patterns.length - within]]);
  }
}

export class Distillation {
  private readonly options: DistillOptions;
  private readonly names: EndpointNames;
  private readonly shapes = new ExchangeShapes();
  private readonly all: Reading;
  private readonly some: Reading;
  private chosen = 0;
  private kept: Kept | null = null;

  constructor(options: DistillOptions) {
    this.options = options;
    this.names = new EndpointNames(options.endpoints);
    this.all = new Reading(options.copies);
    this.some = new Reading(options.copies);
  }

  /** Reads the recording several times and decides. */
  async choose(): Promise<void> {
    const { open, copies } = this.options;
    for await (const { request } of open()) this.names.learn(request);
    for await (const exchange of open()) this.shapes.learn(this.read(exchange));
    for await (const exchange of open()) this.all.add(this.read(exchange), this.shapes);
    const patterns = [...this.all.overlaps.patterns.values()];
    const chosen = cover({ traits: this.all.pool.traits, patterns, copies });
    this.chosen = chosen.size;
    this.kept = await withPrefixes(chosen, open);
  }

  /** What is to be kept, in the order of starts, after `choose`. */
  async *exchanges(): AsyncGenerator<Exchange> {
    let number = 0;
    for await (const exchange of this.options.open()) {
      if (this.kept?.has(number++, exchange) !== true) continue;
      this.some.add(this.read(exchange), this.shapes);
      yield exchange;
    }
  }

  /** What came of it, once all of `exchanges` was read. */
  result(): Distilled {
    const { all, some, chosen } = this;
    const kept = some.counts();
    return {
      exchanges: { all: all.exchanges, kept: some.exchanges, chosen },
      sessions: { all: all.sessions.size, kept: some.sessions.size },
      covered: [...all.counts()].map(([kind, count]) => ({ kind, all: count, kept: kept.get(kind) ?? 0 })),
      beyond: all.pool.beyond,
    };
  }

  private read(exchange: Exchange): ReadExchange {
    const json = jsonOf(exchange.request);
    return readExchange(exchange, this.names.of(exchange.request, json), json);
  }
}
