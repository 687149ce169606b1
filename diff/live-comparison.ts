/** Compares while traffic flows, to decide which exchanges to probe now (a probe is worth most right after the
 * difference was seen) and to raise alarms. It decides nothing else; the judge compares again with the whole log before it. */

import type { Comparison, Difference } from "../model/difference.ts";
import { isSafeMethod } from "../model/exchange.ts";
import type { Observation, Trial } from "../model/observation.ts";
import type { Severity, Signature } from "../model/report.ts";
import { notComparable } from "./comparability.ts";
import { compareOutcomes } from "./compare/outcomes.ts";
import type { References } from "./compare/references.ts";
import { EndpointNames } from "./endpoint-names.ts";
import { shownEvidence } from "./evidence.ts";
import type { GivenEndpoint } from "./given-endpoints.ts";
import { LaneReferences } from "./lane-references.ts";
import { LiveAlarms } from "./live-alarms.ts";
import { MapKeys } from "./map-keys.ts";
import { OneSidedRenamings } from "./one-sided-renamings.ts";
import type { Rule } from "./rules/rule.ts";
import { RuleBook, type RuleScope } from "./rules/scope.ts";
import { isAtLeast, severityOf, severityPoints } from "./severity.ts";
import { differenceKey } from "./signatures.ts";
import { withStandIn } from "./stand-in.ts";

/** Probes of one signature: a third says little more. */
const mostProbesEach = 3;
/** Signatures watched; later ones are compared by the judge only. */
const mostSignatures = 50_000;

export interface LiveComparisonOptions {
  /** Probes of the whole run; each costs 2 × `probeTimes` requests. */
  readonly maxProbes: number;
  /** The user's: what they hide is no reason to ask again. */
  readonly rules?: readonly Rule[];
  /** The user's; what they lack is named by the class of its segments. */
  readonly endpoints?: readonly GivenEndpoint[];
}

export interface LiveResult {
  /** The candidate shows a difference here. */
  readonly differs: boolean;
  /** The control shows one. */
  readonly noisy: boolean;
  /** Ask for this exchange to be probed now. */
  readonly probe: boolean;
  /** Where it was compared; absent = it was not. */
  readonly endpoint?: string;
  /** Signatures of which this exchange makes it all but certain that the candidate differs; absent = none. */
  readonly alarms?: readonly LiveAlarm[];
}

export interface LiveDifferences {
  readonly endpoint: string;
  readonly candidate: readonly Difference[];
  readonly control: readonly Difference[];
}

export interface LiveAlarm {
  readonly signature: Signature;
  readonly severity: Severity;
  /** E-value at this moment. */
  readonly e: number;
}

interface Watch {
  noisy: number;
  probes: number;
}

const nothing: LiveResult = { differs: false, noisy: false, probe: false };

/** One run's live comparison; needs no second pass, so endpoints that were not given are named by the class of their segments alone. */
export class LiveComparison {
  private endpoints: EndpointNames;
  private readonly candidateReferences = new LaneReferences();
  private readonly controlReferences = new LaneReferences();
  private readonly watches = new Map<string, Watch>();
  private readonly alarms = new LiveAlarms();
  private readonly mapKeys = new MapKeys();
  private readonly renamings = new OneSidedRenamings();
  private readonly rules: RuleBook;
  private probesLeft: number;

  constructor(options: LiveComparisonOptions) {
    this.endpoints = new EndpointNames(options.endpoints ?? []);
    this.rules = new RuleBook(options.rules ?? [], { provisional: true });
    this.probesLeft = options.maxProbes;
  }

  /** Names requests by these from now on. */
  renameEndpoints(endpoints: readonly GivenEndpoint[]): void {
    this.endpoints = new EndpointNames(endpoints);
  }

  /** Call once for each observation, in the order in which they become known. */
  observe(observation: Observation): LiveResult {
    const found = this.differencesOf(observation);
    if (found === null) return nothing;
    const { endpoint, candidate: shown, control: noisy } = found;
    const { exchange, controls } = observation;
    const result = { endpoint, differs: shown.length > 0, noisy: noisy.length > 0 };
    if (observation.afterGap === true) return { ...result, probe: false };
    const newOnes = this.count(endpoint, shown, noisy);
    const probe = newOnes.length > 0 && this.probesLeft > 0 && isSafeMethod(exchange.request.method);
    if (probe) {
      this.probesLeft--;
      for (const watch of newOnes) watch.probes++;
    }
    const alarms = controls.length === 0 ? [] : this.raised(endpoint, exchange.lane ?? exchange.id, shown, noisy);
    return { ...result, probe, ...(alarms.length === 0 ? {} : { alarms }) };
  }

  /** In what the answers differ from production's; null where they are not compared. In place of `observe`, for those who have nothing to
   * decide. */
  differencesOf(recorded: Observation): LiveDifferences | null {
    const observation = withStandIn(recorded);
    const { exchange, candidate, controls } = observation;
    const control = controls[0] ?? null;
    this.renamings.learn(observation);
    if (candidate === null || notComparable(observation, control !== null) !== null) return null;
    const endpoint = this.endpoints.of(exchange.request);
    const compare = comparing(observation, this.rules.scopeOf(endpoint));
    const compared = this.renamings.told(observation, {
      candidate: compare(candidate, this.candidateReferences.of(exchange.lane)),
      control: control === null ? null : compare(control, this.controlReferences.of(exchange.lane)),
    });
    const found = (comparison: Comparison, { outcome }: Trial): readonly Difference[] =>
      this.mapKeys.fold(endpoint, comparison, [exchange.outcome, outcome]).differences;
    return {
      endpoint,
      candidate: found(compared.candidate, candidate),
      control: control === null || compared.control === null ? [] : found(compared.control, control),
    };
  }

  /** Alarms of the signatures that only one of candidate and control shows. */
  private raised(endpoint: string, lane: string, shown: readonly Difference[], noisy: readonly Difference[]): LiveAlarm[] {
    const [candidate, control] = [shown, noisy].map((differences) => new Map(differences.map((one) => [differenceKey(one), one])));
    const alarms: LiveAlarm[] = [];
    for (const [key, { location, path, kind, transition }] of [...(candidate ?? []), ...(control ?? [])]) {
      const isCandidates = candidate?.has(key) === true;
      if ((isCandidates && control?.has(key) === true) || !this.watches.has(`${endpoint}\n${key}`)) continue;
      const logE = this.alarms.discordant(`${endpoint}\n${key}`, lane, isCandidates ? "candidate" : "control");
      if (logE === null) continue;
      const severity = severityOf(severityPoints(location, path, kind, transition));
      alarms.push({ signature: { endpoint, location, path, kind }, severity, e: shownEvidence(logE) });
    }
    return alarms;
  }

  /** Counts both sides; returns what deserves a probe: seen from the candidate only, here and everywhere. */
  private count(endpoint: string, shown: readonly Difference[], noisy: readonly Difference[]): Watch[] {
    const noisyKeys = new Set(noisy.map(differenceKey));
    for (const key of noisyKeys) {
      const watch = this.watch(endpoint, key);
      if (watch !== null) watch.noisy++;
    }
    const deserving: Watch[] = [];
    const seen = new Set<string>();
    for (const difference of shown) {
      const key = differenceKey(difference);
      if (seen.has(key)) continue;
      seen.add(key);
      const watch = this.watch(endpoint, key);
      if (watch === null) continue;
      const { location, path, kind, transition } = difference;
      const severity = severityOf(severityPoints(location, path, kind, transition));
      if (watch.noisy === 0 && watch.probes < mostProbesEach && isAtLeast(severity, "low")) deserving.push(watch);
    }
    return deserving;
  }

  private watch(endpoint: string, key: string): Watch | null {
    const name = `${endpoint}\n${key}`;
    const known = this.watches.get(name);
    if (known !== undefined) return known;
    if (this.watches.size >= mostSignatures) return null;
    const watch: Watch = { noisy: 0, probes: 0 };
    this.watches.set(name, watch);
    return watch;
  }
}

function comparing({ exchange }: Observation, rules: RuleScope): (trial: Trial, references: References) => Comparison {
  const { request, outcome } = exchange;
  return ({ outcome: right, sentTarget }, references) =>
    compareOutcomes(outcome, right, { request, references, rules, rightSentTarget: sentTarget });
}
