/** The framing scan against cases of public parsers, cut at every byte. */

import { describe, expect, it } from "vitest";
import { everyCut, scanAnswers, scanningRequests, scanRequests } from "./framing-log.ts";
import { type AnswerCase, answerCases, requestCases } from "./http-corpus.ts";

const raw = (text: string): Buffer => Buffer.from(text, "latin1");

/** Refused by a server for what a request means, not for where it ends: the scan may read them. */
const notAboutFraming = new Set([
  "invalid.md:68", // ANNOUNCE belongs to RTSP
  "invalid.md:358", // unknown method
  "uri.md:150", // octets over 0x7f in the target
  "RFC9110-5.4-DUPLICATE-HOST",
  "COMP-DUPLICATE-HOST-SAME",
  "COMP-HOST-WITH-USERINFO",
  "COMP-HOST-WITH-PATH",
  "COMP-ASTERISK-WITH-GET",
  "COMP-HOST-EMPTY-VALUE",
  "COMP-TRACE-WITH-BODY",
  "COMP-UNKNOWN-METHOD",
  "SMUG-MULTIPLE-HOST-COMMA",
]);

/** Taken by some parsers, and read strictly here: HTTP/0.9, another protocol, or a transfer coding besides chunked. */
const strictHere = new Set([
  "sample.md:316",
  "method.md:374",
  "method.md:404",
  "method.md:432",
  "transfer-encoding.md:753",
  "transfer-encoding.md:795",
]);

describe("the request scan on public cases", () => {
  const accepted = requestCases.filter((each) => each.expect === "accept" && !strictHere.has(each.id));
  const rejected = requestCases.filter((each) => each.expect === "reject" && !notAboutFraming.has(each.id));

  it("reads every request that must be accepted", () => {
    const problems = accepted.filter((each) => {
      const log = scanRequests([Buffer.from(each.raw, "base64")]);
      return log.stopped !== null || log.messages.length === 0;
    });
    expect(problems.map((each) => each.id)).toEqual([]);
  });

  it("reports no request as whole and well framed that must be refused", () => {
    const problems = rejected.filter((each) => {
      const log = scanRequests([Buffer.from(each.raw, "base64")]);
      return log.stopped === null && log.messages.every((message) => message.complete) && log.messages.length > 0;
    });
    expect(problems.map((each) => each.id)).toEqual([]);
  });

  it("reads none of the ones that it reads more strictly than their suite", () => {
    for (const id of strictHere) {
      const found = requestCases.find((each) => each.id === id);
      expect(scanRequests([Buffer.from(found?.raw ?? "", "base64")]).stopped, id).not.toBeNull();
    }
  });

  it("says the same wherever the bytes are cut", () => {
    for (const each of requestCases) {
      const bytes = Buffer.from(each.raw, "base64");
      const whole = scanRequests([bytes]);
      for (const pieces of everyCut(bytes)) expect(scanRequests(pieces), each.id).toEqual(whole);
    }
  });
});

/** Taken by llhttp, and read strictly here: other protocols and versions, other transfer codings. */
const strictAnswers = new Set([
  "sample.md:42", // RTSP
  "sample.md:62", // ICE
  "sample.md:647", // HTTP/0.9
  "transfer-encoding.md:45",
  "transfer-encoding.md:76",
  "transfer-encoding.md:114",
]);

describe("the answer scan on public cases", () => {
  const contextOf = (each: AnswerCase): Parameters<typeof scanAnswers>[1] =>
    each.id === "content-length.md:125" ? ["to-head"] : each.expect === "other" ? ["to-upgrade"] : ["ordinary"];

  it("finds the messages that llhttp finds", () => {
    for (const each of answerCases.filter((one) => one.expect !== "error" && !strictAnswers.has(one.id))) {
      const log = scanAnswers([Buffer.from(each.raw, "base64")], contextOf(each));
      const ascending = (a: number, b: number): number => a - b;
      const statuses = [...log.messages.map((message) => message.status), ...log.informational].sort(ascending);
      expect(statuses, each.id).toEqual([...each.statuses].sort(ascending));
      expect(log.stopped, each.id).toBe(each.expect === "other" ? "tunnel" : null);
    }
  });

  it("stops at every answer that must be refused, and at those it reads more strictly", () => {
    for (const each of answerCases.filter((one) => one.expect === "error" || strictAnswers.has(one.id))) {
      const log = scanAnswers([Buffer.from(each.raw, "base64")], contextOf(each));
      const partial = log.messages.length === 0 || !log.messages.every((message) => message.complete);
      expect(log.stopped !== null || partial, each.id).toBe(true);
    }
  });

  it("says the same wherever the bytes are cut", () => {
    for (const each of answerCases) {
      const bytes = Buffer.from(each.raw, "base64");
      const whole = scanAnswers([bytes], contextOf(each));
      for (const pieces of everyCut(bytes)) expect(scanAnswers(pieces, contextOf(each)), each.id).toEqual(whole);
    }
  });
});

describe("the request scan", () => {
  it.each([
    ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["a length and chunked", "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["chunked twice", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"],
    ["chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a folded line", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"],
    ["a bare line feed", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n"],
    ["a bare carriage return", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n"],
    ["a NUL", "GET / HTTP/1.1\r\nA: b\0\r\n\r\n"],
    ["white space before the colon", "GET / HTTP/1.1\r\nA : b\r\n\r\n"],
    ["a chunk size with a space", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n"],
    ["a chunk that is longer than its size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"],
    ["a chunk that ends in a bare carriage return", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\rX0\r\n\r\n"],
    ["a chunk size that ends in a bare carriage return", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\rXa\r\n0\r\n\r\n"],
    ["a chunk size beyond exact integers", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n"],
    ["a quoted extension that does not end", 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a="b\r\na\r\n0\r\n\r\n'],
    ["an extension without a name", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;=b\r\na\r\n0\r\n\r\n"],
    ["a bare line feed in trailers", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\nC: d\r\n\r\n"],
    ["bytes after Connection: close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n"],
    [
      "bytes after an Upgrade request that is not answered",
      "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ],
  ])("stops at %s", (_, text) => {
    expect(scanRequests([raw(text)]).stopped).toBe("ambiguous_framing");
  });

  it("tells HTTP/2 and other protocols from bad HTTP/1", () => {
    expect(scanRequests([raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]).stopped).toBe("http2");
    expect(scanRequests([raw("\x16\x03\x01\x02\x00\x01")]).stopped).toBe("not_http");
    expect(scanRequests([raw("SSH-2.0-OpenSSH_9.6\r\n")]).stopped).toBe("not_http");
  });

  it("stops at a bare line feed at once, also in a head that comes in pieces", () => {
    const scanner = scanningRequests();
    for (const piece of ["GET / HTTP/1.1\r\nA: b", "\n"]) scanner.push(raw(piece));
    expect(scanner.isStopped).toBe(true);
  });

  it("stops at a head over the limit, in one piece and in many", () => {
    const long = raw(`GET / HTTP/1.1\r\nA: ${"x".repeat(70_000)}\r\n\r\n`);
    expect(scanRequests([long]).stopped).toBe("head_too_large");
    const pieces = Array.from({ length: 71 }, (_, index) => long.subarray(index * 1000, (index + 1) * 1000));
    expect(scanRequests(pieces).stopped).toBe("head_too_large");
  });
});

describe("the answer scan", () => {
  it("gives no body to answers of HEAD, 204 and 304, and takes 1xx as interim", () => {
    const text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    const log = scanAnswers(
      [raw(`${text}HTTP/1.1 204 No\r\n\r\nHTTP/1.1 304 Same\r\nContent-Length: 4\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi`)],
      ["to-head", "ordinary"],
    );
    expect(log.stopped).toBeNull();
    expect(log.informational).toEqual([100, 103]);
    expect(log.messages.map(({ status, body, complete }) => [status, body, complete])).toEqual([
      [200, "", true],
      [204, "", true],
      [304, "", true],
      [200, "hi", true],
    ]);
  });

  it("ends a body without length with the connection", () => {
    const log = scanAnswers([raw("HTTP/1.1 200 OK\r\n\r\nabc"), raw("def")]);
    expect(log.messages).toMatchObject([{ body: "abcdef", complete: true }]);
  });

  it("stops at an answer that nobody asked for", () => {
    expect(scanAnswers([raw("HTTP/1.1 408 Timeout\r\n\r\n")], [null]).stopped).toBe("ambiguous_framing");
  });

  it("becomes a tunnel with 101 to whoever asked, HEAD too, and with nothing else", () => {
    const switching = raw("HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\nxyz");
    for (const context of ["to-upgrade", "to-upgrading-head"] as const) {
      expect(scanAnswers([switching], [context])).toMatchObject({
        stopped: "tunnel",
        messages: [{ status: 101, body: "", complete: true }],
      });
    }
    for (const context of ["ordinary", "to-head", "to-connect"] as const) {
      expect(scanAnswers([switching], [context])).toMatchObject({ stopped: "ambiguous_framing", messages: [] });
    }
    const declined = raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    expect(scanAnswers([declined], ["to-upgrading-head"])).toMatchObject({ stopped: null, messages: [{ body: "", complete: true }] });
    expect(scanAnswers([declined], ["to-upgrade"])).toMatchObject({ stopped: null, messages: [{ complete: false }] });
  });

  it("becomes a tunnel with 2xx to CONNECT only", () => {
    expect(scanAnswers([raw("HTTP/1.1 200 OK\r\n\r\nxyz")], ["to-connect"])).toMatchObject({
      stopped: "tunnel",
      messages: [{ body: "", complete: true }],
    });
    expect(scanAnswers([raw("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")], ["to-connect"])).toMatchObject({
      stopped: null,
      messages: [{ body: "no" }],
    });
  });
});

describe("a trailer section that came in pieces and is not finished", () => {
  it("is as wrong as it would have been in one piece", () => {
    const bytes = Buffer.from("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nVary: *\r\nbad name: x");
    const cut = bytes.length - 3;
    expect(scanRequests([bytes.subarray(0, cut - 12), bytes.subarray(cut - 12, cut), bytes.subarray(cut)])).toEqual(scanRequests([bytes]));
    expect(scanRequests([bytes]).stopped).toBe("ambiguous_framing");
  });
});
