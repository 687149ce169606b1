/** One rich report with its exemplar exchanges, made by hand: every state, severity and section occurs. */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import type { Difference } from "../../model/difference.ts";
import type { HeaderList, HttpRequest, Outcome } from "../../model/exchange.ts";
import type { EndpointSummary, Finding, Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import type { PageBundle, ReportDetails, Sample } from "../../report/details.ts";

const plainFinding: Finding = {
  id: "000000000000",
  state: "new",
  severity: "medium",
  score: 40,
  class: "deterministic",
  title: "",
  endpoint: "GET /posts",
  location: "body",
  path: "",
  kind: "json.value",
  transition: "value",
  count: 1,
  compared: 105,
  rate: 1 / 105,
  noiseRate: 0,
  evidence: { b: 1, c: 0, e: 1.5, probes: 0 },
  condition: null,
  labels: null,
  exemplars: [],
  signatures: [],
  fingerprints: [],
  example: { from: null, to: null },
};

/** A finding with the given parts; its own signature comes first in `signatures`. */
export function findingWith(parts: Partial<Finding>): Finding {
  const finding = { ...plainFinding, ...parts };
  const own = { endpoint: finding.endpoint, location: finding.location, path: finding.path, kind: finding.kind };
  return { ...finding, signatures: [own, ...finding.signatures], fingerprints: [finding.id] };
}

const richFindings: readonly Finding[] = [
  findingWith({
    id: "9f10e55a7c02",
    severity: "high",
    score: 78,
    title: "GET /posts/{id} · no answer where there was one (200→reset)",
    endpoint: "GET /posts/{id}",
    location: "transport",
    kind: "transport.reset",
    transition: "answered→reset",
    count: 3,
    compared: 40,
    rate: 3 / 40,
    evidence: { b: 3, c: 0, e: 3.75, probes: 1 },
    class: "flaky",
    state: "unconfirmed",
    labels: { instance: "b" },
    exemplars: ["x-reset"],
    example: { from: "200", to: null },
  }),
  findingWith({
    id: "3fa9c1d27b04",
    severity: "high",
    score: 83,
    title: "GET /posts · list became empty (n→0)",
    kind: "json.element-count",
    path: "",
    transition: "n→0 elements",
    count: 18,
    rate: 18 / 105,
    evidence: { b: 18, c: 0, e: 212_345, probes: 3 },
    condition: "only when query _start is present: 18/18, else 0/87",
    exemplars: ["x-list", "x-list-2"],
    signatures: [{ endpoint: "GET /posts", location: "header", path: "x-total-count", kind: "header.missing" }],
    example: { from: "15 elements", to: "0 elements" },
  }),
  findingWith({
    id: "c41d00b1e9aa",
    score: 44,
    title: "GET /posts · a number became text (number→string)",
    path: "/*/id",
    kind: "json.type",
    transition: "number→string",
    count: 105,
    rate: 1,
    evidence: { b: 96, c: 0, e: 1e300, probes: 3 },
    exemplars: ["x-list"],
    signatures: [
      { endpoint: "GET /posts/{id}", location: "body", path: "/id", kind: "json.type" },
      { endpoint: "GET /comments", location: "body", path: "/*/id", kind: "json.type" },
    ],
    example: { from: "15", to: '"15"' },
  }),
  findingWith({
    id: "77d0aa10bb3c",
    state: "returned",
    severity: "low",
    score: 14,
    title: "GET /comments · etag changed its form",
    endpoint: "GET /comments",
    location: "header",
    path: "etag",
    kind: "header.format",
    transition: "weak→strong",
    count: 31,
    compared: 52,
    rate: 31 / 52,
    noiseRate: 0.02,
    evidence: { b: 31, c: 1, e: 8123.4, probes: 0 },
    class: "unclassified",
    exemplars: ["x-gone"],
    example: { from: 'W/"1c-af"', to: '"1c-af"' },
  }),
  findingWith({
    id: "aa01aa01aa01",
    state: "accepted",
    severity: "medium",
    score: 41,
    title: "POST /posts · 201 became 200",
    endpoint: "POST /posts",
    location: "status",
    kind: "status.code",
    transition: "201→200",
    count: 7,
    compared: 7,
    rate: 1,
    evidence: { b: 7, c: 0, e: 31.9, probes: 0 },
    exemplars: ["x-post"],
    example: { from: "201", to: "200" },
  }),
  findingWith({
    id: "bb02bb02bb02",
    state: "known",
    severity: "low",
    score: 12,
    title: "GET /posts · order of elements",
    kind: "json.order",
    transition: "order",
    count: 2,
    rate: 2 / 105,
  }),
  findingWith({
    id: "cc03cc03cc03",
    state: "fixed",
    severity: "low",
    score: 0,
    title: "GET /comments · 404 where there was 200",
    endpoint: "GET /comments",
    location: "status",
    kind: "status.class",
    transition: "200→404",
    count: 0,
    compared: 52,
    rate: 0,
  }),
  findingWith({
    id: "dd04dd04dd04",
    state: "noise",
    severity: "info",
    score: 1,
    title: "GET /health · /served differs between equal builds",
    endpoint: "GET /health",
    path: "/served",
    count: 20,
    compared: 20,
    rate: 1,
    noiseRate: 1,
    evidence: { b: 0, c: 0, e: 1, probes: 0 },
    class: "unclassified",
    signatures: [{ endpoint: "GET /health", location: "body", path: "/uptime", kind: "json.value" }],
    example: { from: "1041", to: "977" },
  }),
  findingWith({
    id: "ee05ee05ee05",
    state: "noise",
    severity: "info",
    score: 0,
    title: "GET /posts · header date",
    location: "header",
    path: "date",
    kind: "header.value",
    count: 30,
    noiseRate: 0.29,
    evidence: { b: 4, c: 5, e: 0.4, probes: 0 },
    class: "unclassified",
    example: { from: "Sat, 22 Nov 2025 10:00:01 GMT", to: "Sat, 22 Nov 2025 10:00:02 GMT" },
  }),
];

const latency = {
  control: { p50: 3.1, p95: 9.4, p99: 21.5 },
  primary: null,
  candidate: { p50: 4.4, p95: 12.8, p99: 140.25 },
  shift: 1.4,
  interval: [1.2, 1.7],
  e: 12,
} as const;

const richEndpoints: readonly EndpointSummary[] = [
  { endpoint: "GET /comments", compared: 52, different: 31, latency: null, upperBound: null },
  { endpoint: "GET /health", compared: 20, different: 0, latency: null, upperBound: 0.15 },
  { endpoint: "GET /posts", compared: 105, different: 105, latency, upperBound: null },
  { endpoint: "GET /posts/{id}", compared: 40, different: 3, latency, upperBound: null },
  { endpoint: "GET /profile", compared: 26, different: 0, latency: null, upperBound: 3 / 26 },
  { endpoint: "DELETE /posts/{id}", compared: 0, different: 0, latency: null, upperBound: null },
  { endpoint: "POST /posts", compared: 7, different: 7, latency: null, upperBound: null },
];

export const richReport: Report = {
  schema: "penumbra.report/1",
  verdict: "fail",
  reasons: [
    { code: "new-finding", text: "2 new findings at or over medium" },
    { code: "small-run", text: "fewer than 20 lanes: a difference that sticks to one copy's data cannot be excluded" },
  ],
  run: {
    id: "2025-11-22T10-00-00Z-5d1c",
    startedAt: "2025-11-22T10:00:00.000Z",
    tool: "penumbra 0.1.0",
    seed: 7,
    targets: {
      primary: "recording shop.ndjson",
      candidate: "http://127.0.0.1:4002",
      control: "http://127.0.0.1:4001",
      controls: ["http://127.0.0.1:4001"],
    },
    labels: { service: "shop", build: "1.0.0-beta.15" },
    replay: {
      valid: true,
      scheduled: 262,
      sent: 260,
      dropped: 2,
      lateness: { p50: 0.21, p95: 1.4, p99: 3.25, max: 11.9 },
      orderViolations: 0,
      maxConcurrency: { recorded: 16, achieved: 15 },
    },
  },
  totals: {
    exchanges: 262,
    compared: 250,
    same: 104,
    noiseOnly: 41,
    different: 146,
    afterGap: 4,
    notComparable: { write_not_allowed: 9, client_abort: 3 },
  },
  coverage: { byValue: 0.9375, byFormat: 0.0576, untested: 0.0049, fidelity: 0.984 },
  findings: richFindings,
  endpoints: richEndpoints,
  accepted: { used: ["aa01aa01aa01"], unused: ["ab12ab12ab12"], expired: ["cd34cd34cd34"] },
};

export function requestOf(method: string, target: string, headers: HeaderList = [], body: string | Uint8Array | null = null): HttpRequest {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return {
    method,
    target,
    version: "1.1",
    headers: [["Host", "shop.example"], ["Accept", "application/json"], ...headers],
    body: bytes === null ? { kind: "none" } : { kind: "whole", bytes },
  };
}

export function answered(status: number, reason: string, headers: HeaderList, body: string | Uint8Array): Outcome {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return {
    kind: "answered",
    answer: { status, reason, headers, body: { kind: "whole", bytes } },
    firstByteMs: milliseconds(2),
    tookMs: milliseconds(3.14),
  };
}

const json: HeaderList = [["Content-Type", "application/json; charset=utf-8"]];

/** `count` posts; ids as numbers or text. */
function posts(count: number, textIds: boolean): string {
  const list = Array.from({ length: count }, (_, index) => {
    const id = textIds ? JSON.stringify(String(index + 1)) : String(index + 1);
    // The candidate writes its keys in another order, which is no difference.
    const title = `"title":"Post ${index + 1}"`;
    return textIds ? `{${title},"id":${id},"views":9007199254740993}` : `{"id":${id},${title},"views":9007199254740993}`;
  });
  return `[${list.join(",")}]`;
}

const difference: Difference = {
  location: "body",
  path: "/*/id",
  kind: "json.type",
  level: "type",
  from: "1",
  to: '"1"',
  transition: "number→string",
};

const richSamples: readonly Sample[] = [
  {
    exchangeId: "x-list",
    request: requestOf("GET", "/posts?_start=0&_limit=15", [["Cookie", "session=[redacted]"]]),
    primary: answered(200, "OK", [...json, ["X-Total-Count", "100"], ["Date", "Sat, 22 Nov 2025 10:00:01 GMT"]], posts(15, false)),
    control: answered(200, "OK", [...json, ["X-Total-Count", "100"], ["Date", "Sat, 22 Nov 2025 10:00:02 GMT"]], posts(15, false)),
    candidate: answered(
      200,
      "OK",
      [...json, ["Date", "Sat, 22 Nov 2025 10:00:02 GMT"], ["Content-Encoding", "gzip"]],
      gzipSync(posts(15, true)),
    ),
    differences: [
      difference,
      {
        ...difference,
        location: "header",
        path: "x-total-count",
        kind: "header.missing",
        level: "presence",
        from: "100",
        to: null,
        transition: "present→absent",
      },
    ],
  },
  {
    exchangeId: "x-list-2",
    request: requestOf("GET", "/posts?_start=10"),
    primary: answered(200, "OK", json, posts(2, false)),
    control: answered(200, "OK", json, posts(2, false)),
    candidate: answered(200, "OK", json, "[]"),
    differences: [
      { ...difference, path: "", kind: "json.element-count", from: "2 elements", to: "0 elements", transition: "n→0 elements" },
    ],
  },
  {
    exchangeId: "x-reset",
    request: requestOf("GET", "/posts/7"),
    primary: answered(200, "OK", json, '{"id":7,"title":"Post 7"}'),
    control: answered(200, "OK", json, '{"id":7,"title":"Post 7"}'),
    candidate: { kind: "reset", tookMs: milliseconds(1204), detail: "ECONNRESET" },
    differences: [
      {
        location: "transport",
        path: "",
        kind: "transport.reset",
        level: "presence",
        from: "200",
        to: "reset",
        transition: "answered→reset",
      },
    ],
  },
  {
    exchangeId: "x-post",
    request: requestOf("POST", "/posts", [["Content-Type", "application/json"]], '{"title":"it\'s new"}'),
    primary: answered(201, "Created", json, '{"id":101,"title":"it\'s new"}'),
    control: null,
    candidate: answered(200, "OK", json, '{"id":101,"title":"it\'s new"}'),
    differences: [{ location: "status", path: "", kind: "status.code", level: "value", from: "201", to: "200", transition: "201→200" }],
  },
];

/** In the place of the page's own script and style, where a test is about what the page is handed. */
const page: PageBundle = { script: "start()", style: "body {}" };

export const richDetails: ReportDetails = { samples: richSamples, runDirectory: "penumbra-runs/2025-11-22T10-00-00Z", page };
export const noDetails: ReportDetails = { samples: [], page };

/** The same application compared with itself. */
export const passingReport: Report = {
  ...richReport,
  verdict: "pass",
  reasons: [],
  totals: { ...richReport.totals, same: 250, different: 0 },
  findings: richFindings.filter(({ state }) => state === "noise"),
  endpoints: richEndpoints.map((endpoint) => ({
    ...endpoint,
    different: 0,
    upperBound: endpoint.compared === 0 ? null : Math.min(1, 3 / endpoint.compared),
  })),
  accepted: { used: [], unused: [], expired: [] },
};

/** Nothing could be compared. */
export const emptyReport: Report = {
  ...richReport,
  verdict: "inconclusive",
  reasons: [{ code: "too-few-compared", text: "0 exchanges compared, at least 1 is needed" }],
  run: {
    ...richReport.run,
    targets: { primary: "http://127.0.0.1:4000", candidate: null, control: null, controls: [] },
    labels: {},
    replay: null,
  },
  totals: { exchanges: 3, compared: 0, same: 0, noiseOnly: 0, different: 0, afterGap: 0, notComparable: { breaker_open: 3 } },
  coverage: { byValue: 0, byFormat: 0, untested: 0, fidelity: null },
  findings: [],
  endpoints: [{ endpoint: "GET /posts", compared: 0, different: 0, latency: null, upperBound: null }],
  accepted: { used: [], unused: [], expired: [] },
};
