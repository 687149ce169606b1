/** What was seen of a run that is still being written, and that no judgement covers yet: each kind of difference once, with the exchange that
 * showed it first.
 *
 *    observation ──LiveComparison──► differences ── of a kind that was judged or told before ─► nothing
 *                                        └── of a new kind ─► Sighting, until a judgement reaches the place where it was seen first
 *
 * It says what differs, not whether that is noise: only what the control shows as well is left out, since that is known at once. */

import type { Difference } from "../model/difference.ts";
import type { Observation } from "../model/observation.ts";
import type { Severity, Signature } from "../model/report.ts";
import type { EpochMs } from "../model/units.ts";
import type { GivenEndpoint } from "./given-endpoints.ts";
import { learntApart } from "./learnt-apart.ts";
import { LiveComparison } from "./live-comparison.ts";
import { readTemplate } from "./path-template.ts";
import type { Rule } from "./rules/rule.ts";
import { severityOf, severityPoints } from "./severity.ts";
import { kindKey } from "./signatures.ts";

/** Kinds of differences that are remembered. With more of them names are data, and nothing is news. */
const mostKinds = 100_000;
/** Sightings that wait for a judgement; of more there is only the number. */
const mostWaiting = 200;

/** The exchange that showed a kind of difference first. */
export interface Sighting {
  readonly signature: Signature;
  readonly severity: Severity;
  readonly transition: string;
  /** What stands there in production's answer and in the candidate's; null = nothing. */
  readonly from: string | null;
  readonly to: string | null;
  readonly exchangeId: string;
  readonly method: string;
  readonly target: string;
  readonly at: EpochMs;
  /** Exchanges that have shown it until now. */
  readonly exchanges: number;
}

/** What a judgement covers. */
export interface JudgedKinds {
  /** Bytes of the log. */
  readonly upTo: number;
  /** Kinds of differences that it has, or those that it has more than the one before. */
  readonly kinds: readonly string[];
  /** Names that it gives to endpoints. */
  readonly endpoints: readonly string[];
}

interface Waiting {
  /** Where its first exchange begins in the log, in bytes. */
  readonly place: number;
  sighting: Sighting;
}

export class FirstSightings {
  private readonly given: readonly GivenEndpoint[];
  private readonly comparison: LiveComparison;
  private readonly known = new Set<string>();
  private readonly waiting = new Map<string, Waiting>();
  /** Where those that are only counted were seen. */
  private uncounted: number[] = [];

  /** @param options the user's */
  constructor({ rules, endpoints }: { readonly rules: readonly Rule[]; readonly endpoints: readonly GivenEndpoint[] }) {
    this.given = endpoints;
    this.comparison = new LiveComparison({ maxProbes: 0, rules, endpoints });
  }

  /** @param place where the observation begins in the log, in bytes
   * @returns whether a kind of difference came that was not there before */
  observe(observation: Observation, place: number): boolean {
    const found = this.comparison.differencesOf(observation);
    if (found === null) return false;
    const { endpoint } = found;
    // What the control shows as well is noise, or at least no news.
    for (const key of keysOf(endpoint, found.control).keys()) {
      this.waiting.delete(key);
      this.remember(key);
    }
    let isNews = false;
    for (const [key, difference] of keysOf(endpoint, found.candidate)) {
      const waiting = this.waiting.get(key);
      if (waiting !== undefined) {
        waiting.sighting = { ...waiting.sighting, exchanges: waiting.sighting.exchanges + 1 };
      } else if (this.remember(key)) {
        isNews = true;
        if (this.waiting.size < mostWaiting) this.waiting.set(key, { place, sighting: sightingOf(endpoint, difference, observation) });
        else this.uncounted.push(place);
      }
    }
    return isNews;
  }

  /** What was seen before the end of what a judgement covers is its business from now on. */
  judged({ upTo, kinds, endpoints }: JudgedKinds): void {
    for (const key of kinds) {
      this.waiting.delete(key);
      this.remember(key);
    }
    for (const [key, { place }] of this.waiting) if (place < upTo) this.waiting.delete(key);
    this.uncounted = this.uncounted.filter((place) => place >= upTo);
    this.comparison.renameEndpoints([...this.given, ...endpoints.flatMap(templateOf)]);
  }

  /** In the order in which they came. */
  get sightings(): readonly Sighting[] {
    return [...this.waiting.values()].map(({ sighting }) => sighting);
  }

  /** How many there are beyond those. */
  get more(): number {
    return this.uncounted.length;
  }

  /** @returns whether it is new */
  private remember(key: string): boolean {
    if (this.known.has(key) || this.known.size >= mostKinds) return false;
    this.known.add(key);
    return true;
  }
}

function keysOf(endpoint: string, differences: readonly Difference[]): Map<string, Difference> {
  const keys = new Map<string, Difference>();
  for (const difference of differences) {
    const key = kindKey(endpoint, difference, learntApart(difference));
    if (!keys.has(key)) keys.set(key, difference);
  }
  return keys;
}

function sightingOf(endpoint: string, difference: Difference, { exchange }: Observation): Sighting {
  const { location, path, kind, transition, from, to } = difference;
  return {
    signature: { endpoint, location, path, kind },
    severity: severityOf(severityPoints(location, path, kind, transition)),
    transition,
    from,
    to,
    exchangeId: exchange.id,
    method: exchange.request.method,
    target: exchange.request.target,
    at: exchange.at,
    exchanges: 1,
  };
}

/** The path of "GET /orders/{id}" or "POST /graphql GetUser"; nothing where it is none that requests could be named by. */
function templateOf(endpoint: string): GivenEndpoint[] {
  const [method = "", path = ""] = endpoint.split(" ");
  return readTemplate(path).kind === "wrong" ? [] : [{ method, paths: [path] }];
}
