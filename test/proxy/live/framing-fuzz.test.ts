/** The framing scan under bytes that nobody means: it never throws or hangs, says the same wherever they are cut, and
 * looks at each of them a bounded number of times. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerScanner, type FramingSink, RequestScanner, type StopReason } from "../../../proxy/live/framing.ts";
import { type HeadKind, HeadView } from "../../../proxy/live/head-view.ts";
import { scanAnswers, scanRequests } from "./framing-log.ts";
import { answerCases, requestCases } from "./http-corpus.ts";
import { mutated } from "./mutated.ts";
import { segmented } from "./segmented.ts";

const mutations = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 });
const mutatedCase = fc
  .tuple(fc.constantFrom(...requestCases.map(({ raw }) => raw), ...answerCases.map(({ raw }) => raw)), mutations)
  .map(([raw, changes]) => mutated(raw, changes));
const randomBytes = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
/** Random bytes of the alphabet that the scan's states know. */
const telling = fc
  .array(fc.constantFrom("\r\n", "\r\n", "\r", "\n", "0", "1", "a", ";", "=", '"', "\\", ":", " ", "GET / HTTP/1.1", "HTTP/1.1 200 OK"), {
    maxLength: 60,
  })
  .chain((words) =>
    fc.constantFrom("", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").map((start) => Buffer.from(start + words.join(""))),
  );
const anyBytes = fc.oneof(mutatedCase, mutatedCase, randomBytes, telling);
const cuts = fc.array(fc.nat(), { maxLength: 12, size: "max" });
const numRuns = 5000;

describe("either scan, on arbitrary bytes", () => {
  it("says the same wherever they are cut, and never throws", () => {
    fc.assert(
      fc.property(anyBytes, cuts, fc.constantFrom("ordinary", "to-head", "to-connect", "to-upgrade"), (bytes, at, context) => {
        const pieces = segmented(bytes, at);
        expect(scanRequests(pieces)).toEqual(scanRequests([bytes]));
        expect(scanAnswers(pieces, [context])).toEqual(scanAnswers([bytes], [context]));
      }),
      { numRuns },
    );
  });
});

/** Counts the bytes that heads were parsed from. */
class CountingView extends HeadView {
  parsed = 0;

  override parse(buffer: Buffer, start: number, limit: number, kind: HeadKind): number {
    this.parsed += limit - start;
    return super.parse(buffer, start, limit, kind);
  }
}

class CountingSink implements FramingSink {
  ended = 0;
  payload = 0;
  reason: StopReason | null = null;
  begin(): void {}
  head(): void {}
  informational(): void {}
  trailers(): void {}
  data(_source: Buffer, start: number, end: number): void {
    this.payload += end - start;
  }
  end(): void {
    this.ended++;
  }
  stopped(reason: StopReason): void {
    this.reason = reason;
  }
}

function pushByteByByte(scanner: { push(chunk: Buffer): void }, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at++) scanner.push(bytes.subarray(at, at + 1));
}

const million = 1_000_000;
const longHead = Buffer.from(`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(10_000)}\r\n`);
/** A head that arrives in pieces is tried when the first one comes, and read when it is whole. */
const readingsOfAHead = 2;

describe("either scan, byte by byte", () => {
  it("parses a head of 60 KB twice at most", () => {
    const view = new CountingView();
    const sink = new CountingSink();
    pushByteByByte(new RequestScanner(sink, view), longHead);
    expect(sink).toMatchObject({ ended: 1, reason: null });
    expect(view.parsed).toBeLessThanOrEqual(readingsOfAHead * longHead.length);
  });

  it("parses trailers of 60 KB twice at most", () => {
    const view = new CountingView();
    const sink = new CountingSink();
    const scanner = new AnswerScanner(sink, view, () => "ordinary");
    scanner.push(Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"));
    view.parsed = 0;
    const trailers = Buffer.from(`${"A: b\r\n".repeat(10_000)}\r\n`);
    pushByteByByte(scanner, trailers);
    expect(sink).toMatchObject({ ended: 1, reason: null });
    expect(view.parsed).toBeLessThanOrEqual(readingsOfAHead * trailers.length);
  });

  it("gives up a head that does not end after 64 KiB, having parsed it twice at most", () => {
    const view = new CountingView();
    const sink = new CountingSink();
    const endless = Buffer.concat([Buffer.from("GET / HTTP/1.1\r\nA: "), Buffer.alloc(million, "a")]);
    pushByteByByte(new RequestScanner(sink, view), endless);
    expect(sink.reason).toBe("head_too_large");
    const limit = 64 * 1024;
    expect(view.parsed).toBeLessThanOrEqual(readingsOfAHead * (limit + 1));
  });

  it.each([
    ["a body with a length", `Content-Length: ${million}\r\n\r\n`, Buffer.alloc(million, "a"), million],
    [
      "chunks of one byte",
      "Transfer-Encoding: chunked\r\n\r\n",
      Buffer.concat([Buffer.alloc(6 * 150_000, "1\r\na\r\n"), Buffer.from("0\r\n\r\n")]),
      150_000,
    ],
  ])("reads %s without parsing anything again", (_, framing, rest, payload) => {
    const view = new CountingView();
    const sink = new CountingSink();
    const scanner = new RequestScanner(sink, view);
    const head = Buffer.from(`POST / HTTP/1.1\r\n${framing}`);
    scanner.push(head);
    pushByteByByte(scanner, rest);
    expect(sink).toMatchObject({ ended: 1, payload, reason: null });
    const emptyTrailers = 4;
    expect(view.parsed).toBeLessThanOrEqual(head.length + emptyTrailers);
  });

  it("skips a million empty lines and keeps nothing of them", () => {
    const view = new CountingView();
    const sink = new CountingSink();
    const scanner = new RequestScanner(sink, view);
    pushByteByByte(scanner, Buffer.alloc(million, "\r\n"));
    expect(view.parsed).toBe(0);
    scanner.push(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    expect(sink).toMatchObject({ ended: 1, reason: null });
  });
});
