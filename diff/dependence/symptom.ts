/** Whether the answers of an experiment show a finding.
 *
 *    control ──► candidate   differ at one of its signatures?
 *    recorded ─► each        who of them deviates?
 *
 * An experiment sends a part of a recording, so that both builds rightly answer differently from the recording (a cart with fewer things
 * in it). That is why the builds are compared with each other, and the recorded answer only says on which side a difference lies. */

import type { Comparison } from "../../model/difference.ts";
import type { Exchange, HttpRequest } from "../../model/exchange.ts";
import type { Trial } from "../../model/observation.ts";
import type { Finding } from "../../model/report.ts";
import { compareOutcomes } from "../compare/outcomes.ts";
import { References } from "../compare/references.ts";
import { LaneReferences } from "../lane-references.ts";
import type { RuleScope } from "../rules/scope.ts";
import { placeKey } from "../signatures.ts";

/** Who shows the finding at an exchange. `unknown`: neither side answers as recorded, and how steady the control is there is not known yet. */
export type Sight = "candidate" | "control" | "nobody" | "unknown";

/** What the judge of the run knows about requests. */
export interface Endpoints {
  endpointOf(request: HttpRequest): string;
  rulesFor(request: HttpRequest): RuleScope;
}

/** Both builds' answers to one request. */
export interface Pair {
  readonly candidate: Trial;
  readonly control: Trial;
}

/** Answers of the control that are kept for comparison with later ones; more differ at one finding only where all is noise. */
const mostKept = 64;

/** Whether experiments can say anything about a finding: it must be seen in single answers of the candidate. */
export function isAskable({ state, class: named, location, kind }: Finding): boolean {
  const isOpen = state === "new" || state === "returned" || state === "unconfirmed";
  // Said of many values together, or of production.
  const isOfMany = location === "latency" || location === "replay" || kind === "json.constant" || named === "heterogeneity";
  return isOpen && !isOfMany;
}

/** One finding, as it is looked for. */
export class Symptom {
  readonly #keys = new Map<string, Set<string>>();
  readonly #endpoints: Endpoints;

  constructor(finding: Pick<Finding, "signatures">, endpoints: Endpoints) {
    this.#endpoints = endpoints;
    for (const signature of finding.signatures) {
      const keys = this.#keys.get(signature.endpoint) ?? new Set();
      this.#keys.set(signature.endpoint, keys.add(placeKey(signature)));
    }
  }

  /** Begins a series of runs of the same experiment. */
  series(): SymptomSeries {
    return new SymptomSeries((request) => this.#keys.get(this.#endpoints.endpointOf(request)) ?? null, this.#endpoints);
  }
}

/** Looks for the symptom in run after run of one experiment. */
export class SymptomSeries {
  readonly #keysFor: (request: HttpRequest) => ReadonlySet<string> | null;
  readonly #endpoints: Endpoints;
  readonly #kept = new Map<string, Trial>();
  #between = new LaneReferences();
  #toCandidate = new LaneReferences();
  #toControl = new LaneReferences();

  constructor(keysFor: (request: HttpRequest) => ReadonlySet<string> | null, endpoints: Endpoints) {
    this.#keysFor = keysFor;
    this.#endpoints = endpoints;
  }

  /** A new run: ids that were given in the one before mean nothing any more. */
  begin(): void {
    this.#between = new LaneReferences();
    this.#toCandidate = new LaneReferences();
    this.#toControl = new LaneReferences();
  }

  /** Call for every exchange of a run, as it was answered; null where the finding cannot be seen at all. */
  see(exchange: Exchange, { candidate, control }: Pair): Sight | null {
    const { request, outcome, lane } = exchange;
    const keys = this.#keysFor(request);
    const rules = this.#endpoints.rulesFor(request);
    const compare = (left: Trial, right: Trial, references: References): ReadonlySet<string> =>
      keysOf(
        compareOutcomes(left.outcome, right.outcome, {
          request,
          references,
          rules,
          leftSentTarget: left.sentTarget,
          rightSentTarget: right.sentTarget,
        }),
      );
    // Also where the finding cannot be seen: which id stands for which is learnt from every answer.
    const between = compare(control, candidate, this.#between.of(lane));
    const recorded: Trial = { outcome };
    const ofCandidate = compare(recorded, candidate, this.#toCandidate.of(lane));
    const ofControl = compare(recorded, control, this.#toControl.of(lane));
    if (keys === null) return null;
    const shown = [...keys].filter((key) => between.has(key));
    if (shown.length === 0) return "nobody";
    if (shown.some((key) => !ofControl.has(key))) return "candidate";
    const ambiguous = shown.filter((key) => ofCandidate.has(key));
    if (ambiguous.length === 0) return "control";
    const earlier = this.#kept.get(exchange.id);
    if (earlier === undefined) {
      if (this.#kept.size < mostKept) this.#kept.set(exchange.id, control);
      return "unknown";
    }
    // What the control answers differently from run to run is noise there.
    const ofItself = compare(earlier, control, new References());
    return ambiguous.some((key) => !ofItself.has(key)) ? "candidate" : "nobody";
  }
}

function keysOf(comparison: Comparison): ReadonlySet<string> {
  return new Set(comparison.differences.map(placeKey));
}
