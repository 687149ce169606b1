/** Judges a run: two passes over the same log, then one report.
 *
 *    learn(entry)…      endpoints from all requests, probes by exchange
 *    observe(observation)…   primary ↔ candidate and primary ↔ control, differences counted by signature
 *    conclude()         evidence ─► findings ─► verdict, totals, coverage
 *
 * Pure: the same log and options give the same report. Answers are not kept, only numbers. */

import type { FindingDependence } from "../model/dependence.ts";
import type { Comparison, LeafCount } from "../model/difference.ts";
import { type HttpRequest, isSafeMethod, type Outcome } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import type { NotComparableReason, Observation, Probe, RunEntry, RunMeta, Trial } from "../model/observation.ts";
import type { Report } from "../model/report.ts";
import type { EpochMs } from "../model/units.ts";
import { type AcceptedChange, AcceptedChanges } from "./accepted.ts";
import { type Assessment, assess } from "./assess.ts";
import { Circumstances } from "./circumstances.ts";
import { isUnreachable, notComparable } from "./comparability.ts";
import { compareOutcomes } from "./compare/outcomes.ts";
import { References } from "./compare/references.ts";
import { ConstantIds } from "./constant-ids.ts";
import { EndpointNames } from "./endpoint-names.ts";
import { EndpointTallies } from "./endpoint-tallies.ts";
import { FeatureTable } from "./feature-table.ts";
import { Fidelity } from "./fidelity.ts";
import { findingsOf } from "./findings.ts";
import { foldSignatures, withSignatures } from "./folded-signatures.ts";
import type { GivenEndpoint } from "./given-endpoints.ts";
import { findHeterogeneity, labelList } from "./heterogeneity.ts";
import { LaneReferences } from "./lane-references.ts";
import { LaneUnits } from "./lane-units.ts";
import { latencyAssessments } from "./latency-assessments.ts";
import { MapKeys } from "./map-keys.ts";
import { MaskedValues } from "./masked-values.ts";
import { OneSidedRenamings } from "./one-sided-renamings.ts";
import { readProbe } from "./probes.ts";
import { RequestFeatures } from "./request-features.ts";
import { jsonOf } from "./request-reading.ts";
import { requestContent, requestRecord, requestShape, requestSize } from "./request-shape.ts";
import { ReviewedChanges } from "./reviewed.ts";
import type { Rule } from "./rules/rule.ts";
import { RuleBook, type RuleScope } from "./rules/scope.ts";
import { RuleTally } from "./rules/tally.ts";
import { SecondControl, withoutReplaced } from "./second-control.ts";
import { SharedState } from "./shared-state.ts";
import { countTransition, differenceKey, SignatureTable } from "./signatures.ts";
import { type ComparedExchange, Interner, type RunTally } from "./tally.ts";
import { type FailOn, unreachableShare, verdictOf } from "./verdict.ts";
import { sameVolatileFormat } from "./volatile.ts";
import { fewestLanes } from "./weigh.ts";

export interface JudgeOptions {
  readonly meta: RunMeta;
  readonly failOn: FailOn;
  /** Fails when the candidate surely takes so many times as long as the control; null = latency fails nothing. */
  readonly failOnLatency: number | null;
  /** Fewest compared exchanges for a verdict; never less than one. */
  readonly minCompared: number;
  /** Least share of exchanges at which the control's status is the primary's. */
  readonly minFidelity: number;
  readonly accepted: readonly AcceptedChange[];
  /** An earlier report, to tell new findings from known ones. */
  readonly baseline: Report | null;
  /** Decides which accepted changes are expired. */
  readonly today: EpochMs;
  /** The user's, in the order of the configuration. */
  readonly rules?: readonly Rule[];
  /** The user's; what they lack is inferred. */
  readonly endpoints?: readonly GivenEndpoint[];
}

/** One run's judge. */
export class Judge {
  private readonly options: JudgeOptions;
  private readonly hasControl: boolean;
  private readonly endpoints: EndpointNames;
  private readonly probes = new Map<string, Probe[]>();
  private readonly accepted: AcceptedChanges;
  private readonly reviewed: ReviewedChanges;
  private readonly dependences = new Map<string, FindingDependence>();
  private readonly signatures: SignatureTable;
  private readonly exchanges: ComparedExchange[] = [];
  private readonly endpointNames = new Interner();
  private readonly endpointTallies = new EndpointTallies();
  private readonly lanes = new Interner();
  private readonly contents = new Interner();
  private readonly recordNames = new Interner();
  private readonly shapes = new Interner();
  private readonly features = new FeatureTable();
  private readonly requestFeatures = new RequestFeatures(this.features);
  private readonly labels = new FeatureTable();
  private readonly candidateReferences = new LaneReferences();
  private readonly controlReferences = new LaneReferences();
  private readonly notCompared = new Map<NotComparableReason, number>();
  private readonly fidelity = new Fidelity();
  private readonly laneUnits = new LaneUnits();
  private readonly mapKeys = new MapKeys();
  private readonly renamings = new OneSidedRenamings();
  private readonly secondControl: SecondControl;
  private readonly maskedValues = new MaskedValues();
  private readonly constantIds = new ConstantIds();
  private readonly sharedState = new SharedState();
  private readonly rules: RuleBook;
  private readonly ruleTally: RuleTally;
  private readonly leaves = { byValue: 0, byFormat: 0, untested: 0 };
  private readonly attempts = { candidate: 0, candidateUnreachable: 0, control: 0, controlUnreachable: 0 };

  constructor(options: JudgeOptions) {
    this.options = options;
    this.hasControl = options.meta.targets.controls.length > 0;
    this.endpoints = new EndpointNames(options.endpoints ?? []);
    this.rules = new RuleBook(options.rules ?? []);
    this.ruleTally = new RuleTally(this.rules);
    this.accepted = new AcceptedChanges(options.accepted, options.today);
    this.reviewed = new ReviewedChanges(this.accepted, options.baseline);
    this.signatures = new SignatureTable((signature, transition) => this.reviewed.has(signature, transition));
    this.secondControl = new SecondControl(this.signatures, this.mapKeys);
  }

  /** First pass. */
  learn(entry: RunEntry): void {
    if (entry.kind === "observation") {
      this.endpoints.learn(entry.observation.exchange.request);
      this.renamings.learn(entry.observation);
      return;
    }
    if (entry.kind === "dependence") {
      this.dependences.set(entry.dependence.finding, entry.dependence);
      return;
    }
    const { exchangeId } = entry.probe;
    this.probes.set(exchangeId, [...(this.probes.get(exchangeId) ?? []), entry.probe]);
  }

  /** Second pass, in the order of the log. */
  observe(observation: Observation): void {
    this.countReachability(observation);
    this.sharedState.observe(observation);
    const reason = notComparable(observation, this.hasControl);
    if (reason !== null) {
      this.notCompared.set(reason, (this.notCompared.get(reason) ?? 0) + 1);
      this.endpointTallies.countNotCompared(this.endpoints.of(observation.exchange.request));
      return;
    }
    const { exchange, candidate, controls } = observation;
    if (candidate === null) return;
    const control = this.hasControl ? (controls[0] ?? null) : null;
    const { request, lane } = exchange;
    const json = jsonOf(request);
    const endpoint = this.endpoints.of(request, json);
    const rules = this.rules.scopeOf(endpoint);
    const compare = ({ outcome, sentTarget }: Trial, references: References): Comparison => {
      const sent = sentTarget === undefined ? {} : { rightSentTarget: sentTarget };
      return compareOutcomes(exchange.outcome, outcome, { request, rules, references, ...sent });
    };
    const compared = this.renamings.told({
      candidate: compare(candidate, this.candidateReferences.of(lane)),
      control: control === null ? null : compare(control, this.controlReferences.of(lane)),
    });
    const toCandidate = this.mapKeys.fold(endpoint, compared.candidate, [exchange.outcome, candidate.outcome]);
    const toControl =
      control === null || compared.control === null
        ? null
        : this.mapKeys.fold(endpoint, compared.control, [exchange.outcome, control.outcome]);
    const index = this.exchanges.length;
    const afterGap = observation.afterGap === true;
    const noisy = this.recordControl(endpoint, index, toControl, afterGap);
    const shown = this.recordCandidate(endpoint, index, toCandidate, afterGap);
    const reanchored = afterGap ? null : this.secondControl.observe(observation, endpoint, index, { shown, noisy, rules });
    this.ruleTally.count(endpoint, [toCandidate, toControl, ...(reanchored?.comparisons ?? [])]);
    if (!afterGap) this.applyProbes(observation, endpoint, toCandidate, new Set(noisy));
    const summary = this.summary(
      observation,
      { endpoint, json },
      [...shown, ...(reanchored?.shown ?? [])],
      [...noisy, ...(reanchored?.noisy ?? [])],
      afterGap,
    );
    this.exchanges.push(summary);
    this.laneUnits.observe(observation, summary.lane);
    if (!afterGap && toControl !== null) {
      const place = { lane: this.laneUnits.unitOf(summary.lane), content: summary.content };
      this.maskedValues.observe(endpoint, place, toCandidate, toControl);
    }
    if (!afterGap) this.constantIds.observe(endpoint, toCandidate);
    this.countLeaves(toCandidate.leaves);
    if (control !== null) this.fidelity.count(exchange.outcome, control.outcome, endpoint);
    this.endpointTallies.count(endpoint, index, observation, this.probes.get(exchange.id) ?? []);
  }

  /** What the endpoint of a request is called, once all requests were learnt. */
  endpointOf(request: HttpRequest): string {
    return this.endpoints.of(request);
  }

  /** The rules for the answers of one request, once all requests were learnt. */
  rulesFor(request: HttpRequest): RuleScope {
    return this.rules.scopeOf(this.endpointOf(request));
  }

  /** Ends the run. */
  conclude(): Report {
    const { meta, baseline } = this.options;
    const { records, numberOf } = foldSignatures(this.signatures.records, this.mapKeys, ({ signature, transitions }, path) =>
      [...transitions.keys()].every((transition) => this.reviewed.has({ ...signature, path }, transition)),
    );
    const exchanges = this.exchanges.map((exchange) => withSignatures(this.inUnit(exchange), numberOf));
    const inControl = exchanges.filter(({ afterGap }) => !afterGap);
    const run: RunTally = {
      exchanges,
      hasControl: this.hasControl,
      lanes: new Set(inControl.map(({ lane }) => lane)).size,
    };
    const assessments = this.constantIds.name(findHeterogeneity(assess(records, run, this.maskedValues), run, this.labels));
    const latencies = this.endpointTallies.judgeLatencies({
      exchanges,
      isSmall: run.lanes < fewestLanes,
      // What depends on timing is not judged by a run that did not keep it.
      failOnRatio: validityOf(meta.replay) === "valid" ? this.options.failOnLatency : null,
    });
    const all = [...withoutReplaced(assessments), ...latencyAssessments(latencies, this.signatures.records.length)];
    const { findings, realSignatures, widened, unseen } = findingsOf(all, {
      run,
      circumstances: new Circumstances(run, { features: this.features, labels: this.labels }),
      endpointNames: this.endpointNames.names,
      accepted: this.accepted,
      reviewed: this.reviewed,
      baseline,
      countedAt: (record) => this.secondControl.countedAt(record) ?? this.constantIds.countedAt(record, exchanges),
      isHidden: (signature) => this.ruleTally.hides(signature),
      dependences: this.dependences,
    });
    const totals = this.totals(exchanges, realSignatures);
    const fidelity = this.fidelity.share();
    const rules = this.ruleTally.summary();
    const given = this.endpoints.summary();
    const { verdict, reasons } = verdictOf({
      failOn: this.options.failOn,
      minCompared: this.options.minCompared,
      minFidelity: this.options.minFidelity,
      findings,
      compared: totals.compared,
      afterGap: totals.afterGap,
      ...skippedOf(totals),
      hasControl: this.hasControl,
      isSmall: run.lanes < fewestLanes,
      lanes: run.lanes,
      fidelity,
      infidelityCause: this.fidelity.likelyCause(),
      candidateUnreachable: isMostly(this.attempts.candidateUnreachable, this.attempts.candidate),
      controlUnreachable: isMostly(this.attempts.controlUnreachable, this.attempts.control),
      sharedState: this.sharedState.found,
      widened,
      expired: this.accepted.summary().expired,
      idleRules: rules.filter(({ idle }) => idle !== null),
      interrupted: meta.interrupted || meta.endedAt === null,
      replay: validityOf(meta.replay),
    });
    return {
      schema: "penumbra.report/1",
      verdict,
      reasons,
      run: {
        id: meta.id,
        startedAt: meta.startedAt,
        tool: meta.tool,
        seed: meta.seed,
        targets: {
          primary: meta.targets.primary,
          candidate: meta.targets.candidate,
          control: meta.targets.controls[0] ?? null,
          controls: meta.targets.controls,
        },
        labels: meta.labels,
        replay: meta.replay,
        ...(meta.experiments === undefined ? {} : { experiments: meta.experiments }),
      },
      totals,
      coverage: { ...this.coverage(assessments), fidelity },
      findings,
      endpoints: this.endpointTallies.summaries(latencies, this.differentByEndpoint(exchanges, realSignatures), this.fidelity),
      blindSpots: this.endpointTallies.blindSpots(withoutReplaced(assessments), this.fidelity, this.signatures.beyond),
      accepted: this.accepted.summary(),
      ...(unseen.length === 0 ? {} : { unseen }),
      ...(rules.length === 0 ? {} : { rules }),
      ...(given === null ? {} : { givenEndpoints: given }),
    };
  }

  private recordControl(endpoint: string, index: number, comparison: Comparison | null, afterGap: boolean): number[] {
    if (comparison === null) return [];
    const numbers = new Set<number>();
    for (const difference of comparison.differences) {
      const record = this.signatures.of(endpoint, difference);
      if (record.shown.length === 0 && record.shownAfterGap.length === 0) countTransition(record, difference);
      if (difference.level !== "value") record.isValueLevel = false;
      if (!afterGap && !numbers.has(record.number)) record.noisy.push(index);
      numbers.add(record.number);
    }
    return [...numbers];
  }

  private recordCandidate(endpoint: string, index: number, comparison: Comparison, afterGap: boolean): number[] {
    const numbers = new Set<number>();
    for (const difference of comparison.differences) {
      const record = this.signatures.of(endpoint, difference);
      if (difference.level !== "value") record.isValueLevel = false;
      record.occurrences++;
      if (numbers.has(record.number)) continue;
      // Up to here only the control's differences could name the transition; the candidate's are the ones of interest.
      if (record.shown.length === 0 && record.shownAfterGap.length === 0) record.transitions.clear();
      countTransition(record, difference);
      numbers.add(record.number);
      (afterGap ? record.shownAfterGap : record.shown).push(index);
      if (!this.hasControl && !afterGap && !sameVolatileFormat(difference.from, difference.to)) record.steady.push(index);
    }
    return [...numbers];
  }

  private applyProbes(observation: Observation, endpoint: string, comparison: Comparison, noisy: ReadonlySet<number>): void {
    const { exchange, candidate, controls } = observation;
    if (candidate === null || !isSafeMethod(exchange.request.method)) return;
    const rules = this.rules.scopeOf(endpoint);
    for (const probe of this.probes.get(exchange.id) ?? []) {
      const compare = (left: Outcome, right: Outcome): Comparison =>
        this.mapKeys.fold(endpoint, compareOutcomes(left, right, { request: exchange.request, references: new References(), rules }), []);
      const reading = readProbe(probe, { control: controls[0]?.outcome ?? null, candidate: candidate.outcome }, compare);
      if (reading === null) continue;
      const seen = new Set<string>();
      for (const difference of comparison.differences) {
        const key = differenceKey(difference);
        const record = this.signatures.of(endpoint, difference);
        if (seen.has(key) || noisy.has(record.number)) continue;
        seen.add(key);
        record.probes.push({ answer: reading.answerFor(difference), times: reading.times, freshState: probe.freshState });
        if (reading.isUnsteady(difference)) record.isUnsteady = true;
      }
    }
  }

  private summary(
    observation: Observation,
    { endpoint, json }: RequestReading,
    shown: number[],
    noisy: number[],
    afterGap: boolean,
  ): ComparedExchange {
    const { exchange } = observation;
    const { request, outcome } = exchange;
    const status = outcome.kind === "answered" ? outcome.answer.status : outcome.kind;
    return {
      id: exchange.id,
      endpoint: this.endpointNames.numberOf(endpoint),
      lane: this.lanes.numberOf(exchange.lane === null ? `exchange ${this.exchanges.length}` : `lane ${exchange.lane}`),
      content: this.contents.numberOf(requestContent(request)),
      record: this.recordNames.numberOf(requestRecord(endpoint, request)),
      isSafe: isSafeMethod(request.method),
      shape: this.shapes.numberOf(`${status} ${requestShape(endpoint, request, json)}`),
      features: this.requestFeatures.listOf(exchange, endpoint, json),
      labels: labelList(exchange.labels, this.labels),
      size: requestSize(request),
      afterGap,
      shown,
      noisy,
    };
  }

  private inUnit(exchange: ComparedExchange): ComparedExchange {
    const lane = this.laneUnits.unitOf(exchange.lane);
    return lane === exchange.lane ? exchange : { ...exchange, lane };
  }

  private countReachability({ exchange, candidate, controls }: Observation): void {
    if (exchange.outcome.kind !== "answered") return;
    const { attempts } = this;
    if (candidate !== null && candidate.outcome.kind !== "skipped") {
      attempts.candidate++;
      if (isUnreachable(candidate.outcome)) attempts.candidateUnreachable++;
    }
    const control = controls[0];
    if (this.hasControl && control !== undefined && control.outcome.kind !== "skipped") {
      attempts.control++;
      if (isUnreachable(control.outcome)) attempts.controlUnreachable++;
    }
  }

  private countLeaves(leaves: LeafCount): void {
    this.leaves.byValue += leaves.byValue;
    this.leaves.byFormat += leaves.byFormat;
    this.leaves.untested += leaves.untested;
  }

  private totals(exchanges: readonly ComparedExchange[], realSignatures: ReadonlySet<number>): Report["totals"] {
    const compared = exchanges.length;
    const different = exchanges.filter(({ shown }) => shown.some((number) => realSignatures.has(number))).length;
    const noiseOnly = exchanges.filter(
      ({ shown, noisy }) => shown.length + noisy.length > 0 && !shown.some((number) => realSignatures.has(number)),
    ).length;
    const notCompared = new Map<string, number>(this.notCompared);
    for (const [reason, count] of Object.entries(this.options.meta.lost ?? {}))
      notCompared.set(reason, (notCompared.get(reason) ?? 0) + count);
    const reasons = [...notCompared].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      exchanges: compared + reasons.reduce((sum, [, count]) => sum + count, 0),
      compared,
      same: compared - different,
      noiseOnly,
      different,
      afterGap: exchanges.filter(({ afterGap }) => afterGap).length,
      notComparable: Object.fromEntries(reasons),
    };
  }

  /** Shares of all leaves; the values of masked leaves were seen to differ by themselves, so only their format was tested. */
  private coverage(assessments: readonly Assessment[]): { byValue: number; byFormat: number; untested: number } {
    const { byValue, byFormat, untested } = this.leaves;
    const total = byValue + byFormat + untested;
    if (total === 0) return { byValue: 0, byFormat: 0, untested: 0 };
    const masked = assessments.reduce(
      (sum, { isMasked, record }) => sum + (isMasked ? record.occurrences * (1 - this.secondControl.testedShare(record)) : 0),
      0,
    );
    const moved = Math.min(masked, byValue);
    return { byValue: (byValue - moved) / total, byFormat: (byFormat + moved) / total, untested: untested / total };
  }

  /** Of endpoints at which the candidate ever differed without the control: how many exchanges have a difference that is not noise. */
  private differentByEndpoint(exchanges: readonly ComparedExchange[], realSignatures: ReadonlySet<number>): ReadonlyMap<string, number> {
    const different = new Map<string, number>();
    for (const { endpoint, shown, noisy } of exchanges) {
      const isReal = shown.some((number) => realSignatures.has(number));
      if (!isReal && new Set(shown).isSubsetOf(new Set(noisy))) continue;
      const name = this.endpointNames.names[endpoint] ?? "";
      different.set(name, (different.get(name) ?? 0) + Number(isReal));
    }
    return different;
  }
}

/** What was read of a request. */
interface RequestReading {
  readonly endpoint: string;
  /** Its body, where that is JSON. */
  readonly json: JsonNode | null;
}

function isMostly(part: number, whole: number): boolean {
  return whole > 0 && part >= unreachableShare * whole;
}

function validityOf(replay: RunMeta["replay"]): "valid" | "late" | "broken" {
  if (replay === null || replay.valid) return "valid";
  return replay.dropped > 0 || replay.orderViolations > 0 ? "broken" : "late";
}

/** What was left out on purpose (writes without --writes, what no user sent) is not missing. */
function skippedOf(totals: Report["totals"]): { readonly skipped: number; readonly intended: number } {
  const onPurpose = (totals.notComparable["write_not_allowed"] ?? 0) + (totals.notComparable["loop"] ?? 0);
  const all = Object.values(totals.notComparable).reduce((sum, count) => sum + count, 0);
  return { skipped: all - onPurpose, intended: totals.exchanges - onPurpose };
}
