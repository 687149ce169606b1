/** The runs whose reports are kept as golden files: between them every verdict, state, class and section occurs. */

import type { Finding, Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import type { ReportDetails } from "../../report/details.ts";
import { emptyReport, findingWith, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";

export interface GoldenRun {
  readonly name: "failing" | "passing" | "inconclusive" | "empty" | "hostile";
  readonly report: Report;
  readonly details: ReportDetails;
}

/** Those classes that the rich report has no finding of. */
const otherClasses: readonly Finding[] = [
  findingWith({
    id: "5e95e95e95e9",
    severity: "medium",
    score: 52,
    class: "sequence",
    title: "GET /cart · total lags behind",
    endpoint: "GET /cart",
    path: "/total",
    transition: "value",
    count: 6,
    compared: 21,
    rate: 6 / 21,
    evidence: { b: 6, c: 0, e: 41.2, probes: 4 },
    example: { from: "30", to: "20" },
    dependence: {
      class: "sequence",
      shown: 10,
      runs: 10,
      control: 0,
      requests: [
        { exchange: "e-1", method: "POST", target: "/cart/items", after: null },
        { exchange: "e-2", method: "GET", target: "/cart", after: null },
      ],
      minimal: true,
      within: null,
      sends: 44,
      recording: "reproductions/5e95e95e95e9.ndjson",
      curl: ["curl -X POST http://127.0.0.1:4002/cart/items", "curl http://127.0.0.1:4002/cart"],
    },
  }),
  findingWith({
    id: "c0cc0cc0cc0c",
    severity: "high",
    score: 64,
    class: "concurrency",
    title: "POST /cart/items · one of two is lost",
    endpoint: "POST /cart/items",
    path: "/count",
    count: 4,
    compared: 30,
    rate: 4 / 30,
    evidence: { b: 4, c: 0, e: 12.5, probes: 0 },
    example: { from: "2", to: "1" },
    traffic: { share: 0.008, low: 0.006, high: 0.011 },
    dependence: {
      class: "concurrency",
      shown: 9,
      runs: 10,
      control: 0,
      requests: [
        { exchange: "e-3", method: "POST", target: "/cart/items", after: null },
        { exchange: "e-4", method: "POST", target: "/cart/items", after: milliseconds(1.5) },
      ],
      minimal: false,
      within: milliseconds(3),
      sends: 60,
      recording: null,
      curl: [],
    },
  }),
  findingWith({
    id: "4e7e704e7e70",
    severity: "low",
    score: 18,
    class: "heterogeneity",
    title: "GET /posts · header server differs between instances",
    location: "header",
    path: "server",
    kind: "header.value",
    count: 12,
    rate: 12 / 105,
    labels: { instance: "b", zone: "eu-1" },
    example: { from: "a/1", to: "a/2" },
  }),
  findingWith({
    id: "1a7e1a7e1a7e",
    severity: "info",
    score: 7,
    class: "latency",
    title: "GET /posts · 1.4 times as slow",
    location: "latency",
    kind: "latency.paired",
    transition: "slower",
    count: 105,
    rate: 1,
    evidence: { b: 80, c: 25, e: 12, probes: 0 },
  }),
];

const failing: Report = {
  ...richReport,
  findings: [...richReport.findings, ...otherClasses],
  traffic: { requests: 26_200, lanes: 31, different: { share: 0.56, low: 0.5, high: 0.62 } },
  run: {
    ...richReport.run,
    experiments: { asked: 2, findings: 6, sends: 20_000, limit: 20_000, ended: "limit", detail: null },
  },
  blindSpots: [
    { endpoint: "GET /health", kind: "masked-values", path: "/served", text: "differs between equal builds" },
    { endpoint: "GET /posts/{id}", kind: "low-fidelity", path: null, text: "the control gave another status in 12 %" },
    { endpoint: "GET /export", kind: "not-compared", path: null, text: "nothing of it could be compared" },
  ],
  rules: [
    {
      text: "ignore body $.served at GET /health",
      reason: "names the machine | and its rack",
      hidden: 20,
      exchanges: 20,
      places: [{ endpoint: "GET /health", location: "body", path: "/served", kind: "json.value" }],
      idle: null,
    },
    { text: "ignore header x-old at GET /gone", reason: null, hidden: 0, exchanges: 0, places: [], idle: "no-endpoint" },
  ],
  givenEndpoints: { given: 12, met: 9, unmet: ["GET /a", "GET /b", "GET /c"] },
};

/** Much was compared, and it differs, but it cannot be told from noise. */
const inconclusive: Report = {
  ...richReport,
  verdict: "inconclusive",
  reasons: [
    { code: "low-fidelity", text: "the control gave the primary's status in 61 % of the exchanges, 90 % are needed" },
    { code: "replay-invalid", text: "the replay ran too late to be trusted" },
  ],
  run: { ...richReport.run, replay: richReport.run.replay === null ? null : { ...richReport.run.replay, valid: false } },
  coverage: { ...richReport.coverage, fidelity: 0.61 },
};

/** Not one exchange. */
const empty: Report = {
  ...emptyReport,
  reasons: [{ code: "too-few-compared", text: "0 exchanges compared, at least 1 is needed" }],
  totals: { ...emptyReport.totals, exchanges: 0, notComparable: {} },
  endpoints: [],
};

export const goldenRuns: readonly GoldenRun[] = [
  { name: "failing", report: failing, details: { ...richDetails, acceptedFile: "penumbra.accepted.yaml" } },
  { name: "passing", report: passingReport, details: noDetails },
  { name: "inconclusive", report: inconclusive, details: richDetails },
  { name: "empty", report: empty, details: noDetails },
  { name: "hostile", report: hostileReport, details: { ...hostileDetails, color: false } },
];
