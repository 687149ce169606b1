import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exchange, type HeaderList, type HttpRequest, noBody } from "../../../model/exchange.ts";
import { Redactor } from "../../../recording/redaction.ts";
import { revealRequest } from "../../../recording/vault/reveal.ts";
import { plain, plainExchange, text } from "../examples.ts";

const redactor = new Redactor({ key: Buffer.alloc(32, "key"), mode: "token" });

interface Redacted {
  readonly request: HttpRequest;
  readonly secrets: ReadonlyMap<string, string>;
}

function redacted(request: HttpRequest): Redacted {
  const secrets = new Map<string, string>();
  const exchange: Exchange = redactor.exchange(plainExchange({ request }), (token, value) => secrets.set(token, value));
  return { request: exchange.request, secrets };
}

/** Redacted, and made whole again. */
function thereAndBack(request: HttpRequest): HttpRequest {
  const { request: stored, secrets } = redacted(request);
  return revealRequest(stored, (token) => secrets.get(token) ?? null);
}

function requestWith(changes: Partial<HttpRequest>): HttpRequest {
  return { ...plainExchange().request, ...changes };
}

function bodyOf(type: string, content: string, more: HeaderList = []): HttpRequest {
  const body = text(content);
  const length = body.kind === "whole" ? String(body.bytes.length) : "0";
  return requestWith({ method: "POST", headers: [["Content-Type", type], ["Content-Length", length], ...more], body });
}

describe("a request made whole again", () => {
  it.each([
    ["a cookie, beside others, with and without quotes and spaces", { headers: [["Cookie", 'sid=a/b+c=="; t="q q";u=x%20y; empty=']] }],
    ["a cookie with an escaped name, and one whose quotes hold a backslash", { headers: [["Cookie", 'a%5Bb%5D=c/d&e%;t="q\\x"']] }],
    ["a bearer token", { headers: [["Authorization", "Bearer eyJh.bG.ci-_"]] }],
    ["basic credentials", { headers: [["authorization", "Basic YWRhOnNlY3JldA=="]] }],
    ["a digest with many words", { headers: [["Authorization", 'Digest username="ada", realm="r", response="6629", qop=auth']] }],
    ["an API key in bytes that are no ASCII", { headers: [["X-Api-Key", "k\u00e4y \u00ff"]] }],
    [
      "several headers of one name",
      {
        headers: [
          ["X-Token", "one"],
          ["x-token", "two"],
        ],
      },
    ],
    [
      "a referrer whose query has a token, and an escaped URL with another",
      { headers: [["Referer", "https://shop/a?token=a%2Bb%26c&next=%2Fb%3Fsid%3Dd%252Fe"]] },
    ],
    ["a query", { target: "/a?q=x&token=a%2Fb%3D%20c&sid=plain#access_token=z" }],
    ["a parameter of the path", { target: "/a;jsessionid=a%2Fb;v=1/c;sid=d?x=1" }],
    ["a password before the host", { target: "http://ada:pa%2Fss@shop/a" }],
    ["a URL in a segment", { target: "/login/%2Fb%3Ftoken%3Dabc" }],
    ["JSON in a parameter", { target: "/a?filter=%7B%22token%22%3A%22a%5C%22b%22%2C%22n%22%3A1%7D" }],
  ] satisfies [string, Partial<HttpRequest>][])("has %s as it was", (_, changes) => {
    const request = requestWith(changes);
    expect(redacted(request).secrets.size).toBeGreaterThan(0);
    expect(thereAndBack(request)).toEqual(request);
  });

  it.each([
    [
      "JSON",
      "application/json",
      JSON.stringify({ user: "ada", password: 'p"\\\n\u00e4\u20ac\u{1f600}', deep: [{ api_key: "a/b" }], note: "n" }),
    ],
    ["JSON with spaces between", "application/json", '{ "user": "ada",\n  "token" : "a" }'],
    ["JSON in a string of JSON", "application/json", JSON.stringify({ event: JSON.stringify({ token: 'a"b', url: "/x?sid=a%26b" }) })],
    ["pairs of name and value", "application/json", JSON.stringify([{ name: "password", value: "a'b" }])],
    ["lines of JSON", "application/x-ndjson", `{"index":{}}\n{"token":"a\\"b"}\n{"token":"c"}\n`],
    ["what calls itself JSON and is none", "text/plain", `token: "a\\"b"\npassword=c d\nnote: x\n`],
    ["a form", "application/x-www-form-urlencoded", "user=ada&password=a%26b%3D%20%C3%A4&next=%2Fa%3Ftoken%3Dc%252Fd&csrf=e"],
    ["XML", "application/xml", "<a><password>a&lt;b&amp;c</password><x token='d&quot;e'/><secret><![CDATA[f<g]]></secret></a>"],
    ["HTML", "text/html", '<form><input name="csrf" value="a&quot;b"></form>'],
    [
      "a multipart form",
      "multipart/form-data; boundary=xx",
      '--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\na"b\\\r\n--xx\r\nContent-Disposition: form-data; name="doc"\r\n\r\n{"token":"c\\"d"}\r\n--xx--\r\n',
    ],
    ["YAML", "application/yaml", "user: ada\npassword: a b\nlist:\n  token: c\n"],
  ])("has a body of %s as it was", (_, type, content) => {
    const request = bodyOf(type, content);
    expect(redacted(request).secrets.size).toBeGreaterThan(0);
    const whole = thereAndBack(request);
    const bytes = whole.body.kind === "whole" ? Buffer.from(whole.body.bytes).toString("utf8") : whole.body.kind;
    // JSON may be written anew.
    const comparable = (written: string): unknown => (type.includes("json") ? parsedLines(written) : written);
    expect(comparable(bytes)).toEqual(comparable(content));
    expect(whole.headers.find(([name]) => name === "Content-Length")?.[1]).toBe(String(Buffer.byteLength(bytes)));
  });

  it("has a coded body in its coding", () => {
    const content = JSON.stringify({ password: 'a"b' });
    const bytes = gzipSync(content);
    const request = requestWith({
      headers: [
        ["Content-Type", "application/json"],
        ["Content-Encoding", "gzip"],
        ["Content-Length", String(bytes.length)],
      ],
      body: { kind: "whole", bytes },
    });
    const { body, headers } = thereAndBack(request);
    if (body.kind !== "whole") throw new Error(`the body is ${body.kind}`);
    expect(gunzipSync(body.bytes).toString()).toBe(content);
    expect(headers[2]).toEqual(["Content-Length", String(body.bytes.length)]);
  });

  it("keeps tokens that nobody knows, and is the same object where there are none", () => {
    const { request } = redacted(requestWith({ headers: [["Cookie", "sid=a"]], target: "/?token=b" }));
    expect(revealRequest(request, () => null)).toEqual(request);
    const harmless = bodyOf("application/json", '{"a": 1}');
    expect(revealRequest(harmless, () => "x")).toBe(harmless);
  });

  it("has a number as a string: its token stands for both", () => {
    const { body } = thereAndBack(bodyOf("application/json", '{"pin":1234}'));
    expect(plain(body)).toEqual(plain(text('{"pin":"1234"}')));
  });

  it("redacts to the very same tokens, whatever the secrets are and wherever they stand", () => {
    const secret = fc.oneof(
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
      fc.constantFrom('"', "a\\", "%41", "a&b=c", "</password>", "]]>", "a;b=c", "tok_", "Bearer x y", "a b", "{", "token=a", "?sid=b"),
    );
    const visible = secret.map((value) => value.replace(/[^\x21-\x7e]/g, "_"));
    const request = fc
      .record({ inQuery: secret, inHeader: visible, inCookie: visible, inJson: secret, inForm: secret, isForm: fc.boolean() })
      .map((given) => {
        const form = `a=1&password=${encodeURIComponent(given.inForm.toWellFormed())}&z=${encodeURIComponent(`/x?token=${encodeURIComponent(given.inForm.toWellFormed())}`)}`;
        const json = JSON.stringify({ password: given.inJson.toWellFormed(), more: { token: [given.inJson.toWellFormed()] } });
        return requestWith({
          method: "POST",
          target: `/a?token=${encodeURIComponent(given.inQuery.toWellFormed())}&b=1`,
          headers: [
            ["Content-Type", given.isForm ? "application/x-www-form-urlencoded" : "application/json"],
            ["X-Api-Key", given.inHeader],
            ["Cookie", `sid=${given.inCookie.replaceAll(/[;"=]/g, "_")}; theme=dark`],
          ],
          body: text(given.isForm ? form : json),
        });
      });
    fc.assert(
      fc.property(request, (sent) => {
        const before = redacted(sent);
        const after = redacted(revealRequest(before.request, (token) => before.secrets.get(token) ?? null));
        expect(plain(after.request)).toEqual(plain(before.request));
      }),
      { numRuns: 300 },
    );
  });
});

describe("what redaction tells of secrets", () => {
  it("is what its tokens stand for, in requests only", () => {
    const secrets: [string, string][] = [];
    const exchange = plainExchange({
      request: requestWith({ headers: [["Cookie", "sid=mine"]], body: noBody }),
      outcome: {
        ...plainExchange().outcome,
        kind: "answered",
        answer: { status: 200, reason: "", headers: [["Set-Cookie", "sid=next"]], body: noBody },
      } as Exchange["outcome"],
    });
    const { request } = redactor.exchange(exchange, (...secret) => secrets.push(secret));
    expect(secrets).toEqual([[request.headers[0]?.[1].slice(4), "mine"]]);
  });
});

function parsedLines(content: string): unknown[] {
  const isLines = content.includes("}\n{");
  return (isLines ? content.trimEnd().split("\n") : [content]).map((line): unknown => JSON.parse(line));
}
