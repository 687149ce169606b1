/** Random exchanges, with everything that has broken a codec before: lone surrogates, `__proto__`, -0,
 * duplicate headers, all Latin-1 characters, empty and binary and capped bodies. */

import fc from "fast-check";
import type { FindingDependence } from "../../model/dependence.ts";
import { type Body, type Exchange, type FailureKind, failureKinds, noBody, type Outcome } from "../../model/exchange.ts";
import type { NotComparableReason, RunEntry, Trial } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";

const latin1: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
const anyString: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  maxLength: 8,
});
const wellFormed: fc.Arbitrary<string> = fc.string({ unit: "binary", maxLength: 10 });
const key: fc.Arbitrary<string> = fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "x"), anyString);

const headers: fc.Arbitrary<(readonly [string, string])[]> = fc.array(fc.tuple(latin1, latin1), { maxLength: 6 });
/** Seldom there, and never empty. */
const trailers = fc.array(fc.tuple(latin1, latin1), { minLength: 1, maxLength: 3 });
const someBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  wellFormed.map((text) => new Uint8Array(Buffer.from(text))),
  fc.constant(new Uint8Array(Buffer.from("\ufeffwith a mark"))),
);

const body: fc.Arbitrary<Body> = fc.oneof(
  fc.constant(noBody),
  someBytes.map((bytes): Body => ({ kind: "whole", bytes })),
  fc.record({
    kind: fc.constant("capped" as const),
    length: fc.nat(),
    sha256: fc.string({ unit: fc.constantFrom("0", "7", "a", "f"), minLength: 64, maxLength: 64 }),
    head: someBytes,
    tail: someBytes,
  }),
);

const span = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => milliseconds(value + 0));

const answered: fc.Arbitrary<Outcome> = fc.record({
  kind: fc.constant("answered" as const),
  answer: fc.record(
    { status: fc.integer({ min: 100, max: 999 }), reason: latin1, headers, body, trailers },
    { requiredKeys: ["status", "reason", "headers", "body"] },
  ),
  firstByteMs: span,
  tookMs: span,
});

const failed: fc.Arbitrary<Outcome> = fc.record(
  { kind: fc.constantFrom<FailureKind>(...failureKinds), tookMs: span, detail: anyString },
  { requiredKeys: ["kind", "tookMs"] },
);

const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(answered, failed);

const ours = ["id", "at", "lane", "labels", "inclusion", "request", "outcome"];
/** -0 has no JSON form of its own; as text it is covered by an example. */
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
const extra = fc
  .array(
    fc.tuple(
      key.filter((name) => !ours.includes(name)),
      json,
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((entries): Record<string, unknown> => Object.fromEntries(entries));

export const anyExchange: fc.Arbitrary<Exchange> = fc.record(
  {
    id: wellFormed.map((text) => `id${text}`),
    at: fc.double({ min: 0, max: 4e12, noNaN: true }).map((value) => epochMs(value + 0)),
    lane: fc.option(wellFormed),
    labels: fc.array(fc.tuple(key, anyString), { maxLength: 3 }).map((entries): Record<string, string> => Object.fromEntries(entries)),
    request: fc.record(
      { method: latin1.map((text) => `M${text}`), target: latin1, version: fc.constantFrom("1.0", "1.1", "2"), headers, body, trailers },
      { requiredKeys: ["method", "target", "version", "headers", "body"] },
    ),
    outcome: anyOutcome,
    inclusion: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    extra,
  },
  { requiredKeys: ["id", "at", "lane", "labels", "request", "outcome"] },
);

const trial: fc.Arbitrary<Trial> = fc.record({ outcome: anyOutcome, sentTarget: latin1 }, { requiredKeys: ["outcome"] });

const anyDependence: fc.Arbitrary<FindingDependence> = fc.record({
  finding: anyString,
  class: fc.constantFrom("deterministic", "sequence", "concurrency", "flaky", "unclassified"),
  shown: fc.nat(),
  runs: fc.nat(),
  control: fc.nat(),
  requests: fc.array(fc.record({ exchange: anyString, method: latin1, target: latin1, after: fc.option(span) }), { maxLength: 2 }),
  minimal: fc.boolean(),
  within: fc.option(span),
  sends: fc.nat(),
  recording: fc.option(anyString),
  curl: fc.array(anyString, { maxLength: 2 }),
});

export const anyEntry: fc.Arbitrary<RunEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("observation" as const),
    observation: fc.record(
      {
        exchange: anyExchange,
        candidate: fc.option(trial),
        controls: fc.array(trial, { maxLength: 2 }),
        notComparable: fc.constantFrom<NotComparableReason>("capped", "primary_abort", "unpaired"),
        afterGap: fc.boolean(),
      },
      { requiredKeys: ["exchange", "candidate", "controls"] },
    ),
  }),
  fc.record({
    kind: fc.constant("probe" as const),
    probe: fc.record({
      exchangeId: anyString,
      control: fc.array(anyOutcome, { maxLength: 2 }),
      candidate: fc.array(anyOutcome, { maxLength: 2 }),
      freshState: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant("dependence" as const), dependence: anyDependence }),
);
