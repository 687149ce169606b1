/** report.json: the run's result for machines, with keys in the order of the published schema.
 * Each object is written out key by key, so that the order never depends on who built the report. */

import type { Dependence, ExperimentFacts } from "../model/dependence.ts";
import type { ReplayFacts, Spread, TargetTimes } from "../model/observation.ts";
import type {
  EndpointSummary,
  Finding,
  FindingSignature,
  GivenEndpointsSummary,
  LatencyPairs,
  Percentiles,
  Quantiles,
  Report,
  RuleSummary,
  Signature,
  TrafficShare,
} from "../model/report.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { jsonText } from "./json-text.ts";
import { sortedEntries } from "./sorted-entries.ts";

/** Renders report.json, ending in a line feed; the same report gives the same bytes. */
export function jsonReporter(report: Report, _details: ReportDetails): Rendered {
  return { output: jsonText(orderedReport(report)) };
}

function orderedReport({
  schema,
  verdict,
  reasons,
  run,
  totals,
  timeline,
  traffic,
  coverage,
  findings,
  endpoints,
  blindSpots,
  unseen,
  accepted,
  rules,
  givenEndpoints,
}: Report): Report {
  return {
    schema,
    verdict,
    reasons: reasons.map(({ code, text }) => ({ code, text })),
    run: {
      id: run.id,
      startedAt: run.startedAt,
      tool: run.tool,
      seed: run.seed,
      targets: {
        primary: run.targets.primary,
        candidate: run.targets.candidate,
        control: run.targets.control,
        controls: run.targets.controls,
      },
      labels: sortedByKey(run.labels),
      replay: run.replay === null ? null : orderedReplay(run.replay),
      ...(run.experiments === undefined ? {} : { experiments: orderedExperiments(run.experiments) }),
    },
    totals: {
      exchanges: totals.exchanges,
      compared: totals.compared,
      same: totals.same,
      noiseOnly: totals.noiseOnly,
      different: totals.different,
      afterGap: totals.afterGap,
      notComparable: sortedByKey(totals.notComparable),
    },
    ...(timeline === undefined ? {} : { timeline: orderedTimeline(timeline) }),
    ...(traffic === undefined
      ? {}
      : { traffic: { requests: traffic.requests, lanes: traffic.lanes, different: orderedShare(traffic.different) } }),
    coverage: { byValue: coverage.byValue, byFormat: coverage.byFormat, untested: coverage.untested, fidelity: coverage.fidelity },
    findings: findings.map(orderedFinding),
    endpoints: endpoints.map(orderedEndpoint),
    ...(blindSpots === undefined
      ? {}
      : { blindSpots: blindSpots.map(({ endpoint, kind, path, text }) => ({ endpoint, kind, path, text })) }),
    ...(unseen === undefined ? {} : { unseen: unseen.map(orderedFinding) }),
    accepted: { used: accepted.used, unused: accepted.unused, expired: accepted.expired },
    ...(rules === undefined ? {} : { rules: rules.map(orderedRule) }),
    ...(givenEndpoints === undefined ? {} : { givenEndpoints: orderedGiven(givenEndpoints) }),
  };
}

function orderedReplay(facts: ReplayFacts): ReplayFacts {
  const { valid, scheduled, sent, dropped, lateness, orderViolations, maxConcurrency, concurrency, answerTimes, logins, unknownTokens } =
    facts;
  return {
    valid,
    scheduled,
    sent,
    dropped,
    lateness: orderedSpread(lateness),
    orderViolations,
    maxConcurrency: { recorded: maxConcurrency.recorded, achieved: maxConcurrency.achieved },
    ...(concurrency === undefined
      ? {}
      : { concurrency: { stepMs: concurrency.stepMs, recorded: concurrency.recorded, achieved: concurrency.achieved } }),
    ...(answerTimes === undefined
      ? {}
      : { answerTimes: { candidate: orderedTimes(answerTimes.candidate), control: orderedTimes(answerTimes.control) } }),
    ...(logins === undefined ? {} : { logins: { asked: logins.asked, failed: logins.failed } }),
    ...(unknownTokens === undefined ? {} : { unknownTokens }),
  };
}

function orderedShare({ share, low, high }: TrafficShare): TrafficShare {
  return { share, low, high };
}

function orderedTimes(times: TargetTimes | null): TargetTimes | null {
  if (times === null) return null;
  return { service: orderedSpread(times.service), response: times.response === null ? null : orderedSpread(times.response) };
}

function orderedSpread({ p50, p95, p99, max }: Spread): Spread {
  return { p50, p95, p99, max };
}

function orderedFinding(finding: Finding): Finding {
  const { evidence, example, labels } = finding;
  return {
    id: finding.id,
    state: finding.state,
    severity: finding.severity,
    score: finding.score,
    class: finding.class,
    title: finding.title,
    endpoint: finding.endpoint,
    location: finding.location,
    path: finding.path,
    kind: finding.kind,
    transition: finding.transition,
    count: finding.count,
    compared: finding.compared,
    rate: finding.rate,
    noiseRate: finding.noiseRate,
    evidence: { b: evidence.b, c: evidence.c, e: evidence.e, probes: evidence.probes },
    condition: finding.condition,
    labels: labels === null ? null : sortedByKey(labels),
    exemplars: finding.exemplars,
    signatures: finding.signatures.map(orderedFindingSignature),
    fingerprints: finding.fingerprints,
    example: { from: example.from, to: example.to },
    ...(finding.dependence === undefined ? {} : { dependence: orderedDependence(finding.dependence) }),
    ...(finding.traffic === undefined ? {} : { traffic: orderedShare(finding.traffic) }),
  };
}

function orderedDependence(dependence: Dependence): Dependence {
  const { class: found, shown, runs, control, requests, minimal, within, sends, recording, curl } = dependence;
  const ordered = requests.map(({ exchange, method, target, after }) => ({ exchange, method, target, after }));
  return { class: found, shown, runs, control, requests: ordered, minimal, within, sends, recording, curl };
}

function orderedExperiments({ asked, findings, sends, limit, ended, detail }: ExperimentFacts): ExperimentFacts {
  return { asked, findings, sends, limit, ended, detail };
}

function orderedRule({ text, reason, hidden, exchanges, places, idle, shadowedBy }: RuleSummary): RuleSummary {
  const ordered = { text, reason, hidden, exchanges, places: places.map(orderedSignature), idle };
  return shadowedBy === undefined ? ordered : { ...ordered, shadowedBy };
}

function orderedGiven({ given, met, unmet }: GivenEndpointsSummary): GivenEndpointsSummary {
  return { given, met, unmet };
}

function orderedSignature({ endpoint, location, path, kind }: Signature): Signature {
  return { endpoint, location, path, kind };
}

function orderedFindingSignature({ transitions, ...signature }: FindingSignature): FindingSignature {
  if (transitions === undefined) return orderedSignature(signature);
  return {
    ...orderedSignature(signature),
    transitions: transitions.map(({ transition, fingerprint, rate }) => ({ transition, fingerprint, rate })),
  };
}

function orderedTimeline({ startMs, stepMs, same, different, notComparable }: NonNullable<Report["timeline"]>): Report["timeline"] {
  return { startMs, stepMs, same, different, notComparable: Object.fromEntries(sortedEntries(notComparable)) };
}

function orderedQuantiles({ shares, control, primary, candidate }: Quantiles): Quantiles {
  return { shares, control, primary, candidate };
}

function orderedEndpoint({ endpoint, compared, different, latency, fidelity, upperBound }: EndpointSummary): EndpointSummary {
  return {
    endpoint,
    compared,
    different,
    latency:
      latency === null
        ? null
        : {
            control: orderedPercentiles(latency.control),
            primary: orderedPercentiles(latency.primary),
            candidate: orderedPercentiles(latency.candidate),
            shift: latency.shift,
            interval: latency.interval,
            e: latency.e,
            ...(latency.pairs === undefined ? {} : { pairs: latency.pairs === null ? null : orderedPairs(latency.pairs) }),
            ...(latency.quantiles === undefined ? {} : { quantiles: orderedQuantiles(latency.quantiles) }),
          },
    ...(fidelity === undefined ? {} : { fidelity }),
    upperBound,
  };
}

function orderedPairs({ tested, cold, saturated, unlike, probes }: LatencyPairs): LatencyPairs {
  return { tested, cold, saturated, unlike, probes };
}

function orderedPercentiles(percentiles: Percentiles | null): Percentiles | null {
  return percentiles === null ? null : { p50: percentiles.p50, p95: percentiles.p95, p99: percentiles.p99 };
}

/** Without a prototype, so that a label named `__proto__` is one like any other. */
function sortedByKey<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const sorted: Record<string, T> = Object.create(null);
  for (const [key, value] of sortedEntries(record)) sorted[key] = value;
  return sorted;
}
