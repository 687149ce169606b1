/** The JSON Schema of report.json (`docs/report.schema.json` is made from it; a test keeps it up to date).
 * New keys may be added under the same version, so readers must ignore keys that they do not know. */

import { z } from "zod";
import type { DifferenceKind } from "../model/difference.ts";
import type { Report } from "../model/report.ts";
import { milliseconds } from "../model/units.ts";

const howMany = z.number().int().min(0);
const share = z.number().min(0).max(1);
const millis = z.number().min(0);
const labels = z.record(z.string(), z.string());
const location = z.enum(["transport", "status", "header", "body", "latency", "replay"]);

/** As a record, so that a kind which the model adds cannot be forgotten here. */
const kinds: Readonly<Record<DifferenceKind, true>> = {
  "transport.connect": true,
  "transport.timeout": true,
  "transport.reset": true,
  "transport.truncated": true,
  "transport.framing": true,
  "status.class": true,
  "status.code": true,
  "header.missing": true,
  "header.extra": true,
  "header.value": true,
  "header.format": true,
  "header.multiplicity": true,
  "header.cookie-attribute": true,
  "body.media-type": true,
  "body.charset": true,
  "body.encoding": true,
  "body.undecodable": true,
  "body.unparseable": true,
  "body.empty": true,
  "body.size": true,
  "body.opaque": true,
  "json.missing": true,
  "json.extra": true,
  "json.type": true,
  "json.null": true,
  "json.value": true,
  "json.number-lexeme": true,
  "json.number-precision": true,
  "json.format": true,
  "json.constant": true,
  "json.duplicate-key": true,
  "json.element-missing": true,
  "json.element-extra": true,
  "json.element-count": true,
  "json.order": true,
  "json.reference": true,
  "json.embedded": true,
  "text.line": true,
  "text.block": true,
  "markup.element": true,
  "markup.attribute": true,
  "markup.text": true,
  "latency.paired": true,
  "latency.tail": true,
  "replay.correlation-miss": true,
  "replay.skipped": true,
};
const kind = z.enum(Object.keys(kinds) as DifferenceKind[]);

const percentiles = z.object({ p50: millis, p95: millis, p99: millis }).describe("Milliseconds.");
const path = z
  .string()
  .describe(
    "'' | lower-case header name | set-cookie/NAME[/ATTR] | trailer/NAME | JSON Pointer with * for array elements and for the keys of maps | markup path.",
  );

const spread = z.object({ p50: millis, p95: millis, p99: millis, max: millis });
const targetTimes = z
  .object({
    service: spread.describe("Since the request was sent."),
    response: spread.nullable().describe("Since it was due: free of coordinated omission; null on a closed loop."),
  })
  .nullable();

const replay = z.object({
  valid: z.boolean().describe("False when it ran too late for its results to be trusted."),
  scheduled: howMany,
  sent: howMany,
  dropped: howMany,
  lateness: spread.describe("Milliseconds after the planned time."),
  orderViolations: howMany,
  maxConcurrency: z.object({ recorded: howMany, achieved: howMany }),
  concurrency: z
    .object({ stepMs: millis, recorded: z.array(howMany), achieved: z.array(howMany) })
    .optional()
    .describe("Greatest number of requests under way in each step of the replay's time; at most 120 steps."),
  answerTimes: z.object({ candidate: targetTimes, control: targetTimes }).optional().describe("How long answers took, in milliseconds."),
  logins: z
    .object({ asked: howMany, failed: howMany })
    .exactOptional()
    .describe("How often the command of --login was asked, and how often in vain; absent without it."),
  unknownTokens: howMany
    .exactOptional()
    .describe("Tokens of requests that the vault has no value for, sent as they are; absent where no vault was opened."),
});

const transition = z
  .object({
    transition: z.string().describe("Without counts that depend on the data; `*` = any, where there are as many as values."),
    fingerprint: z.string().describe("Of the signature with this transition: what accepting covers."),
    rate: share.describe("Of the exchanges compared at the endpoint."),
  })
  .describe("What became of what, the most frequent first, at most 21; absent for noise.");
const span = millis.transform(milliseconds);
const dependence = z
  .object({
    class: z.enum(["deterministic", "sequence", "concurrency", "flaky", "unclassified"]),
    shown: howMany.describe("Runs of the reproduction, each from a fresh state, in which only the candidate showed it (flaky: sends)."),
    runs: howMany,
    control: howMany.describe("Runs in which only the control showed it."),
    requests: z
      .array(
        z.object({
          exchange: z.string().describe("Exchange id."),
          method: z.string(),
          target: z.string(),
          after: span
            .nullable()
            .describe("Milliseconds after the send of the one before, which is still under way; null = when all before it are answered."),
        }),
      )
      .describe("In the order in which they are sent; the one whose answer differs is the last."),
    minimal: z.boolean().describe("Leaving out any one of them was seen to end it."),
    within: span.nullable().describe("Concurrency: the longest time between the sends with which it was still seen, in milliseconds."),
    sends: howMany.describe("Requests sent to find out."),
    recording: z.string().nullable().describe("The reproduction as a recording, its path within the run."),
    curl: z
      .array(z.string())
      .describe("Shell commands, in order. Requests that have to overlap are in one, which starts them in the background."),
  })
  .describe("What experiments found the finding to depend on; absent when none were made.");

const experiments = z
  .object({
    asked: howMany,
    findings: howMany.describe("Findings that could be asked about."),
    sends: howMany,
    limit: howMany,
    ended: z.enum(["done", "limit", "interrupted", "reset-failed"]),
    detail: z.string().nullable(),
  })
  .describe("The experiments that were made after a replay; absent when none were.");

const trafficShare = z
  .object({ share, low: share, high: share })
  .describe("Share of all of production's requests, estimated from the sample, and where it lies (95 %).");

const finding = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .describe("Fingerprint, stable across runs."),
  state: z.enum(["new", "known", "returned", "fixed", "accepted", "noise", "unconfirmed"]),
  severity: z.enum(["info", "low", "medium", "high"]),
  score: z.number(),
  class: z.enum(["deterministic", "sequence", "concurrency", "flaky", "heterogeneity", "latency", "unclassified"]),
  title: z.string(),
  endpoint: z.string().describe("METHOD and path template."),
  location,
  path,
  kind,
  transition: z.string().describe("What became of what: 200→500, number→string, present→absent."),
  count: howMany.describe("Exchanges that show it, of `compared` at its endpoints."),
  compared: howMany,
  rate: share,
  noiseRate: share,
  evidence: z.object({
    b: howMany.describe("Units in which only the candidate differs."),
    c: howMany.describe("Units in which only the control differs."),
    e: z.number().min(0).nullable().describe("E-value, at most 1e300; null without a control."),
    probes: howMany,
  }),
  condition: z.string().nullable().describe("The one or two request predicates that go with it, in words and counts."),
  labels: labels.nullable().describe("The labels of the production beside which it shows; null = everywhere."),
  exemplars: z.array(z.string()).describe("Exchange ids, the smallest exchange first."),
  fingerprints: z.array(z.string()).describe("Of the signatures that show the change itself; `id` comes first."),
  signatures: z.array(z.object({ endpoint: z.string(), location, path, kind, transitions: z.array(transition).exactOptional() })),
  example: z.object({ from: z.string().nullable(), to: z.string().nullable() }),
  dependence: dependence.exactOptional(),
  traffic: trafficShare.exactOptional(),
});

const times = z.array(z.number().min(0));
const counts = z.array(howMany);
const endpoint = z.object({
  endpoint: z.string(),
  compared: howMany,
  different: howMany,
  latency: z
    .object({
      control: percentiles.nullable(),
      primary: percentiles.nullable(),
      candidate: percentiles.nullable(),
      shift: z.number().nullable().describe("How many times as long as the control the candidate takes; null without a control."),
      interval: z.tuple([z.number(), z.number()]).nullable().describe("Where the shift lies (95 %)."),
      e: z.number().min(0).nullable().describe("E-value against equal speed."),
      pairs: z
        .object({ tested: howMany, cold: howMany, saturated: howMany, unlike: howMany, probes: howMany })
        .nullish()
        .describe("Pairs of times that count, and those left out."),
      quantiles: z
        .object({ shares: z.array(share), control: times.nullable(), primary: times.nullable(), candidate: times.nullable() })
        .exactOptional()
        .describe("How long at most that share of the answers took, in ms; absent where there are few."),
    })
    .nullable(),
  fidelity: share.nullish().describe("Share of exchanges at which the control's status is the primary's."),
  upperBound: z
    .number()
    .min(0)
    .nullable()
    .describe(
      "Greatest rate of an unseen difference that is still plausible (95 %); null where the candidate ever differed without the control.",
    ),
});

const blindSpot = z
  .object({
    endpoint: z.string(),
    kind: z.enum(["low-fidelity", "masked-values", "not-compared", "too-large", "too-many-places"]),
    path: path.nullable(),
    text: z.string(),
  })
  .describe("What the run says nothing about.");
const rule = z.object({
  text: z.string(),
  reason: z.string().nullable(),
  hidden: howMany.describe("Differences of the candidate or the control that do not count because of it."),
  exchanges: howMany.describe("Exchanges in which it had something to do."),
  places: z.array(z.object({ endpoint: z.string(), location, path, kind })).describe("Where, up to 20."),
  idle: z.enum(["no-endpoint", "nothing-differed"]).nullable().describe("Why it had nothing to do; null = it had."),
  shadowedBy: z.string().optional().describe("The rule that hid what this idle one would have hidden."),
});

const givenEndpoints = z.object({
  given: howMany,
  met: howMany.describe("Those that at least one request of the run met."),
  unmet: z.array(z.string()).describe("Names of the others, up to 100."),
});

/** Reads report.json; keys that this version does not know are dropped. */
export const reportSchema: z.ZodType<Report> = z
  .object({
    schema: z.literal("penumbra.report/1"),
    verdict: z.enum(["pass", "fail", "inconclusive"]),
    reasons: z.array(z.object({ code: z.string(), text: z.string() })),
    run: z.object({
      id: z.string(),
      startedAt: z.string(),
      tool: z.string(),
      seed: z.number(),
      targets: z.object({
        primary: z.string(),
        candidate: z.string().nullable(),
        control: z.string().nullable(),
        controls: z.array(z.string()),
      }),
      labels,
      replay: replay.nullable(),
      experiments: experiments.exactOptional(),
    }),
    totals: z
      .object({
        exchanges: howMany,
        compared: howMany,
        same: howMany,
        noiseOnly: howMany.describe("Exchanges with noise only; counted in `same` too."),
        different: howMany,
        afterGap: howMany,
        notComparable: z.record(z.string(), howMany),
      })
      .describe("compared = same + different; exchanges = compared + the sum of notComparable."),
    timeline: z
      .object({
        startMs: z.number().describe("Of the first exchange, in ms since 1970."),
        stepMs: z.number().min(0),
        same: counts,
        different: counts,
        notComparable: z.record(z.string(), counts),
      })
      .exactOptional()
      .describe("Exchanges over the time of production, in equal steps; without those lost before they came to a run."),
    traffic: z
      .object({
        requests: z.number().min(0).describe("Requests of production that the compared ones stand for, estimated."),
        lanes: howMany.describe("Sessions among the compared ones."),
        different: trafficShare,
      })
      .exactOptional()
      .describe("What the sample stands for; absent where it is not known how it was drawn, or where it is everything."),
    coverage: z
      .object({ byValue: share, byFormat: share, untested: share, fidelity: share.nullable() })
      .describe("Shares of all values in the compared answers: they add up to 1, or are all 0 when nothing was compared."),
    findings: z.array(finding),
    endpoints: z.array(endpoint),
    blindSpots: z.array(blindSpot).optional(),
    unseen: z
      .array(finding)
      .exactOptional()
      .describe(
        "Findings of the baseline, or parts of them, that this run could not have seen: at their endpoints too little was compared.",
      ),
    accepted: z.object({ used: z.array(z.string()), unused: z.array(z.string()), expired: z.array(z.string()) }),
    rules: z.array(rule).exactOptional().describe("The rules of the configuration, in its order; absent when it has none."),
    givenEndpoints: givenEndpoints.exactOptional().describe("What came of the endpoints of --endpoints; absent without it."),
  })
  .describe("The result of one Penumbra run. Absent values are null. Readers ignore keys that they do not know.");

/** The schema as a JSON Schema document (2020-12), as published. */
export function reportJsonSchema(): string {
  const document = { title: "penumbra.report/1", ...z.toJSONSchema(reportSchema, { target: "draft-2020-12", io: "input" }) };
  return `${JSON.stringify(document, null, 2)}\n`;
}
