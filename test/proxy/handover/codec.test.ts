import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochMs, monotonicMs, ratio } from "../../../model/units.ts";
import { HandoverError, MessageDecoder } from "../../../proxy/handover/message-decoder.ts";
import { MessageWriter } from "../../../proxy/handover/message-writer.ts";
import { type HandoverMessage, handoverVersion, type LiveMessage } from "../../../proxy/handover/messages.ts";
import { type Disposition, dropReasons, mirrorDropReasons, recordDropReasons } from "../../../proxy/handover/reasons.ts";
import { encodeDisposition, encodeHeartbeat, encodeReady } from "../../../proxy/handover/reply-writer.ts";

const sequence = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const time = fc.double({ min: 0, max: 4e12, noNaN: true });
const text = fc.stringMatching(/^[0-9a-f-]{0,30}$/);
const small = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const big = fc.integer({ min: 4000, max: 300_000 }).map((size) => Buffer.alloc(size, "abcdefg"));
const payload = fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: big });
const head = fc.oneof(
  small,
  fc.integer({ min: 4000, max: 65_536 }).map((size) => Buffer.alloc(size, "h")),
);

const message: fc.Arbitrary<LiveMessage> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), version: fc.constant(handoverVersion), epoch: text }),
  fc.record({
    kind: fc.constant("request-head" as const),
    sequence,
    connection: sequence,
    index: fc.nat({ max: 2 ** 32 - 1 }),
    at: time.map(epochMs),
    monotonic: time.map(monotonicMs),
    inclusion: fc.double({ min: 0, max: 1, noNaN: true }).map(ratio),
    lane: text,
    head,
  }),
  fc.record({ kind: fc.constantFrom("request-data" as const, "answer-data" as const), sequence, bytes: payload }),
  fc.record({ kind: fc.constantFrom("request-trailers" as const, "answer-trailers" as const), sequence, section: head }),
  fc.record({ kind: fc.constantFrom("request-end" as const, "answer-end" as const), sequence, monotonic: time.map(monotonicMs) }),
  fc.record({ kind: fc.constant("answer-head" as const), sequence, monotonic: time.map(monotonicMs), head }),
  fc.record({ kind: fc.constant("abort" as const), sequence, monotonic: time.map(monotonicMs), reason: fc.constantFrom(...dropReasons) }),
  fc.constant({ kind: "heartbeat" as const }),
  fc.record({ kind: fc.constant("counters" as const), snapshot: fc.json().map((json) => json.replace(/[^ -~]/g, "")) }),
);

function write(writer: MessageWriter, one: LiveMessage): void {
  switch (one.kind) {
    case "hello":
      return writer.hello(one.epoch);
    case "request-head":
      return writer.requestHead(one, Buffer.from(one.head), 0, one.head.length);
    case "request-data":
      return writer.requestData(one.sequence, Buffer.from(one.bytes), 0, one.bytes.length);
    case "request-trailers":
      return writer.requestTrailers(one.sequence, Buffer.from(one.section));
    case "answer-trailers":
      return writer.answerTrailers(one.sequence, Buffer.from(one.section));
    case "request-end":
      return writer.requestEnd(one.sequence, one.monotonic);
    case "answer-head":
      return writer.answerHead(one.sequence, one.monotonic, Buffer.from(one.head), 0, one.head.length);
    case "answer-data":
      return writer.answerData(one.sequence, Buffer.from(one.bytes), 0, one.bytes.length);
    case "answer-end":
      return writer.answerEnd(one.sequence, one.monotonic);
    case "abort":
      return writer.abort(one.sequence, one.monotonic, one.reason);
    case "heartbeat":
      return writer.heartbeat();
    case "counters":
      return writer.counters(one.snapshot);
    default:
      return one satisfies never;
  }
}

/** Data messages are split on the way; joined again they must be what was sent. */
function joined(messages: readonly HandoverMessage[], parts: readonly HandoverMessage[]): HandoverMessage[] {
  const out: HandoverMessage[] = [];
  let used = 0;
  for (const expected of messages) {
    const first = parts[used++];
    if (first === undefined) break;
    if (expected.kind !== "request-data" && expected.kind !== "answer-data") {
      out.push(first);
      continue;
    }
    let bytes = Buffer.alloc(0);
    for (let part: HandoverMessage | undefined = first; part?.kind === expected.kind; part = parts[used++]) {
      bytes = Buffer.concat([bytes, part.bytes]);
      if (bytes.length >= expected.bytes.length) break;
    }
    out.push({ ...expected, bytes });
  }
  expect(used).toBe(parts.length);
  return out;
}

function decode(bytes: Buffer, step: number): HandoverMessage[] {
  const out: HandoverMessage[] = [];
  const decoder = new MessageDecoder((one) => out.push(one));
  for (let at = 0; at < bytes.length; at += step) decoder.push(bytes.subarray(at, at + step));
  return out;
}

describe("the hand-over codec", () => {
  it("gives back every message of the live process, whatever way the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), fc.constantFrom(1, 3, 1000, 65_536), (messages, step) => {
        const written: Buffer[] = [];
        const writer = new MessageWriter((bytes) => written.push(bytes));
        for (const one of messages) write(writer, one);
        writer.flush();
        expect(writer.staged).toBe(0);
        expect(joined(messages, decode(Buffer.concat(written), step))).toEqual(messages);
      }),
      { numRuns: 150 },
    );
  });

  it("gives back every answer of the observer", () => {
    const dispositions: Disposition[] = [
      ...(["done", ...mirrorDropReasons] as const).map((result) => ({ part: "mirror" as const, result })),
      ...(["done", ...recordDropReasons] as const).map((result) => ({ part: "record" as const, result })),
    ];
    const bytes = Buffer.concat([
      encodeReady(),
      encodeHeartbeat(),
      ...dispositions.map((each, index) => encodeDisposition(2 ** 40 + index, each)),
    ]);
    const expected = dispositions.map((disposition, index) => ({ kind: "disposition", sequence: 2 ** 40 + index, disposition }));
    expect(decode(bytes, 7)).toEqual([{ kind: "ready" }, { kind: "heartbeat" }, ...expected]);
  });

  it.each([
    ["an endless message", Buffer.from([0xff, 0xff, 0xff, 0xff, 1])],
    ["an empty message", Buffer.from([0, 0, 0, 0])],
    ["an unknown type", Buffer.from([1, 0, 0, 0, 99])],
    ["a message that is too short", Buffer.from([2, 0, 0, 0, 4, 1])],
    ["an unknown reason", Buffer.from([18, 0, 0, 0, 8, ...Array.from({ length: 16 }, () => 0), 200])],
  ])("refuses %s", (_, bytes) => {
    expect(() => decode(bytes, 100)).toThrow(HandoverError);
  });
});
