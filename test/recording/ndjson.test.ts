import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PenumbraError } from "../../model/errors.ts";
import { decodeExchange, encodeExchange } from "../../recording/ndjson.ts";
import { anyExchange } from "./arbitraries.ts";
import { plain, plainExchange, text } from "./examples.ts";

const line = (changes: object = {}): string =>
  JSON.stringify({ id: "a", at: 1, request: { method: "GET", target: "/", headers: [] }, outcome: { kind: "refused" }, ...changes });

function problemOf(input: string, lineNumber = 7): PenumbraError {
  try {
    decodeExchange(input, lineNumber);
  } catch (error) {
    if (error instanceof PenumbraError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("an NDJSON line", () => {
  it("comes back as the exchange it was made of, whatever that holds", () => {
    fc.assert(
      fc.property(anyExchange, (exchange) => {
        const encoded = encodeExchange(exchange);
        expect(encoded).not.toContain("\n");
        expect(plain(decodeExchange(encoded, 1))).toEqual(plain(exchange));
      }),
      { numRuns: 300 },
    );
  });

  it("has the documented form", () => {
    const exchange = plainExchange({ lane: "cookie:1", labels: { instance: "a" } });
    expect(JSON.parse(encodeExchange(exchange))).toEqual({
      id: "a1",
      at: 1763798400000.125,
      lane: "cookie:1",
      labels: { instance: "a" },
      request: { method: "GET", target: "/", version: "1.1", headers: [["Host", "shop"]], body: null },
      outcome: { kind: "answered", status: 200, reason: "OK", headers: [], body: null, firstByteMs: 3.2, tookMs: 4.1 },
    });
  });

  it("has trailers where there were some, and only there", () => {
    const trailers = [["X-Sum", "1"]] as const;
    const { request, outcome } = plainExchange();
    const exchange = { ...plainExchange(), request: { ...request, trailers } };
    expect(JSON.parse(encodeExchange(exchange))).toMatchObject({ request: { trailers } });
    expect(decodeExchange(encodeExchange(exchange), 1)).toEqual(exchange);
    expect(encodeExchange(plainExchange())).not.toContain("trailers");
    expect(decodeExchange(line({ outcome: { kind: "answered", status: 200, headers: [], trailers: [] } }), 1).outcome).not.toHaveProperty(
      "answer.trailers",
    );
    expect(() => decodeExchange(line({ outcome: { ...outcome, status: 200, headers: [], trailers: [["a"]] } }), 1)).toThrow(
      "outcome.trailers[0] must be [name, value]",
    );
  });

  it("is accepted without lane, labels, times, version, reason and body", () => {
    const exchange = decodeExchange(line({ outcome: { kind: "answered", status: 204, headers: [] } }), 1);
    expect(exchange).toMatchObject({ lane: null, labels: {}, request: { version: "1.1", body: { kind: "none" } } });
    expect(exchange.outcome).toEqual({
      kind: "answered",
      answer: { status: 204, reason: "", headers: [], body: { kind: "none" } },
      firstByteMs: 0,
      tookMs: 0,
    });
  });

  it("keeps unknown keys at the level where they stood, with the spelling of their numbers", () => {
    const input =
      '{"id":"a","at":1.0,"__proto__":{"x":1.0},"big":12345678901234567890,"request":{"method":"GET","target":"/","headers":[],"hint":-0,"body":{"text":"","was":[1e2]}},"outcome":{"kind":"reset","tookMs":2,"firstByteMs":1.50}}';
    const encoded = encodeExchange(decodeExchange(input, 1));
    expect(encoded).toContain('"__proto__":{"x":1.0}');
    expect(encoded).toContain('"big":12345678901234567890');
    expect(encoded).toContain('"hint":-0');
    expect(encoded).toContain('"was":[1e2]');
    expect(encoded).toContain('"firstByteMs":1.50');
    expect(encodeExchange(decodeExchange(encoded, 1))).toBe(encoded);
  });

  it("holds a body as text only when its bytes are UTF-8", () => {
    const request = { ...plainExchange().request, body: { kind: "whole" as const, bytes: Uint8Array.of(0xc3) } };
    expect(JSON.parse(encodeExchange(plainExchange({ request }))).request.body).toEqual({ base64: "ww==" });
    const marked = { ...request, body: text("\ufeffé") };
    expect(JSON.parse(encodeExchange(plainExchange({ request: marked }))).request.body).toEqual({ text: "\ufeffé" });
  });

  it.each([
    ["{", "line 7: not JSON at position 1"],
    ["[]", "line 7: it must be an object, not an array"],
    [line({ id: 3 }), "line 7: id must be a string, not a number"],
    [line({ id: "" }), "line 7: id must be a string that is not empty"],
    [line({ id: "\ud800" }), "line 7: id must be well-formed Unicode"],
    [line({ at: "now" }), "line 7: at must be a number, not a string"],
    [line({ labels: { a: 1 } }), "line 7: labels must be an object of strings, not an object"],
    [line({ request: undefined }), "line 7: request must be an object, not nothing"],
    [line({ request: { method: "GET", target: "/", headers: [["a"]] } }), "line 7: request.headers[0] must be [name, value]"],
    [
      line({ request: { method: "GET", target: "/", headers: [["a", "\u0100"]] } }),
      "line 7: request.headers[0] must be Latin-1 (one character a byte)",
    ],
    [line({ request: { method: "GET", target: "/", headers: [], body: "x" } }), "line 7: request.body must be an object, not a string"],
    [
      line({ request: { method: "GET", target: "/", headers: [], body: { base64: "a" } } }),
      "line 7: request.body.base64 must be padded base64 (RFC 4648 §4)",
    ],
    [
      line({ request: { method: "GET", target: "/", headers: [], body: { text: "", base64: "" } } }),
      "line 7: request.body must be null or have exactly one of text, base64, or length with sha256, head and tail",
    ],
    [line({ outcome: { kind: "lost" } }), /^line 7: outcome\.kind must be one of answered, timed-out, /],
    [line({ outcome: { kind: "answered", status: 20, headers: [] } }), "line 7: outcome.status must be from 100 to 999"],
    [line({ inclusion: 0 }), "line 7: inclusion must be a probability above 0 and up to 1"],
  ])("that is wrong is refused in one line that names the place: %s", (input, message) => {
    const error = problemOf(input);
    expect(error.code).toBe("NDJSON_INVALID");
    expect(error.message).toMatch(typeof message === "string" ? new RegExp(`^${message.replace(/[^\w ]/g, "\\$&")}`) : message);
    expect(error.hint).not.toBe("");
  });

  it("that is wrong is not quoted in the error, since it may hold a secret", () => {
    expect(problemOf('{"password": hunter2}').message).not.toContain("hunter2");
  });
});
