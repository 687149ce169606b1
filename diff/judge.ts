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
import type { NotComparableReason, Observation, Probe, RunEntry, RunMeta, Trial } from "../model/observation.ts";
import type { Report } from "../model/report.ts";
import type { EpochMs } from "../model/units.ts";
import { type AcceptedChange, AcceptedChanges } from "./accepted.ts";
import { type Assessment, assess } from "./assess.ts";
import { Circumstances } from "./circumstances.ts";
import { notComparable } from "./comparability.ts";
import { compareOutcomes } from "./compare/outcomes.ts";
import { References } from "./compare/references.ts";
import { ConstantIds } from "./constant-ids.ts";
import { EndpointNames } from "./endpoint-names.ts";
import { EndpointTallies } from "./endpoint-tallies.ts";
import { ExchangeSummaries } from "./exchange-summaries.ts";
import { Fidelity } from "./fidelity.ts";
import { findingsOf } from "./findings.ts";
import { foldSignatures, withSignatures } from "./folded-signatures.ts";
import type { GivenEndpoint } from "./given-endpoints.ts";
import { findHeterogeneity } from "./heterogeneity.ts";
import { LaneReferences } from "./lane-references.ts";
import { LaneUnits } from "./lane-units.ts";
import { LargeBodies } from "./large-bodies.ts";
import { latencyAssessments } from "./latency-assessments.ts";
import { MapEntries } from "./map-entries.ts";
import { MapKeys } from "./map-keys.ts";
import { MaskedValues } from "./masked-values.ts";
import { OneSidedRenamings } from "./one-sided-renamings.ts";
import { readProbe } from "./probes.ts";
import { Reachability } from "./reachability.ts";
import { jsonOf } from "./request-reading.ts";
import { ReviewedChanges } from "./reviewed.ts";
import type { Rule } from "./rules/rule.ts";
import { RuleBook, type RuleScope } from "./rules/scope.ts";
import { RuleTally } from "./rules/tally.ts";
import { SecondControl, withoutReplaced } from "./second-control.ts";
import { isDoubtfulWrite } from "./sending-doubts.ts";
import { SharedIds } from "./shared-ids.ts";
import { SharedState } from "./shared-state.ts";
import { SignatureLog } from "./signature-log.ts";
import { kindKey, SignatureTable } from "./signatures.ts";
import { withStandIn } from "./stand-in.ts";
import type { ComparedExchange, RunTally } from "./tally.ts";
import { Timeline } from "./timeline.ts";
import { coverageOf, differentByEndpoint, isDifferent, skippedOf, totalsOf, trafficOf } from "./totals.ts";
import { Sample } from "./traffic-share.ts";
import { type FailOn, verdictOf } from "./verdict.ts";
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

/** Signatures that are not made by the table of differences have numbers of their own, so many for each kind: latency, shared ids, entries of maps. */
const numbersEach = 1_000_000;

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
  private readonly signatureLog: SignatureLog;
  private readonly summaries = new ExchangeSummaries();
  private readonly reachability = new Reachability();
  private readonly exchanges: ComparedExchange[] = [];
  private readonly endpointTallies = new EndpointTallies();
  private readonly candidateReferences = new LaneReferences();
  private readonly controlReferences = new LaneReferences();
  private readonly notCompared = new Map<NotComparableReason, number>();
  private readonly fidelity = new Fidelity();
  private readonly laneUnits = new LaneUnits();
  private readonly mapKeys = new MapKeys();
  private readonly mapEntries = new MapEntries(this.mapKeys);
  private readonly renamings = new OneSidedRenamings();
  private readonly secondControl: SecondControl;
  private readonly maskedValues = new MaskedValues();
  private readonly constantIds = new ConstantIds();
  private readonly largeBodies = new LargeBodies();
  private readonly sharedIds = new SharedIds();
  private readonly sharedState = new SharedState();
  private readonly rules: RuleBook;
  private readonly ruleTally: RuleTally;
  private readonly timeline = new Timeline();
  private doubtfulWrites = 0;
  private readonly leaves = { byValue: 0, byFormat: 0, untested: 0 };

  constructor(options: JudgeOptions) {
    this.options = options;
    this.hasControl = options.meta.targets.controls.length > 0;
    this.endpoints = new EndpointNames(options.endpoints ?? []);
    this.rules = new RuleBook(options.rules ?? []);
    this.ruleTally = new RuleTally(this.rules);
    this.accepted = new AcceptedChanges(options.accepted, options.today);
    this.reviewed = new ReviewedChanges(this.accepted, options.baseline);
    this.signatures = new SignatureTable((signature, transition) => this.reviewed.has(signature, transition));
    this.signatureLog = new SignatureLog(this.signatures, this.hasControl);
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
  observe(recorded: Observation): void {
    const observation = withStandIn(recorded);
    this.reachability.count(observation);
    this.sharedState.observe(observation);
    if (isDoubtfulWrite(observation)) this.doubtfulWrites++;
    const reason = notComparable(observation, this.hasControl);
    if (reason !== null) {
      this.notCompared.set(reason, (this.notCompared.get(reason) ?? 0) + 1);
      this.endpointTallies.countNotCompared(this.endpoints.of(observation.exchange.request));
      this.timeline.leaveOut(reason, observation.exchange.at);
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
    const compared = this.renamings.told(observation, {
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
    const at = { endpoint, index, afterGap };
    const noisy = this.signatureLog.control(at, toControl);
    const shown = this.signatureLog.candidate(at, toCandidate);
    if (compared.control !== null) this.mapEntries.observe(at, compared.candidate, compared.control);
    const reanchored = afterGap ? null : this.secondControl.observe(observation, endpoint, index, { shown, noisy, rules });
    this.ruleTally.count(endpoint, [toCandidate, toControl, ...(reanchored?.comparisons ?? [])]);
    if (!afterGap) this.applyProbes(observation, endpoint, toCandidate, noisy);
    const summary = this.summaries.of(
      exchange,
      { endpoint, json },
      { shown: [...shown, ...(reanchored?.shown ?? [])], noisy: [...noisy, ...(reanchored?.noisy ?? [])], afterGap },
    );
    this.exchanges.push(summary);
    this.timeline.compare(exchange.at);
    this.laneUnits.observe(observation, summary.lane);
    if (!afterGap && toControl !== null) {
      const place = { lane: this.laneUnits.unitOf(summary.lane), content: summary.content };
      this.maskedValues.observe(endpoint, place, toCandidate, toControl);
      this.sharedIds.observe(endpoint, index, place, toCandidate, toControl);
    }
    if (!afterGap) this.constantIds.observe(endpoint, toCandidate);
    this.largeBodies.observe(endpoint, [toCandidate, toControl]);
    this.countLeaves(toCandidate.leaves);
    if (control !== null) this.fidelity.count(recorded.exchange.outcome, control.outcome, endpoint);
    this.endpointTallies.count(endpoint, index, recorded, this.probes.get(exchange.id) ?? []);
  }

  /** What the endpoint of a request is called, once all requests were learnt. */
  endpointOf(request: HttpRequest): string {
    return this.endpoints.of(request);
  }

  /** How many kinds of differences were seen until now, noise among them: more = there is something that was not seen before. */
  get kindsSeen(): number {
    return this.signatures.records.length;
  }

  /** What each kind of difference is called (`kindKey`), from one on.
   * @param first how many are left out */
  kindsFrom(first: number): string[] {
    return this.signatures.records.slice(first).map(({ signature, apart }) => kindKey(signature.endpoint, signature, apart));
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
    const assessments = this.constantIds.name(findHeterogeneity(assess(records, run, this.maskedValues), run, this.summaries.labels));
    const latencies = this.endpointTallies.judgeLatencies({
      exchanges,
      isSmall: run.lanes < fewestLanes,
      tookMs: sendingMs(meta),
      // What depends on timing is not judged by a run that did not keep it.
      failOnRatio: validityOf(meta.replay) === "valid" ? this.options.failOnLatency : null,
    });
    const afterTable = this.signatures.records.length;
    const ofLatency = latencyAssessments(latencies, afterTable);
    const ofIds = this.sharedIds.assessments(afterTable + numbersEach, run.lanes < fewestLanes);
    const ofEntries = this.mapEntries.assessments(afterTable + 2 * numbersEach, run, this.signatures.records, assessments);
    const all = [...withoutReplaced(assessments), ...ofIds, ...ofEntries, ...ofLatency];
    const sample = new Sample(exchanges);
    const { findings, realSignatures, widened, unseen } = findingsOf(all, {
      run,
      sample,
      circumstances: new Circumstances(run, { features: this.summaries.features, labels: this.summaries.labels }),
      endpointNames: this.summaries.endpoints.names,
      accepted: this.accepted,
      reviewed: this.reviewed,
      baseline,
      countedAt: (record) => this.secondControl.countedAt(record) ?? this.constantIds.countedAt(record, exchanges),
      isHidden: (signature) => this.ruleTally.hides(signature),
      dependences: this.dependences,
    });
    const shownToo = withSignaturesOf(exchanges, [...ofIds, ...ofEntries]);
    const totals = totalsOf(shownToo, realSignatures, this.notComparedByReason());
    const isReal = isDifferent(realSignatures);
    const timeline = this.timeline.summary((index) => isReal(shownToo[index] ?? { shown: [] }));
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
      candidateUnreachable: this.reachability.candidateUnreachable,
      controlUnreachable: this.hasControl && this.reachability.controlUnreachable,
      candidateSilence: this.reachability.candidateSilence,
      sharedState: this.sharedState.found,
      widened,
      expired: this.accepted.summary().expired,
      idleRules: rules.filter(({ idle }) => idle !== null),
      interrupted: meta.interrupted || meta.endedAt === null,
      replay: validityOf(meta.replay),
      // A mirror that is stopped has nothing to go on with.
      sending: { doubtfulWrites: meta.kind === "replay" ? this.doubtfulWrites : 0, replay: meta.replay },
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
      ...trafficOf(shownToo, realSignatures, sample),
      coverage: { ...coverageOf(this.leaves, assessments, (record) => this.secondControl.testedShare(record)), fidelity },
      findings,
      endpoints: this.endpointTallies.summaries(
        latencies,
        differentByEndpoint(shownToo, realSignatures, this.summaries.endpoints.names),
        this.fidelity,
      ),
      blindSpots: this.endpointTallies.blindSpots(
        withoutReplaced(assessments),
        this.fidelity,
        this.signatures.beyond,
        this.largeBodies.blindSpots(),
      ),
      accepted: this.accepted.summary(),
      ...(timeline === null ? {} : { timeline }),
      ...(unseen.length === 0 ? {} : { unseen }),
      ...(rules.length === 0 ? {} : { rules }),
      ...(given === null ? {} : { givenEndpoints: given }),
    };
  }

  private applyProbes(
    { exchange, candidate, controls }: Observation,
    endpoint: string,
    comparison: Comparison,
    noisy: readonly number[],
  ): void {
    if (candidate === null || !isSafeMethod(exchange.request.method)) return;
    const rules = this.rules.scopeOf(endpoint);
    const compare = (left: Outcome, right: Outcome): Comparison =>
      this.mapKeys.fold(endpoint, compareOutcomes(left, right, { request: exchange.request, references: new References(), rules }), []);
    for (const probe of this.probes.get(exchange.id) ?? []) {
      const reading = readProbe(probe, { control: controls[0]?.outcome ?? null, candidate: candidate.outcome }, compare);
      if (reading !== null) this.signatureLog.probed(endpoint, comparison, new Set(noisy), probe, reading);
    }
  }

  private notComparedByReason(): ReadonlyMap<string, number> {
    const reasons = new Map<string, number>(this.notCompared);
    for (const [reason, count] of Object.entries(this.options.meta.lost ?? {})) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    return reasons;
  }

  private inUnit(exchange: ComparedExchange): ComparedExchange {
    const lane = this.laneUnits.unitOf(exchange.lane);
    return lane === exchange.lane ? exchange : { ...exchange, lane };
  }

  private countLeaves(leaves: LeafCount): void {
    this.leaves.byValue += leaves.byValue;
    this.leaves.byFormat += leaves.byFormat;
    this.leaves.untested += leaves.untested;
  }
}

/** How long requests were sent; null = not known. */
function sendingMs({ kind, startedAt, endedAt }: RunMeta): number | null {
  return kind === "compare" || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
}

function validityOf(replay: RunMeta["replay"]): "valid" | "late" | "broken" {
  if (replay === null || replay.valid) return "valid";
  return replay.dropped > 0 || replay.orderViolations > 0 ? "broken" : "late";
}

/** The exchanges with those signatures added that were found in the run as a whole. */
function withSignaturesOf(exchanges: readonly ComparedExchange[], assessments: readonly Assessment[]): readonly ComparedExchange[] {
  const numbers = new Map<number, number[]>();
  for (const { record } of assessments) {
    for (const index of record.shown) numbers.set(index, [...(numbers.get(index) ?? []), record.number]);
  }
  if (numbers.size === 0) return exchanges;
  return exchanges.map((exchange, index) => ({ ...exchange, shown: [...exchange.shown, ...(numbers.get(index) ?? [])] }));
}
