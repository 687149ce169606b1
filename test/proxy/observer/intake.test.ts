import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytes, epochMs, monotonicMs, ratio } from "../../../model/units.ts";
import { handoverVersion } from "../../../proxy/handover/messages.ts";
import type { Disposition } from "../../../proxy/handover/reasons.ts";
import {
  type AbandonedExchange,
  type CapturedExchange,
  type CapturedRequest,
  Intake,
  type IntakeOptions,
} from "../../../proxy/observer/intake.ts";

interface Log {
  readonly requests: CapturedRequest[];
  readonly exchanges: CapturedExchange[];
  readonly abandoned: AbandonedExchange[];
  readonly disposed: [number, Disposition][];
}

function started(options: Partial<IntakeOptions> = {}): { intake: Intake; log: Log } {
  const log: Log = { requests: [], exchanges: [], abandoned: [], disposed: [] };
  const intake = new Intake({
    listener: {
      requestComplete: (captured) => log.requests.push(captured),
      exchangeComplete: (captured) => log.exchanges.push(captured),
      abandoned: (abandoned) => log.abandoned.push(abandoned),
    },
    labels: { service: "shop" },
    dispose: (sequence, disposition) => log.disposed.push([sequence, disposition]),
    ...options,
  });
  intake.receive({ kind: "hello", version: handoverVersion, epoch: "e1" });
  return { intake, log };
}

function begin(intake: Intake, sequence: number, head = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"): void {
  intake.receive({
    kind: "request-head",
    sequence,
    connection: 7,
    index: 0,
    at: epochMs(1000),
    monotonic: monotonicMs(50),
    inclusion: ratio(0.5),
    lane: "ab",
    head: Buffer.from(head, "latin1"),
  });
}

const answerHead = Buffer.from(
  "HTTP/1.1 404 Not  Found\r\nSet-Cookie: a\r\nset-cookie:\tb \r\nX-Empty:\r\nX-Obs: \xa0\xe9\r\n\r\n",
  "latin1",
);

describe("the intake", () => {
  it("keeps the trailers of request and answer, and has none where none came", () => {
    const { intake, log } = started();
    const section = (text: string): Buffer => Buffer.from(`${text}\r\n\r\n`, "latin1");
    begin(intake, 1);
    intake.receive({ kind: "request-trailers", sequence: 1, section: section("X-Sum:  1\r\nx-sum: \xe9") });
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(55) });
    intake.receive({ kind: "answer-head", sequence: 1, monotonic: monotonicMs(60), head: answerHead });
    intake.receive({ kind: "answer-trailers", sequence: 1, section: section("Digest:") });
    intake.receive({ kind: "answer-end", sequence: 1, monotonic: monotonicMs(61) });
    begin(intake, 2);
    intake.receive({ kind: "request-end", sequence: 2, monotonic: monotonicMs(55) });
    const both = [
      ["X-Sum", "1"],
      ["x-sum", "\xe9"],
    ];
    expect(log.requests.map(({ request }) => request.trailers)).toEqual([both, undefined]);
    expect(log.requests.map(({ request }) => Object.hasOwn(request, "trailers"))).toEqual([true, false]);
    expect(log.exchanges.map(({ exchange }) => exchange)).toMatchObject([
      { request: { trailers: both }, outcome: { answer: { trailers: [["Digest", ""]] } } },
    ]);
  });

  it("builds an exchange with everything as it was on the wire", () => {
    const { intake, log } = started();
    begin(intake, 1, "PUT /a?b HTTP/1.0\r\nhOst: x\r\n\r\n");
    intake.receive({ kind: "request-data", sequence: 1, bytes: Buffer.from("ab") });
    intake.receive({ kind: "request-data", sequence: 1, bytes: Buffer.from("c") });
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(55) });
    const request = {
      method: "PUT",
      target: "/a?b",
      version: "1.0",
      headers: [["hOst", "x"]],
      body: { kind: "whole", bytes: Buffer.from("abc") },
    };
    expect(log.requests).toEqual([
      { sequence: 1, id: "e1-1", at: 1000, lane: "ab", connection: "e1-7", labels: { service: "shop" }, request, inclusion: 0.5 },
    ]);
    intake.receive({ kind: "answer-head", sequence: 1, monotonic: monotonicMs(60), head: answerHead });
    intake.receive({ kind: "answer-end", sequence: 1, monotonic: monotonicMs(62.5) });
    const headers = [
      ["Set-Cookie", "a"],
      ["set-cookie", "b"],
      ["X-Empty", ""],
      ["X-Obs", "\xa0\xe9"],
    ];
    const answer = { status: 404, reason: "Not  Found", headers, body: { kind: "none" } };
    expect(log.exchanges).toEqual([
      {
        sequence: 1,
        endedAt: 1012.5,
        exchange: {
          id: "e1-1",
          at: 1000,
          lane: "ab",
          connection: "e1-7",
          labels: { service: "shop" },
          request,
          outcome: { kind: "answered", answer, firstByteMs: 10, tookMs: 12.5 },
          inclusion: 0.5,
        },
      },
    ]);
    expect(intake.open).toBe(0);
  });

  it("completes when the request ends after its answer", () => {
    const { intake, log } = started();
    begin(intake, 1);
    intake.receive({ kind: "answer-head", sequence: 1, monotonic: monotonicMs(60), head: answerHead });
    intake.receive({ kind: "answer-end", sequence: 1, monotonic: monotonicMs(61) });
    expect(log.exchanges).toEqual([]);
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(99) });
    expect(log.exchanges).toMatchObject([{ exchange: { outcome: { kind: "answered", tookMs: 11 } } }]);
  });

  it.each([
    ["client_abort", false, "aborted"],
    ["client_abort", true, "aborted"],
    ["primary_abort", true, "truncated"],
    ["primary_abort", false, "reset"],
  ] as const)("turns %s (answer begun: %s) after a whole request into the outcome %s", (reason, answerBegun, kind) => {
    const { intake, log } = started();
    begin(intake, 1);
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(51) });
    if (answerBegun) intake.receive({ kind: "answer-head", sequence: 1, monotonic: monotonicMs(60), head: answerHead });
    intake.receive({ kind: "abort", sequence: 1, monotonic: monotonicMs(80), reason });
    expect(log.exchanges).toMatchObject([{ endedAt: 1030, exchange: { outcome: { kind, tookMs: 30 } } }]);
  });

  it("abandons an exchange whose request stays unfinished or that the live process gives up", () => {
    const { intake, log } = started();
    begin(intake, 1);
    intake.receive({ kind: "abort", sequence: 1, monotonic: monotonicMs(80), reason: "client_abort" });
    begin(intake, 2);
    intake.receive({ kind: "request-end", sequence: 2, monotonic: monotonicMs(80) });
    intake.receive({ kind: "abort", sequence: 2, monotonic: monotonicMs(80), reason: "budget" });
    expect(log.exchanges).toEqual([]);
    expect(log.abandoned).toEqual([
      { sequence: 1, id: "e1-1", reason: "client_abort" },
      { sequence: 2, id: "e1-2", reason: "budget" },
    ]);
  });

  it("keeps length, hash, first and last part of a body over the cap", () => {
    const { intake, log } = started({ bodyCap: bytes(300_000) });
    const body = Buffer.from(Array.from({ length: 500_001 }, (_, index) => index % 251));
    begin(intake, 1);
    for (let at = 0; at < body.length; at += 70_000)
      intake.receive({ kind: "request-data", sequence: 1, bytes: body.subarray(at, at + 70_000) });
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(51) });
    expect(log.requests[0]?.request.body).toEqual({
      kind: "capped",
      length: body.length,
      sha256: createHash("sha256").update(body).digest("hex"),
      head: body.subarray(0, 65_536),
      tail: body.subarray(-65_536),
    });
  });

  it("keeps a body of exactly the cap whole", () => {
    const { intake, log } = started({ bodyCap: bytes(4) });
    begin(intake, 1);
    intake.receive({ kind: "request-data", sequence: 1, bytes: Buffer.from("abcd") });
    intake.receive({ kind: "request-end", sequence: 1, monotonic: monotonicMs(51) });
    expect(log.requests[0]?.request.body.kind).toBe("whole");
  });

  it("gives up what would pass its memory bound and says so", () => {
    const { intake, log } = started({ memoryBudget: bytes(10) });
    begin(intake, 1);
    begin(intake, 2);
    intake.receive({ kind: "request-data", sequence: 1, bytes: Buffer.alloc(8) });
    intake.receive({ kind: "request-data", sequence: 2, bytes: Buffer.alloc(8) });
    expect(log.abandoned).toEqual([{ sequence: 2, id: "e1-2", reason: "observer_budget" }]);
    expect(log.disposed).toEqual([
      [2, { part: "record", result: "observer_budget" }],
      [2, { part: "mirror", result: "observer_budget" }],
    ]);
    intake.receive({ kind: "request-end", sequence: 2, monotonic: monotonicMs(51) });
    begin(intake, 3);
    intake.receive({ kind: "request-data", sequence: 3, bytes: Buffer.alloc(2) });
    expect(intake.open).toBe(2);
  });

  it("abandons what is open when the live process ends", () => {
    const { intake, log } = started();
    begin(intake, 1);
    intake.end();
    expect(log.abandoned).toEqual([{ sequence: 1, id: "e1-1", reason: "observer_lost" }]);
  });
});
