import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { withoutEcho } from "../../target/echo.ts";

const token = "19a0b1-1.0123456789abcdef0123456789abcdef";

function answered(body: Uint8Array | string, headers: HeaderList): Outcome {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const answer = { status: 200, reason: "", headers, body: { kind: "whole", bytes } } as const;
  return { kind: "answered", answer, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
}

function cleaned(body: string, type: string): string {
  const outcome = withoutEcho(answered(body, [["Content-Type", type]]), token);
  return outcome.kind === "answered" && outcome.answer.body.kind === "whole" ? Buffer.from(outcome.answer.body.bytes).toString() : "";
}

describe("an echo of the mirror's header", () => {
  it.each([
    ["a member", `{"headers":{"host":"a","x-penumbra":"${token}"},"n":1.0}`, '{"headers":{"host":"a"},"n":1.0}'],
    ["a member with a list", `{"X-Penumbra":["${token}"],"Host":["a"]}`, '{"Host":["a"]}'],
    ["name and value side by side", `["Host","a","x-penumbra","${token}","Accept","b"]`, '["Host","a","Accept","b"]'],
    ["pairs", `[["Host","a"],["x-penumbra","${token}"]]`, '[["Host","a"]]'],
    ["objects of name and value", `[{"name":"x-penumbra","value":"${token}"},{"name":"a","value":"b"}]`, '[{"name":"a","value":"b"}]'],
    [
      "a dump in a string",
      `{"raw":"GET / HTTP/1.1\\r\\nHost: a\\r\\nx-penumbra: ${token}\\r\\n\\r\\n"}`,
      '{"raw":"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"}',
    ],
  ])("goes out of JSON as %s", (_what, body, wanted) => {
    expect(cleaned(body, "application/json")).toBe(wanted);
  });

  it("leaves what the client had written into it, which the primary repeats as well", () => {
    expect(cleaned(`{"x-penumbra":"${token}, a","n":1.0}`, "application/json")).toBe('{"x-penumbra":"a","n":1.0}');
    expect(cleaned(`x-penumbra: ${token}, a\n`, "text/plain")).toBe("x-penumbra: a\n");
    expect(withoutEcho(answered("", [["X-Penumbra", `${token}, a`]]), token)).toEqual(answered("", [["X-Penumbra", "a"]]));
  });

  it("goes out of trailers", () => {
    const plain = answered("a", []);
    const withTrailers = (trailers: HeaderList): Outcome =>
      plain.kind === "answered" ? { ...plain, answer: { ...plain.answer, trailers } } : plain;
    expect(
      withoutEcho(
        withTrailers([
          ["x-penumbra", token],
          ["a", "b"],
        ]),
        token,
      ),
    ).toEqual(withTrailers([["a", "b"]]));
    expect(withoutEcho(withTrailers([["x-penumbra", token]]), token)).toEqual(plain);
    const other = withTrailers([["a", "b"]]);
    expect(withoutEcho(other, token)).toBe(other);
  });

  it("goes out of a text that has a line for it, and leaves other lines alone", () => {
    expect(cleaned(`host: a\r\nx-penumbra: ${token}\r\naccept: b\r\n`, "text/plain")).toBe("host: a\r\naccept: b\r\n");
    expect(cleaned(`HTTP_X_PENUMBRA=${token}\nA=b`, "text/plain")).toBe("A=b");
    const prose = `you sent x-penumbra: ${token} and more`;
    expect(cleaned(prose, "text/plain")).toBe(prose);
  });

  it("goes out of header fields, and out of coded bodies, whose length follows", () => {
    const coded = gzipSync(`{"x-penumbra":"${token}","a":1}`);
    const outcome = withoutEcho(
      answered(coded, [
        ["Content-Type", "application/json"],
        ["Content-Encoding", "gzip"],
        ["X-Penumbra", token],
        ["Content-Length", String(coded.length)],
      ]),
      token,
    );
    if (outcome.kind !== "answered" || outcome.answer.body.kind !== "whole") throw new Error("no answer");
    const { bytes } = outcome.answer.body;
    expect(gunzipSync(bytes).toString()).toBe('{"a":1}');
    expect(outcome.answer.headers).toEqual([
      ["Content-Type", "application/json"],
      ["Content-Encoding", "gzip"],
      ["Content-Length", String(bytes.length)],
    ]);
  });

  it.each([
    ["nothing of it", answered('{"x-penumbra": "of a client",  "a": 1}', [["Content-Type", "application/json"]])],
    ["a body that cannot be decoded", answered("not gzip", [["Content-Encoding", "gzip"]])],
    ["no answer", { kind: "refused", tookMs: milliseconds(1) }],
  ] satisfies [string, Outcome][])("changes nothing where there is %s", (_what, outcome) => {
    expect(withoutEcho(outcome, token)).toBe(outcome);
  });
});
