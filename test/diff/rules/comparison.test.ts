/** What rules do in the comparison of two answers. */

import { describe, expect, it } from "vitest";
import { References } from "../../../diff/compare/references.ts";
import type { Rule } from "../../../diff/rules/rule.ts";
import { RuleBook } from "../../../diff/rules/scope.ts";
import type { Outcome } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { compare, json, raw, text, uuid } from "../compare/answers.ts";
import { format, ignore, key, rule, scope, tolerance, unordered } from "./rules.ts";

/** What counts, and what rules hide: `path kind` each, the latter with the number of the rule. */
function judged(left: Outcome, right: Outcome, ...rules: readonly Rule[]): { readonly counts: string[]; readonly hidden: string[] } {
  const { differences, rules: effects } = compare(left, right, { rules: scope(...rules) });
  return {
    counts: differences.map(({ path, kind }) => `${path} ${kind}`),
    hidden: (effects?.hidden ?? []).map(({ rule: number, difference: { path, kind } }) => `${number}: ${path} ${kind}`),
  };
}

const orders = (...items: readonly unknown[]): Outcome => json({ items });

describe("ignore", () => {
  const left = json({ a: 1, b: { c: 1, d: [1, 2] }, "x/y": 1 });
  const right = json({ a: 2, b: { c: 2, d: [1] }, "x/y": 2 });
  const all = ["/a json.value", "/b/c json.value", "/b/d json.element-count", "/b/d/* json.element-missing", "/x~1y json.value"];

  it.each([
    ["body $.a", ["/a json.value"]],
    ["body $.b", ["/b/c json.value", "/b/d json.element-count", "/b/d/* json.element-missing"]],
    ["body $.b.d", ["/b/d json.element-count", "/b/d/* json.element-missing"]],
    ["body $.b.d[*]", ["/b/d/* json.element-missing"]],
    ["body $..c", ["/b/c json.value"]],
    ["body $.b.*", ["/b/c json.value", "/b/d json.element-count", "/b/d/* json.element-missing"]],
    ["body $['x/y']", ["/x~1y json.value"]],
    ["body /x~1y", ["/x~1y json.value"]],
    ["body /b/d/*", ["/b/d/* json.element-missing"]],
    ["body $", all],
    ["body", all],
    ["body $.nothing", []],
    ["body $.a.c", []],
  ])("%s takes away what is there and below, and nothing else", (at, taken) => {
    const { counts, hidden } = judged(left, right, rule(at, ignore));
    expect(hidden).toEqual(taken.map((place) => `0: ${place}`));
    expect(counts).toEqual(all.filter((place) => !taken.includes(place)));
  });

  it("takes away a member that one side does not have", () => {
    expect(judged(json({ a: 1, b: 1 }), json({ c: 1, b: 1 }), rule("body $.a", ignore), rule("body $.c", ignore))).toEqual({
      counts: [],
      hidden: ["0: /a json.missing", "1: /c json.extra"],
    });
  });

  it("tells elements apart by their index, although reports do not", () => {
    const before = json({ v: [{ n: "a1" }, { n: "b1" }] });
    const after = json({ v: [{ n: "a2" }, { n: "b2" }] });
    expect(judged(before, after, rule("body $.v[0].n", ignore))).toEqual({
      counts: ["/v/*/n json.value"],
      hidden: ["0: /v/*/n json.value"],
    });
    expect(judged(before, after, rule("body $.v[7].n", ignore))).toEqual({ counts: ["/v/*/n json.value"], hidden: [] });
    expect(judged(before, after, rule("body $..[1]", ignore)).hidden).toEqual(["0: /v/*/n json.value"]);
    expect(judged(before, json({ v: [{ n: "a1" }] }), rule("body $.v[1]", ignore)).hidden).toEqual(["0: /v/* json.element-missing"]);
  });

  it("takes away statuses, headers, cookies and failures", () => {
    const before = raw("{}", { "x-served-by": "a", "set-cookie": "sid=1; Path=/", etag: '"1"' });
    const after = raw("{}", { "x-served-by": "b", "set-cookie": "sid=2; Path=/x", etag: '"2"' }, 500);
    const everything = judged(before, after);
    expect(everything.counts).toHaveLength(5);
    expect(
      judged(
        before,
        after,
        rule("status", ignore),
        rule("header X-*", ignore),
        rule("header set-cookie/sid", ignore),
        rule("header ETag", ignore),
      ),
    ).toEqual({
      counts: [],
      hidden: [
        "0:  status.class",
        "3: etag header.value",
        "2: set-cookie/sid header.value",
        "2: set-cookie/sid/path header.cookie-attribute",
        "1: x-served-by header.value",
      ],
    });
    expect(judged(before, after, rule("header set-cookie/sid/path", ignore)).hidden).toEqual([
      "0: set-cookie/sid/path header.cookie-attribute",
    ]);
    expect(judged(before, after, rule("header set-cookie/SID", ignore)).hidden).toEqual([]);
    const reset: Outcome = { kind: "reset", tookMs: milliseconds(1) };
    expect(judged(before, reset, rule("transport", ignore))).toEqual({ counts: [], hidden: ["0:  transport.reset"] });
    expect(judged(before, reset, rule("status", ignore)).counts).toEqual([" transport.reset"]);
  });

  it("takes away places of pages and texts as reports call them", () => {
    const [before, after] = [text('<a href="/x">1</a>', "text/html"), text('<a href="/y/z">2</a>', "text/html")];
    expect(judged(before, after, rule("body a@href", ignore))).toEqual({
      counts: ["a/#text markup.text"],
      hidden: ["0: a@href markup.attribute"],
    });
  });

  it("takes away places of pages in any way they can be written", () => {
    const [before, after] = ["1", "2"].map((value) =>
      text(`<div id="cart"><b class="total">${value}</b></div><b>${value}</b>`, "text/html"),
    );
    const [total, plain] = ["div#cart/b.total/#text markup.text", "b/#text markup.text"];
    if (before === undefined || after === undefined) return;
    for (const at of ["body div#cart/b.total/#text", "body b.total/#text", "body div#cart/*"]) {
      expect(judged(before, after, rule(at, ignore))).toEqual({ counts: [plain], hidden: [`0: ${total}`] });
    }
    expect(judged(before, after, rule("body b/#text", ignore))).toEqual({ counts: [], hidden: [`0: ${total}`, `0: ${plain}`] });
  });

  it("still learns the ids that it hides", () => {
    const references = new References();
    const before = json({ order: { id: 1, userId: 5 }, user: { id: 5 } });
    const after = json({ order: { id: 1, userId: 6 }, user: { id: 6 } });
    expect(compare(before, after, { references, rules: scope(rule("body $.user.id", ignore)) }).differences).toEqual([]);
    const broken = json({ order: { id: 1, userId: 7 }, user: { id: 6 } });
    expect(judged(before, broken, rule("body $.user.id", ignore)).counts).toEqual(["/order/userId json.reference"]);
    expect(judged(before, broken, rule("body $.order.userId", ignore))).toEqual({
      counts: [],
      hidden: ["0: /order/userId json.reference"],
    });
  });

  it("counts its leaves as untested, whether they differ or not", () => {
    const rules = scope(rule("body $.b", ignore));
    const leavesOf = (one: Outcome, other: Outcome): unknown => compare(one, other, { rules }).leaves;
    const total = compare(left, left).leaves.byValue;
    expect(leavesOf(left, left)).toEqual({ byValue: total - 3, byFormat: 0, untested: 3 });
    expect(leavesOf(json({ a: 1, b: { id: uuid(1) } }), json({ a: 2, b: { id: uuid(2) } }))).toMatchObject({ untested: 1 });
  });

  it("remembers equal bodies apart from those under other rules", () => {
    const body = json({ a: 1, b: 2, c: "remembered apart" });
    expect(compare(body, body).leaves.untested).toBe(0);
    expect(compare(body, body, { rules: scope(rule("body $.a", ignore)) }).leaves.untested).toBe(1);
    expect(compare(body, body).leaves.untested).toBe(0);
  });
});

describe("tolerance", () => {
  it("makes numbers equal that are close, as numbers, texts and headers", () => {
    const near = tolerance({ absolute: "0.01" });
    const before = json({ total: 1.0, text: "1.00", far: 1, name: "x" }, { "x-cost": "1.00" });
    const after = json({ total: 1.01, text: "1.01", far: 1.02, name: "y" }, { "x-cost": "1.01" });
    expect(judged(before, after, rule("body $.*", near), rule("header x-cost", near))).toEqual({
      counts: ["/far json.value", "/name json.value"],
      hidden: ["1: x-cost header.value", "0: /total json.value", "0: /text json.value"],
    });
  });

  it("says nothing about another type", () => {
    expect(judged(json({ n: 1 }), json({ n: "1" }), rule("body $.n", tolerance({ absolute: "1" }))).counts).toEqual(["/n json.type"]);
    expect(judged(json({ n: 1 }), json({ n: null }), rule("body $.n", tolerance({ absolute: "1" }))).counts).toEqual(["/n json.null"]);
  });
});

describe("unordered", () => {
  it("takes away the order of one array, and not what is missing in it", () => {
    const before = json({ tags: ["a", "b"], steps: ["a", "b"] });
    expect(judged(before, json({ tags: ["b", "a"], steps: ["b", "a"] }), rule("body $.tags", unordered))).toEqual({
      counts: ["/steps json.order"],
      hidden: ["0: /tags json.order"],
    });
    expect(judged(before, json({ tags: ["b"], steps: ["a", "b"] }), rule("body $.tags", unordered)).counts).toEqual([
      "/tags json.element-count",
      "/tags/* json.element-missing",
    ]);
  });
});

describe("key", () => {
  const before = orders({ sku: "a", n: 1 }, { sku: "b", n: 1 });

  it("says which elements are the same one, whatever else is in them", () => {
    const after = orders({ sku: "b", n: 2 }, { sku: "a", n: 1 });
    expect(judged(before, after, rule("body $.items", key("sku"))).counts).toEqual(["/items json.order", "/items/*/n json.value"]);
    expect(judged(before, after, rule("body $.items", key("sku")), rule("body $.items", unordered)).counts).toEqual([
      "/items/*/n json.value",
    ]);
  });

  it("takes an element with another key for another element", () => {
    expect(judged(before, orders({ sku: "a", n: 1 }, { sku: "c", n: 1 }), rule("body $.items", key("sku"))).counts).toEqual([
      "/items/* json.element-missing",
      "/items/* json.element-extra",
    ]);
  });

  it("follows ids that another answer has introduced", () => {
    const references = new References();
    const ids = (id: number): Outcome => json({ user: { id: uuid(id) } });
    compare(ids(1), ids(2), { references });
    const list = (id: number, n: string): Outcome => orders({ userId: uuid(9), n: "same" }, { userId: uuid(id), n });
    const { differences } = compare(list(1, "a"), list(2, "b"), { references, rules: scope(rule("body $.items", key("userId"))) });
    expect(differences.map(({ path, kind }) => `${path} ${kind}`)).toEqual(["/items/*/n json.value"]);
  });

  it("loses no element whose key occurs twice, or is not there", () => {
    const twice = orders({ sku: "a", n: 1 }, { sku: "a", n: 2 }, { n: 3 });
    const changed = orders({ n: 4 }, { sku: "a", n: 1 }, { sku: "a", n: 5 });
    const { differences, rules } = compare(twice, changed, { rules: scope(rule("body $.items", key("sku"))) });
    expect(differences.map(({ path, kind, from, to }) => `${path} ${kind} ${from} ${to}`)).toEqual([
      expect.stringMatching(/^\/items json\.order /),
      "/items/*/n json.value 2 5",
    ]);
    expect(rules?.applied).toEqual([0]);
    expect(judged(twice, orders({ sku: "a", n: 1 }), rule("body $.items", key("sku"))).counts).toEqual([
      "/items json.element-count",
      "/items/* json.element-missing",
    ]);
  });
});

describe("format", () => {
  it("compares by format only", () => {
    const before = json({ at: "2026-11-22T10:00:00Z", id: "abc", n: 1 });
    expect(judged(before, json({ at: "2020-01-01T00:00:00Z", id: "xyz", n: 2 }), rule("body $.*", format()))).toEqual({
      counts: [],
      hidden: ["0: /id json.value", "0: /n json.value", "0: /at json.value"],
    });
    expect(judged(before, json({ at: "yesterday", id: "abc", n: 1 }), rule("body $.at", format())).counts).toEqual(["/at json.format"]);
    expect(judged(before, json({ at: null, id: "abc", n: "1" }), rule("body $.*", format())).counts).toEqual([
      "/at json.null",
      "/n json.type",
    ]);
  });

  it.each([
    ["uuid", uuid(1), uuid(2), "none"],
    ["/web-[0-9]+/", "web-1", "web-22", "uuid"],
    ["rfc3339", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123+02:00", "1"],
    ["token", "abcdefgh", "12345678", "a b"],
    ["number", "1", "2.5", "x"],
  ])("%s has to hold on both sides", (name, left, right, broken) => {
    const rules = [rule("body $.v", format(name)), rule("header x-v", format(name))];
    const answer = (value: string): Outcome => json({ v: value }, { "x-v": value });
    expect(judged(answer(left), answer(right), ...rules).counts).toEqual([]);
    expect(judged(answer(left), answer(broken), ...rules).counts).toEqual(["x-v header.format", "/v json.format"]);
    expect(judged(answer(broken), answer(left), ...rules).counts).toEqual(["x-v header.format", "/v json.format"]);
  });

  it.each([
    ["/web-[0-9]+/", "alpha host page", "crash handler page", "json.value"],
    ["uuid", "active", "closed", "json.value"],
    ["uuid", 5, 7, "json.value"],
    ["uuid", "12", "2026-11-22", "json.format"],
  ])("%s hides nothing of values that never had it: %s, %s", (name, left, right, kind) => {
    expect(judged(json({ v: left }), json({ v: right }), rule("body $.v", format(name)))).toEqual({ counts: [`/v ${kind}`], hidden: [] });
    expect(compare(json({ v: left }), json({ v: right }), { rules: scope(rule("body $.v", format(name))) }).rules).toBeUndefined();
  });

  it("counts what its pattern would take too long for as untested", () => {
    const rules = scope(rule("body $[*]", format("/[a-z]{1,400}/")));
    const texts = (end: string): Outcome => json(Array.from({ length: 3 }, (_, index) => `${"x".repeat(399 + index)}${end}`));
    const few = compare(texts("y"), texts("z"), { rules });
    expect([few.leaves.untested, few.rules?.hidden.length]).toEqual([0, 1]);
    const long = (end: string): Outcome => json([`${"x".repeat(10_000)}${end}`, `a${end}`]);
    const { leaves, differences, rules: effects } = compare(long("y"), long("z"), { rules });
    expect([leaves.untested, differences, effects?.hidden.length, effects?.applied]).toEqual([1, [], 1, [0]]);
    expect(compare(long("y"), long("y"), { rules }).leaves.untested).toBe(0);
  });

  it("counts what it compares as tested by format", () => {
    const rules = scope(rule("body $.a", format()));
    expect(compare(json({ a: "abc", b: 1 }), json({ a: "xyz", b: 1 }), { rules }).leaves.byFormat).toBe(1);
    expect(compare(json({ a: "same", b: 1 }), json({ a: "same", b: 1 }), { rules }).leaves.byFormat).toBe(1);
  });
});

describe("two rules at one place", () => {
  it("leave it to the one that ignores, wherever it stands in the file", () => {
    const before = json({ b: { c: "x" } });
    const after = json({ b: { c: "y" } });
    expect(judged(before, after, rule("body $.b.c", format()), rule("body $.b", ignore)).hidden).toEqual(["1: /b/c json.value"]);
    expect(judged(before, after, rule("body $..c", format()), rule("body $.b.c", format())).hidden).toEqual(["0: /b/c json.value"]);
  });
});

describe("a scope", () => {
  it("knows by the path of a difference alone what is ignored, and around it", () => {
    const rules = scope(
      rule("body $.b", ignore),
      rule("header set-cookie/sid", ignore),
      rule("body /x~1y/*", ignore),
      rule("body $.v[0]", ignore),
    );
    const asked = (location: "header" | "body", paths: readonly string[]): (number | null)[] =>
      paths.map((path) => rules.ignoring(location, path));
    expect(asked("body", ["/b", "/b/c/d", "/bb", "", "b"])).toEqual([0, 0, null, null, null]);
    expect(asked("header", ["set-cookie/sid", "set-cookie/sid/path", "set-cookie", "set-cookie/side"])).toEqual([1, 1, null, null]);
    expect(asked("body", ["/x~1y", "/x~1y/z", "/x/y/z", "/v/*"])).toEqual([null, 2, null, null]);
    expect(rules.json.member("x/y").member("z").ignoredBy).toBe(2);
  });
});

describe("the rules of an endpoint", () => {
  const book = new RuleBook([
    rule("body $.a", ignore, "GET /posts/{id}"),
    rule("body $.a", ignore, "* /posts*"),
    rule("body $.a", ignore, "/(GET|PUT) .*/"),
    rule("body $.a", ignore, "GET /nowhere"),
  ]);
  const ignoring = (endpoint: string): number | null => book.scopeOf(endpoint).ignoring("body", "/a");

  it("are those whose pattern fits it; the first decides", () => {
    expect(["GET /posts/{id}", "DELETE /posts", "PUT /x", "DELETE /x"].map(ignoring)).toEqual([0, 1, 2, null]);
    expect([0, 1, 2, 3].map((index) => book.hasMetEndpoint(index))).toEqual([true, true, true, false]);
  });

  it("are one object for all endpoints with the same rules", () => {
    expect(book.scopeOf("PUT /a")).toBe(book.scopeOf("PUT /b"));
  });
});
