import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type FailureKind, type HeaderList, type Outcome, unrecordedBody } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { ignore, rule, scope, tolerance } from "../rules/rules.ts";
import { compare, found, type Headers, json, raw, text, uuid } from "./answers.ts";

const failed = (kind: FailureKind): Outcome => ({ kind, tookMs: milliseconds(1) });

describe("compareOutcomes on transport", () => {
  it.each([
    ["refused", "transport.connect"],
    ["timed-out", "transport.timeout"],
    ["reset", "transport.reset"],
    ["truncated", "transport.truncated"],
    ["too-large", "transport.truncated"],
    ["not-http", "transport.framing"],
  ] as const)("calls an answer that became %s %s", (failure, kind) => {
    expect(found(json({}), failed(failure))).toEqual([`${kind} presence answered→${failure}`]);
    expect(found(failed(failure), json({}))).toEqual([`${kind} presence ${failure}→answered`]);
  });

  it("finds nothing when both sides failed the same way", () => {
    expect(compare(failed("reset"), failed("reset"))).toEqual({ differences: [], leaves: { byValue: 1, byFormat: 0, untested: 0 } });
  });
});

describe("compareOutcomes on status", () => {
  it("tells another class from another code, and goes on to headers and body", () => {
    expect(found(json({ a: 1 }), json({ a: 2 }, {}, 404))).toEqual(["status.class value 200→404", "/a json.value value value"]);
    expect(found(json({}, {}, 200), json({}, {}, 201))).toEqual(["status.code value 200→201"]);
  });
});

describe("compareOutcomes on bodies", () => {
  it("compares no bodies of HEAD, 204 and 304", () => {
    expect(found(raw("a"), raw("b"), { method: "HEAD" })).toEqual([]);
    expect(found(raw(null, {}, 304), raw("stray", {}, 304))).toEqual([]);
  });

  it("compares the lengths that answers to HEAD and 304 say, where both say one of the same thing", () => {
    const head = (length: string | null, headers: Headers = {}): Outcome => raw(null, { ...headers, "content-length": length });
    const asked = (left: Outcome, right: Outcome): string[] => found(left, right, { method: "HEAD" });
    expect(asked(head("1000"), head("0"))).toEqual(["content-length header.value value value"]);
    expect(asked(head("1000"), head("1000"))).toEqual([]);
    expect(asked(head("1000"), head(null))).toEqual([]);
    expect(asked(head("1000"), head("400", { "content-encoding": "gzip" }))).toEqual(["content-encoding body.encoding value absent→gzip"]);
    expect(found(raw(null, { "content-length": "7" }, 304), raw(null, { "content-length": "8" }, 304))).toHaveLength(1);
    expect(found(raw(null, { "content-length": "7" }, 304), raw("abc", { "content-length": "3" }))).toEqual(["status.class value 304→200"]);
    expect(found(raw("abc", { "content-length": "4" }), raw("abc", { "content-length": "3" }))).toEqual([]);
    const within = { method: "HEAD", rules: scope(rule("header content-length", tolerance({ absolute: "2" }))) };
    expect(found(head("1000"), head("1002"), within)).toEqual([]);
    expect(found(head("1000"), head("1003"), within)).toHaveLength(1);
    const unseen = { method: "HEAD", rules: scope(rule("header content-length", ignore)) };
    expect(found(head("1000"), head("0"), unseen)).toEqual([]);
  });

  it("compares partial content where both sides sent the same part", () => {
    const part = (range: string | null, body: string) => raw(body, { "content-type": "text/plain", "content-range": range }, 206);
    expect(found(part("bytes 0-4/9", "aaaaa"), part("bytes 0-4/9", "bbbbb"))).toEqual(["text.line value line"]);
    expect(found(part("bytes 0-4/9", "aaaaa"), part("bytes 0-4/10", "aaaaa"))).toHaveLength(1);
    const { differences, leaves } = compare(part("bytes 0-4/9", "aaaaa"), part("bytes 5-8/9", "bbbb"));
    expect(differences.map(({ path }) => path)).toEqual(["content-range"]);
    expect(leaves.untested).toBe(1);
    expect(found(raw("abc", {}, 205), raw("abd", {}, 205))).toEqual([]);
  });

  it("compares several ranges by part", () => {
    const ranges = (boundary: string, second: string) => {
      const piece = (range: string, body: string) =>
        `--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/9\r\n\r\n${body}\r\n`;
      const body = `${piece("0-1", "ab")}${piece("4-5", second)}--${boundary}--`;
      return raw(body, { "content-type": `multipart/byteranges; boundary=${boundary}` }, 206);
    };
    expect(found(ranges("x", "ef"), ranges("y", "ef"))).toEqual([]);
    expect(found(ranges("x", "ef"), ranges("y", "eg"))).toEqual(["/parts/*/content json.value value ef→eg"]);
  });

  it("compares bodies decoded, and reports the lost coding once", () => {
    const zipped = raw(gzipSync('{"a":1}'), { "content-encoding": "gzip" });
    expect(found(zipped, json({ a: 1 }))).toEqual(["content-encoding body.encoding value gzip→absent"]);
  });

  it("reports a body that cannot be decoded on one side only", () => {
    const good = raw(gzipSync("{}"), { "content-encoding": "gzip" });
    const bad = raw("{}", { "content-encoding": "gzip" });
    expect(found(good, bad)).toEqual(["body.undecodable value decoded→undecodable"]);
    expect(found(bad, bad)).toEqual([]);
  });

  it("reports JSON that no longer parses", () => {
    expect(found(json({ a: 1 }), raw('{"a":'))).toEqual(["body.unparseable value parsed→invalid"]);
  });

  it("reports an emptied body", () => {
    expect(found(json({}), raw(""))).toEqual(["body.empty value content→empty"]);
    expect(found(raw(null), json({}))).toEqual(["body.empty value empty→content"]);
  });

  it("compares JSON without a media type, and JSON that is labelled as text on one side", () => {
    expect(found(raw('{"a":1}', { "content-type": null }), raw('{"a":2}', { "content-type": null }))).toEqual([
      "/a json.value value value",
    ]);
    expect(found(json({ a: 1 }), text('{"a":2}', "text/plain"))).toEqual([
      "content-type body.media-type value application/json→text/plain",
      "/a json.value value value",
    ]);
  });

  it("counts a body as untested where the sides have nothing in common", () => {
    const comparison = compare(text("<h1>no</h1>", "text/html"), text("no", "text/plain"));
    expect(comparison.differences.map(({ kind }) => kind)).toEqual(["body.media-type"]);
    expect(comparison.leaves.untested).toBe(1);
  });

  it("compares newline-delimited JSON as documents and forms as fields", () => {
    const lines = (...values: unknown[]) => text(values.map((value) => JSON.stringify(value)).join("\n"), "application/x-ndjson");
    expect(found(lines({ n: 1 }, { n: 2 }), lines({ n: 1 }, { n: "2" }))).toEqual(["/*/n json.type type number→string"]);
    const form = (fields: string) => text(fields, "application/x-www-form-urlencoded");
    expect(found(form("a=1&b=x+y"), form("b=x%20y&a=2"))).toEqual(["/a json.value value value"]);
  });

  it("tells other bytes of the same length from another length", () => {
    const image = (body: string) => text(body, "image/png");
    expect(found(image("abc"), image("abd"))).toEqual(["body.opaque value bytes"]);
    expect(found(image("abc"), image("abcd"))).toEqual(["body.size value size"]);
  });

  it("compares capped bodies by length and hash, and counts what it cannot see", () => {
    const capped = (sha256: string): Outcome => {
      const answer = json({});
      if (answer.kind !== "answered") return answer;
      const body = { kind: "capped", length: 9_000_000, sha256, head: new Uint8Array(), tail: new Uint8Array() } as const;
      return { ...answer, answer: { ...answer.answer, body } };
    };
    expect(found(capped("aa"), capped("aa"))).toEqual([]);
    const comparison = compare(capped("aa"), capped("bb"));
    expect(comparison.differences.map(({ kind }) => kind)).toEqual(["body.opaque"]);
    expect(comparison.leaves.untested).toBe(1);
  });

  it("compares of an answer whose body nobody recorded what is there: status and fields, or the status alone", () => {
    const unrecorded = (headers: HeaderList, status = 200): Outcome => {
      const answer = json({});
      return answer.kind === "answered" ? { ...answer, answer: { ...answer.answer, status, headers, body: unrecordedBody(9) } } : answer;
    };
    const fields = [["Content-Type", "application/json; charset=utf-8"]] as const;
    expect(found(unrecorded(fields), json({ a: 1 }))).toEqual([]);
    expect(found(json({ a: 1 }), unrecorded(fields))).toEqual([]);
    expect(compare(unrecorded(fields), json({ a: 1 })).leaves.untested).toBe(1);
    expect(found(unrecorded([...fields, ["X-Kind", "a"]]), json({ a: 1 }))).toEqual(["x-kind header.missing presence present→absent"]);
    expect(found(unrecorded([]), json({ a: 1 }))).toEqual([]);
    expect(found(unrecorded([], 404), json({ a: 1 }))).toEqual(["status.class value 404→200"]);
  });

  it("counts the leaves of equal bodies as well", () => {
    const answer = json({ a: [1, 2], b: {}, c: null, d: { e: "x", id: uuid(1) } });
    expect(compare(answer, answer)).toEqual({ differences: [], leaves: { byValue: 8, byFormat: 0, untested: 0 } });
  });
});

/** Modelled on published changes of json-server, qs, marked and fastify between two major versions. */
describe("compareOutcomes on changes that real builds made", () => {
  const posts = [1, 2, 3, 4].map((id) => ({ id, title: `post ${id}`, views: id * 7, authorId: 1 + (id % 2) }));
  const setting = { target: "/posts" };

  it("finds ids that became strings once, not once an element", () => {
    expect(found(json(posts), json(posts.map((post) => ({ ...post, id: String(post.id) }))), setting)).toEqual([
      "/*/id json.type type number→string",
    ]);
  });

  it("finds a list that was put into an envelope", () => {
    expect(found(json(posts), json({ first: 1, data: posts }), setting)).toEqual(["json.type type array→object"]);
  });

  it("finds an emptied list as one difference", () => {
    expect(found(json(posts), json([]), setting)).toEqual(["json.element-count presence n→0"]);
  });

  it("finds a list that came out sorted, under the ids' new type", () => {
    const sorted = [...posts].reverse().map((post) => ({ ...post, id: String(post.id) }));
    expect(found(json(posts), json(sorted), setting)).toEqual(["json.order value order", "/*/id json.type type number→string"]);
  });

  it("finds headers that are gone and the lost charset", () => {
    const before = json(posts, { etag: 'W/"80f-x"', "x-total-count": "15", "X-Powered-By": "Express" });
    const after = json(posts, { "content-type": "application/json", "x-powered-by": "tinyhttp" });
    expect(found(before, after, setting)).toEqual([
      "content-type body.charset value utf-8→absent",
      "etag header.missing presence present→absent",
      "x-powered-by header.value value value",
      "x-total-count header.missing presence present→absent",
    ]);
  });

  it("finds an array that became an object", () => {
    expect(found(json({ filter: { id: ["0", "1"] } }), json({ filter: { id: { 0: "0", 1: "1" } } }))).toEqual([
      "/filter/id json.type type array→object",
    ]);
  });

  it("finds headings without ids, and takes a mail address in entities for the same address", () => {
    const before = text('<h1 id="welcome">Welcome</h1>\n<p><a href="mailto:&#x68;&#101;lp@shop.example">&#x68;elp</a></p>', "text/html");
    const after = text('<h1>Welcome</h1><p><a href="mailto:help@shop.example">help</a></p>', "text/html");
    expect(found(before, after)).toEqual(["h1@id markup.attribute presence present→absent"]);
  });

  it("takes random ids of a created item for the same item, in body and Location", () => {
    const created = (id: string) => json({ id, body: "x" }, { location: `/comments/${id}` }, 201);
    expect(found(created("uPYXccXqH8g"), created("36RHiRHgksQ"), { method: "POST", target: "/comments" })).toEqual([]);
  });

  it("takes a time of serving for the same when each is as far from its own Date", () => {
    const served = (second: string, fraction: string) =>
      json({ served: `2026-11-22T09:24:${second}.${fraction}Z` }, { date: `Sun, 22 Nov 2026 09:24:${second} GMT` });
    expect(found(served("30", "928"), served("37", "030"))).toEqual([]);
    expect(found(served("30", "928"), json({ served: "2026-11-22T09:29:37.030Z" }, { date: "Sun, 22 Nov 2026 09:24:37 GMT" }))).toEqual([
      "/served json.value value value",
    ]);
  });
});
