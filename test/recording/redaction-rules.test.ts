/** Rules that users give, on top of what redaction finds by itself. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonPath } from "../../diff/rules/json-path.ts";
import type { Body, Exchange, HeaderList } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { openRecording } from "../../recording/open.ts";
import { Redactor } from "../../recording/redaction.ts";
import { joinedRules, type RedactionRule } from "../../recording/redaction-rules.ts";
import type { RedactionMode } from "../../recording/secrets.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plain, plainExchange, text } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { everywhere } from "./planted.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const key = new Uint8Array(32).fill(7);
const json = "application/json";
/** What the key of these tests makes of nothing in particular. */
const oneToken = "tok_0123456789012345678901";
const form = "application/x-www-form-urlencoded";
type How = RedactionMode | null;

function jsonRule(path: string, how: How = null): RedactionRule {
  const reading = readJsonPath(path);
  if (reading.kind === "wrong") throw new Error(reading.problem);
  return { kind: "json", path, steps: reading.value, how };
}

const regex = (pattern: string, how: How = null): RedactionRule => ({ kind: "regex", pattern, how });

function redactor(rules: readonly RedactionRule[], mode: RedactionMode | "off" = "token"): Redactor {
  return new Redactor({ key, mode, rules });
}

function sent(target: string, headers: HeaderList, body: Body): Exchange {
  return plainExchange({
    request: { method: "POST", target, version: "1.1", headers, body, trailers: headers },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers, body, trailers: headers },
      firstByteMs: milliseconds(1),
      tookMs: milliseconds(2),
    },
  });
}

const at = (target: string): Exchange => sent(target, [], { kind: "none" });
const header = (name: string, value: string): Exchange => sent("/", [[name, value]], { kind: "none" });
const body = (type: string, content: string): Exchange => sent("/", [["Content-Type", type]], text(content));
const multipart = (name: string, value: string, more = ""): Exchange =>
  body("multipart/form-data; boundary=XX", `--XX\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n--XX--\r\n`);

function bodyOf({ request }: Exchange): string {
  return request.body.kind === "whole" ? Buffer.from(request.body.bytes).toString() : request.body.kind;
}

/** What each rule finds; the secret is in a place where nothing else says that it is one. */
const places: Readonly<Record<string, { readonly rule: (how: How) => RedactionRule; readonly make: (secret: string) => Exchange }>> = {
  "a header": { rule: (how) => ({ kind: "header", name: "X-Customer", how }), make: (secret) => header("x-customer", secret) },
  "headers with a *": { rule: (how) => ({ kind: "header", name: "x-shop-*", how }), make: (secret) => header("X-Shop-User", secret) },
  "a query parameter": { rule: (how) => ({ kind: "query", name: "ref", how }), make: (secret) => at(`/a?b=1&ref=${secret}#x`) },
  "an escaped name": { rule: (how) => ({ kind: "query", name: "my ref", how }), make: (secret) => at(`/a?my%20ref=${secret}`) },
  "a fragment": { rule: (how) => ({ kind: "query", name: "ref", how }), make: (secret) => at(`/a#ref=${secret}`) },
  "a form field": { rule: (how) => ({ kind: "form", name: "ssn", how }), make: (secret) => body(form, `a=1&SSN=${secret}&b=2`) },
  "a multipart field": { rule: (how) => ({ kind: "form", name: "ssn", how }), make: (secret) => multipart("ssn", secret) },
  "a JSON member": { rule: (how) => jsonRule("$.user.mail", how), make: (secret) => body(json, `{"user":{"mail":"${secret}","x":1}}`) },
  "JSON at any depth": { rule: (how) => jsonRule("$..mail", how), make: (secret) => body(json, `[{"a":[{"mail":"${secret}"}]}]`) },
  "a JSON element": { rule: (how) => jsonRule("$.a[1]", how), make: (secret) => body(json, `{"a":["x","${secret}","y"]}`) },
  "all JSON elements": {
    rule: (how) => jsonRule("$[*].n", how),
    make: (secret) => body(json, `[{"n":"${secret}"},{"n":{"b":["${secret}"]}}]`),
  },
  "a whole JSON body": { rule: (how) => jsonRule("$", how), make: (secret) => body(json, `["${secret}"]`) },
  "an escaped JSON key": { rule: (how) => jsonRule("$.mail", how), make: (secret) => body(json, `{"\\u006dail":"${secret}"}`) },
  "lines of JSON": {
    rule: (how) => jsonRule("$.mail", how),
    make: (secret) => body("application/x-ndjson", `{"a":1}\n{"mail":"${secret}"}\n`),
  },
  "an event stream": {
    rule: (how) => jsonRule("$.mail", how),
    make: (secret) => body("text/event-stream", `data: {"mail":"${secret}"}\n\n`),
  },
  JSONP: { rule: (how) => jsonRule("$.mail", how), make: (secret) => body("text/javascript", `call({"mail":"${secret}"});`) },
  "JSON in a multipart field": { rule: (how) => jsonRule("$.mail", how), make: (secret) => multipart("a", `{"mail":"${secret}"}`) },
  "a pattern in a path": { rule: (how) => regex("/orders/([^/?]+)", how), make: (secret) => at(`/orders/${secret}/x?y=1`) },
  "a pattern in a header": { rule: (how) => regex("Z[a-z]{9,}9", how), make: (secret) => header("X-Note", `for ${secret}.`) },
  "a pattern in text": {
    rule: (how) => regex("the word is (\\S+)", how),
    make: (secret) => body("text/plain", `ä the word is ${secret} ö`),
  },
  "a pattern in JSON": { rule: (how) => regex("^Z[a-z]+9$", how), make: (secret) => body(json, `{"a":["${secret}"],"${secret}":1}`) },
  "a pattern in a form": { rule: (how) => regex("^Z[a-z]+9$", how), make: (secret) => body(form, `a=${secret}&b=%5A${secret.slice(1)}`) },
  "a pattern in a file's name": {
    rule: (how) => regex("Z[a-z]+9", how),
    make: (secret) => multipart("a", "x", `; filename="${secret}.txt"`),
  },
  "a pattern in an escaped query": { rule: (how) => regex("Z[a-z]+9", how), make: (secret) => at(`/a?b=%5A${secret.slice(1)}`) },
};

const anySecret = fc
  .string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz".split("")), minLength: 12, maxLength: 20 })
  .map((letters) => `Z${letters}9`);

describe("a redaction rule", () => {
  it.each(Object.entries(places))(
    "for %s leaves nothing of the secret, in every mode, and done twice is done once",
    (_, { rule, make }) => {
      fc.assert(
        fc.property(anySecret, (secret) => {
          for (const how of [null, "token", "mask", "drop"] as const) {
            const by = redactor([rule(how)]);
            const once = by.exchange(make(secret));
            expect(everywhere(once)).not.toContain(secret.slice(1));
            expect(plain(by.exchange(once))).toEqual(plain(once));
            expect(everywhere(once).includes(by.tokenOf(secret))).toBe(how === "token" || how === null);
          }
          // The place is one that only the rule knows.
          expect(everywhere(redactor([]).exchange(make(secret)))).toContain(secret.slice(1));
        }),
        { numRuns: 10 },
      );
    },
  );

  it("drops the field where it can go, and else leaves stars", () => {
    const drop = (rule: RedactionRule, exchange: Exchange): Exchange["request"] => redactor([rule]).exchange(exchange).request;
    expect(drop({ kind: "header", name: "x-a", how: "drop" }, header("X-A", "s")).headers).toEqual([]);
    expect(drop({ kind: "query", name: "r", how: "drop" }, at("/x?a=1&r=s&b=2")).target).toBe("/x?a=1&b=2");
    expect(bodyOf({ ...at("/"), request: drop(jsonRule("$.a", "drop"), body(json, '{"a":1,"b":[2]}')) })).toBe('{"b":[2]}');
    expect(bodyOf({ ...at("/"), request: drop(jsonRule("$.b[0]", "drop"), body(json, '{"b":[2,3]}')) })).toBe('{"b":["***",3]}');
  });

  it("decides what becomes of a place that is redacted anyway", () => {
    const by = redactor([{ kind: "header", name: "authorization", how: "mask" }, jsonRule("$.password", "drop")]);
    expect(by.exchange(header("Authorization", "Bearer abc")).request.headers).toEqual([["Authorization", "***"]]);
    expect(bodyOf(by.exchange(body(json, '{"password":"p","a":1}')))).toBe('{"a":1}');
  });

  it("hides true and false where it names them, which a name alone does not", () => {
    expect(bodyOf(redactor([jsonRule("$.ill", "mask")]).exchange(body(json, '{"ill":true,"x":null}')))).toBe('{"ill":"***","x":null}');
  });

  it("gives a secret the token that it has everywhere, escaped or not", () => {
    const by = redactor([jsonRule("$.a"), regex("é b+"), { kind: "query", name: "r", how: null }]);
    const token = by.target("/?token=%C3%A9%20bb").slice("/?token=".length);
    expect(by.target("/?r=%C3%A9+bb")).toBe(`/?r=${token}`);
    expect(bodyOf(by.exchange(body(json, '{"a":"\\u00e9 bb","b":"x é bb y"}')))).toBe(`{"a":"${token}","b":"x ${token} y"}`);
    expect(bodyOf(by.exchange(body("text/plain", "x é bb y")))).toBe(`x ${token} y`);
  });

  it("hides a body whole when it calls itself JSON and cannot be read, or is UTF-16", () => {
    const by = redactor([jsonRule("$.mail")]);
    expect(bodyOf(by.exchange(body(json, '{"mail":"abc'))).slice(0, 6)).toBe("capped");
    expect(by.exchange(sent("/", [], { kind: "whole", bytes: Buffer.from('{"mail":"abc"}', "utf16le") })).request.body.kind).toBe("capped");
  });

  it("leaves the bytes alone where it hits nothing", () => {
    const by = redactor([jsonRule("$.mail"), regex("Z+9"), { kind: "form", name: "ssn", how: null }]);
    for (const exchange of [body(json, '{ "a" : 1.0 }'), body(form, "a=%20+b"), body("text/plain", "\u00e9 x"), multipart("a", "b")]) {
      expect(by.exchange(exchange).request.body).toBe(exchange.request.body);
    }
  });

  it("says what is harmless: names of parameters, keys, headers and cookies", () => {
    const by = redactor([
      { kind: "keep", name: "max_tokens" },
      { kind: "keep", name: "x-session-*" },
      { kind: "keep", name: "theme" },
    ]);
    expect(bodyOf(by.exchange(body(json, '{"max_tokens":5,"token":"a"}')))).toBe(`{"max_tokens":5,"token":"${by.tokenOf("a")}"}`);
    expect(by.target("/?MAX_TOKENS=5")).toBe("/?MAX_TOKENS=5");
    expect(by.exchange(header("X-Session-Kind", "guest")).request.headers[0]?.[1]).toBe("guest");
    expect(by.exchange(header("Cookie", "theme=dark; id=abc")).request.headers[0]?.[1]).toBe(`theme=dark; id=${by.tokenOf("abc")}`);
    expect(by.exchange(header("Set-Cookie", "theme=dark; Path=/")).request.headers[0]?.[1]).toBe("theme=dark; Path=/");
  });

  it("redacts again what another rule uncovers", () => {
    const uncovered: [RedactionRule[], Exchange][] = [
      [[regex("é+")], header("X-A", "passwordédata:a")],
      [[regex("é+")], header("X-A", 'épassword:a"')],
      [[regex("é+")], body("text/plain", `password=${oneToken}é`)],
      [[regex(String.raw`Z\d`, "drop"), { kind: "name", name: "a" }], header("X-A", "Z1a:a")],
      [[{ kind: "query", name: "*", how: "drop" }], at("/#password=?")],
    ];
    for (const [rules, exchange] of uncovered) {
      const by = redactor(rules);
      const once = by.exchange(exchange);
      expect(plain(once)).not.toEqual(plain(exchange));
      expect(plain(by.exchange(once))).toEqual(plain(once));
    }
  });

  it("for headers with a * leaves those by which a message is read", () => {
    const typeBy = (rule: RedactionRule): string | undefined => redactor([rule]).exchange(body(form, "a=b")).request.headers[0]?.[1];
    expect(typeBy({ kind: "header", name: "*", how: null })).toBe(form);
    expect(typeBy({ kind: "header", name: "Content-Type", how: "mask" })).toBe("***");
  });

  it("never throws, and done twice is done once, whatever the traffic", () => {
    const piece = fc.constantFrom(
      ...[
        "a",
        "b",
        "Z1",
        "tok_",
        "=",
        "&",
        "%",
        "%41",
        "?",
        "#",
        "/",
        '"',
        "\\",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "data:",
        " ",
        "é",
        "***",
        "password",
      ],
      oneToken,
    );
    const soup = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
    const anyHow = fc.constantFrom(null, "token" as const, "mask" as const, "drop" as const);
    const anyRule = fc.oneof(
      fc.record({
        kind: fc.constantFrom("header" as const, "query" as const, "form" as const),
        name: fc.constantFrom("a", "b", "*", "x-a"),
        how: anyHow,
      }),
      fc.tuple(fc.constantFrom("$", "$.a", "$..b", "$[*]", "$.a[0]", "$..*"), anyHow).map(([path, how]) => jsonRule(path, how)),
      fc.tuple(fc.constantFrom("Z\\d", "b(a+)", "^", "é+"), anyHow).map(([pattern, how]) => regex(pattern, how)),
      fc.record({ kind: fc.constantFrom("name" as const, "keep" as const), name: fc.constantFrom("a", "password") }),
    );
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 3 }), soup, (rules, content) => {
        const by = redactor(rules);
        for (const exchange of [
          at(`/${content}`),
          header("X-A", content),
          body("text/plain", content),
          body(form, content),
          body(json, JSON.stringify({ a: content, b: [content] })),

          multipart("a", content),
        ]) {
          const once = by.exchange(exchange);
          expect(plain(by.exchange(once))).toEqual(plain(once));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("patterns that fit nearly everything", () => {
  it("change values, not how a message is read", () => {
    const by = redactor([regex(String.raw`\S+`), regex(String.raw`\d+`, "mask")]);
    const exchange = multipart("a", "b");
    const length: HeaderList = [["Content-Length", "104"]];
    const { headers } = by.exchange({
      ...exchange,
      request: { ...exchange.request, headers: [...exchange.request.headers, ...length] },
    }).request;
    expect(headers[0]).toEqual(["Content-Type", "multipart/form-data; boundary=XX"]);
    expect(headers[1]?.[1]).toMatch(/^\d+$/);
    expect(bodyOf(by.exchange(exchange))).toMatch(/^--XX\r\nContent-Disposition: form-data; name="tok_[^"]*"\r\n\r\ntok_.*\r\n--XX--\r\n$/);
  });
});

describe("a recording", () => {
  it("keeps the rules that it was made by, each once", async () => {
    const rules = [...Object.values(places).map(({ rule }) => rule("mask")), { kind: "keep", name: "theme" } as const];
    const by = redactor(joinedRules([rules, rules]));
    const path = directory();
    RecordingWriter.open(path, {
      labels: {},
      epoch: "e",
      clock: new FakeClock(),
      redaction: by.description,
      redactionRules: by.rules,
      keyId: by.keyId,
      onCommitted: () => {},
      onDropped: () => {},
      onPaused: () => {},
    }).close();
    const recording = await openRecording(path);
    recording.close();
    expect(recording.meta.segments[0]?.redactionRules).toEqual(joinedRules([rules]));
    expect(redactor([]).description).not.toBe(by.description);
    expect(redactor(rules, "off").rules).toEqual([]);
  });
});
