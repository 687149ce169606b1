/** Reports as any run could make them, whatever its traffic held: the sums add up, every optional part may be absent, and every text
 * that comes from traffic is hostile now and then. */

import * as fc from "fast-check";
import type { Dependence } from "../../model/dependence.ts";
import type { EndpointSummary, Finding, FindingState, Report, RuleSummary, Signature } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { hostileStrings } from "./hostile-fixture.ts";

/** Characters that mean something to one format or another, so that they meet by chance. */
const meaningful: readonly string[] = "|<>&`*_[]()#:%,;\\'\"!\n\r\t @-+ab\u001b\u009b\u00a0\u2028\u202e\ud800".split("");

/** Whatever traffic may hold. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileStrings) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(...meaningful),
      maxLength: 60,
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 150, maxLength: 400 }) },
);

/** Of a record whose parts a report may lack. */
const someKeys: { requiredKeys: [] } = { requiredKeys: [] };
/** A record that always has the first parts, and now and then some of the others. */
function withSome<A extends object, B extends object>(always: fc.Arbitrary<A>, sometimes: fc.Arbitrary<B>): fc.Arbitrary<A & B> {
  return fc.tuple(always, sometimes).map(([parts, more]) => ({ ...parts, ...more }));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const howMany = fc.nat({ max: 5000 });
const anyTime = fc.double({ min: 0, max: 100_000, noNaN: true });
const location = fc.constantFrom("transport", "status", "header", "body", "latency", "replay");
const kind = fc.constantFrom("json.value", "json.type", "header.missing", "status.code", "transport.reset", "latency.paired", "text.line");
const states: readonly FindingState[] = ["new", "known", "returned", "fixed", "accepted", "noise", "unconfirmed"];
const hexDigits = fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: 12, maxLength: 12 });
const labels = fc.dictionary(
  hostileText.filter((name) => name !== "__proto__"),
  hostileText,
  { maxKeys: 3 },
);
const span = anyTime.map(milliseconds);
const spread = fc.record({ p50: span, p95: span, p99: span, max: span });
const percentiles = fc.record({ p50: anyTime, p95: anyTime, p99: anyTime });
const trafficShare = fc.record({ share, low: share, high: share });

function signatureAt(endpoint: fc.Arbitrary<string>): fc.Arbitrary<Signature> {
  return fc.record({ endpoint, location, path: hostileText, kind });
}

const transitions = fc.array(fc.record({ transition: hostileText, fingerprint: hexDigits, rate: share }), { maxLength: 3 });

const dependence: fc.Arbitrary<Dependence> = fc.record({
  class: fc.constantFrom("deterministic", "sequence", "concurrency", "flaky", "unclassified"),
  shown: howMany,
  runs: howMany,
  control: howMany,
  requests: fc.array(
    fc.record({ exchange: hostileText, method: hostileText, target: hostileText, after: fc.option(anyTime.map(milliseconds)) }),
    { maxLength: 8 },
  ),
  minimal: fc.boolean(),
  within: fc.option(anyTime.map(milliseconds)),
  sends: howMany,
  recording: fc.option(hostileText),
  curl: fc.array(hostileText, { maxLength: 2 }),
});

function findingAt(endpoint: fc.Arbitrary<string>): fc.Arbitrary<Finding> {
  const always = fc.record({
    id: hexDigits,
    state: fc.constantFrom(...states),
    severity: fc.constantFrom("info", "low", "medium", "high"),
    score: fc.double({ min: 0, max: 100, noNaN: true }),
    class: fc.constantFrom("deterministic", "sequence", "concurrency", "flaky", "heterogeneity", "latency", "unclassified"),
    title: hostileText,
    endpoint,
    location,
    path: hostileText,
    kind,
    transition: hostileText,
    count: howMany,
    compared: howMany,
    rate: share,
    noiseRate: share,
    evidence: fc.record({ b: howMany, c: howMany, e: fc.option(fc.double({ min: 0, max: 1e300, noNaN: true })), probes: howMany }),
    condition: fc.option(hostileText),
    labels: fc.option(labels),
    exemplars: fc.array(hostileText, { maxLength: 3 }),
    signatures: fc.array(withSome(signatureAt(endpoint), fc.record({ transitions }, someKeys)), { maxLength: 4 }),
    fingerprints: fc.array(hexDigits, { maxLength: 2 }),
    example: fc.record({ from: fc.option(hostileText), to: fc.option(hostileText) }),
  });
  return withSome(always, fc.record({ dependence, traffic: trafficShare }, someKeys));
}

const times = fc.option(fc.array(anyTime));
const latency = withSome(
  fc.record({
    control: fc.option(percentiles),
    primary: fc.option(percentiles),
    candidate: fc.option(percentiles),
    shift: fc.option(anyTime),
    interval: fc.option(fc.tuple(anyTime, anyTime)),
    e: fc.option(anyTime),
  }),
  fc.record(
    {
      pairs: fc.option(fc.record({ tested: howMany, cold: howMany, saturated: howMany, unlike: howMany, probes: howMany })),
      quantiles: fc.record({ shares: fc.array(share), control: times, primary: times, candidate: times }),
    },
    someKeys,
  ),
);

function endpointCalled(name: string): fc.Arbitrary<EndpointSummary> {
  const always = fc.record({
    endpoint: fc.constant(name),
    compared: howMany,
    different: howMany,
    latency: fc.option(latency),
    upperBound: fc.option(share),
  });
  return withSome(always, fc.record({ fidelity: fc.option(share) }, someKeys));
}

function ruleAt(endpoint: fc.Arbitrary<string>): fc.Arbitrary<RuleSummary> {
  const always = fc.record({
    text: hostileText,
    reason: fc.option(hostileText),
    hidden: howMany,
    exchanges: howMany,
    places: fc.array(signatureAt(endpoint), { maxLength: 7 }),
    idle: fc.option(fc.constantFrom("no-endpoint", "nothing-differed")),
  });
  return withSome(always, fc.record({ shadowedBy: hostileText }, someKeys));
}

const totals: fc.Arbitrary<Report["totals"]> = fc
  .record({
    same: howMany,
    different: howMany,
    noise: share,
    afterGap: howMany,
    notComparable: fc.dictionary(fc.constantFrom("write_not_allowed", "client_abort", "capped", "queue_full", "unpaired"), howMany),
  })
  .map(({ same, different, noise, afterGap, notComparable }) => {
    const compared = same + different;
    const others = Object.values(notComparable).reduce((sum, n) => sum + n, 0);
    return { exchanges: compared + others, compared, same, noiseOnly: Math.floor(same * noise), different, afterGap, notComparable };
  });

const targetTimes = fc.option(fc.record({ service: spread, response: fc.option(spread) }));
const replay = withSome(
  fc.record({
    valid: fc.boolean(),
    scheduled: howMany,
    sent: howMany,
    dropped: howMany,
    lateness: spread,
    orderViolations: howMany,
    maxConcurrency: fc.record({ recorded: howMany, achieved: howMany }),
  }),
  fc.record(
    {
      concurrency: fc.record({ stepMs: anyTime, recorded: fc.array(howMany), achieved: fc.array(howMany) }),
      answerTimes: fc.record({ candidate: targetTimes, control: targetTimes }),
      logins: fc.record({ asked: howMany, failed: howMany }),
      unknownTokens: howMany,
    },
    someKeys,
  ),
);

const run: fc.Arbitrary<Report["run"]> = withSome(
  fc.record({
    id: hostileText,
    startedAt: fc.constant("2025-11-22T10:00:00.000Z"),
    tool: fc.constantFrom("penumbra 0.1.0", "0.1.0"),
    seed: fc.nat(),
    targets: fc.record({
      primary: hostileText,
      candidate: fc.option(hostileText),
      control: fc.option(hostileText),
      controls: fc.array(hostileText, { maxLength: 2 }),
    }),
    labels,
    replay: fc.option(replay),
  }),
  fc.record(
    {
      experiments: fc.record({
        asked: howMany,
        findings: howMany,
        sends: howMany,
        limit: howMany,
        ended: fc.constantFrom("done", "limit", "interrupted", "reset-failed"),
        detail: fc.option(hostileText),
      }),
    },
    someKeys,
  ),
);

const blindSpot = fc.record({
  endpoint: hostileText,
  kind: fc.constantFrom("low-fidelity", "masked-values", "not-compared", "too-large", "too-many-places"),
  path: fc.option(hostileText),
  text: hostileText,
});

/** Codes are ours and short, texts may quote traffic. At most as many reasons as every format has room for. */
const reason = fc.record({ code: fc.constantFrom("new-finding", "small-run", "low-fidelity", "replay-invalid"), text: hostileText });

export const arbitraryReport: fc.Arbitrary<Report> = fc.array(hostileText, { minLength: 1, maxLength: 5 }).chain((texts) => {
  const names = [...new Set(texts.map((text) => `GET /${text}`))];
  const endpoint = fc.constantFrom(...names);
  const always = fc.record({
    schema: fc.constant("penumbra.report/1" as const),
    verdict: fc.constantFrom("pass", "fail", "inconclusive"),
    reasons: fc.array(reason, { maxLength: 3 }),
    run,
    totals,
    coverage: fc.record({ byValue: share, byFormat: share, untested: share, fidelity: fc.option(share) }),
    findings: fc.uniqueArray(findingAt(endpoint), { maxLength: 8, selector: ({ id }) => id }),
    endpoints: fc.tuple(...names.map(endpointCalled)),
    accepted: fc.record({
      used: fc.array(hostileText, { maxLength: 2 }),
      unused: fc.array(hostileText, { maxLength: 2 }),
      expired: fc.array(hostileText, { maxLength: 2 }),
    }),
  });
  const sometimes = fc.record(
    {
      timeline: fc.record({
        startMs: anyTime,
        stepMs: anyTime,
        same: fc.array(howMany),
        different: fc.array(howMany),
        notComparable: fc.dictionary(fc.constantFrom("capped", "unpaired"), fc.array(howMany)),
      }),
      traffic: fc.record({ requests: howMany, lanes: howMany, different: trafficShare }),
      blindSpots: fc.array(blindSpot, { maxLength: 4 }),
      unseen: fc.array(findingAt(endpoint), { maxLength: 2 }),
      rules: fc.array(ruleAt(endpoint), { maxLength: 4 }),
      givenEndpoints: fc.record({ given: fc.constant(9), met: fc.constant(7), unmet: fc.array(hostileText, { maxLength: 2 }) }),
    },
    someKeys,
  );
  return withSome(always, sometimes);
});
