/** Answers made to break the comparison: they may cost their budget, and nothing else. */

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compare, found, json, raw, text } from "./answers.ts";

const many = 20_000;
const numbers = Array.from({ length: many }, (_, index) => index);
/** Quadratic work on these inputs would take minutes; the bound is generous for a busy machine. */
const soon = 10_000;

describe("hostile answers", () => {
  it("nested 200,000 deep are beyond the bound, and say so", () => {
    const deep = (inner: string) => raw("[".repeat(200_000) + inner + "]".repeat(200_000));
    const { differences, leaves } = compare(deep("1"), deep("2"));
    expect(differences.map(({ kind, transition }) => `${kind} ${transition}`)).toEqual(["body.opaque over-limit"]);
    expect(leaves.untested).toBe(1);
    expect(found(deep("1"), deep("1"))).toEqual([]);
  });

  it("nested to just within the bound are compared", () => {
    const deep = (inner: string) => raw('{"a":['.repeat(250) + inner + "]}".repeat(250));
    expect(compare(deep("1"), deep("2")).differences).toHaveLength(1);
  });

  it("nested deep with a large list at the bottom are read once, not once a level", { timeout: soon }, () => {
    const levels = 200;
    const deep = (last: number) => raw(`${'[{"a":1},'.repeat(levels)}${JSON.stringify([...numbers, last])}${"]".repeat(levels)}`);
    expect(found(deep(-1), deep(-2))).toEqual([`${"/*".repeat(levels + 1)} json.value value value`]);
    const keyed = (last: number) => raw(`${'[{"id":1,"b":'.repeat(levels)}${JSON.stringify([...numbers, last])}${"}]".repeat(levels)}`);
    expect(found(keyed(-1), keyed(-2))).toHaveLength(1);
  });

  it("that decode to more than the cap are undecodable", () => {
    const bomb = raw(gzipSync(Buffer.alloc(40_000_000, "[")), { "content-encoding": "gzip" });
    expect(found(raw(gzipSync("{}"), { "content-encoding": "gzip" }), bomb)).toEqual(["body.undecodable value decoded→undecodable"]);
  });

  it("with __proto__, lone surrogates and huge numbers are compared like others", () => {
    const odd = (value: string) => raw(`{"__proto__":${value},"constructor":${value},"\\ud800":${value}}`);
    expect(found(odd('"\\ud800"'), odd('"\\udfff"'))).toHaveLength(3);
    expect(found(odd("1e400"), odd("1e-400"))).toHaveLength(3);
    expect(found(odd("1e999999999999999999"), odd("9e999999999999999999"))).toHaveLength(3);
  });

  it("with 20,000 elements take no longer than their size, however they differ", { timeout: soon }, () => {
    const list = numbers.map((id) => ({ id, name: `n${id}`, value: id / 7 }));
    const other = list.map((element) => ({ ...element, value: element.value + 1 }));
    expect(found(json(list), json(other))).toEqual(["/*/value json.value value value"]);
    expect(found(json(list), json(other.toReversed()))).toContain("json.order value order");
    expect(found(json(numbers), json(numbers.map((number) => number + 0.5)))).toEqual(["/* json.value value value"]);
    expect(found(json(numbers), json(numbers.slice(1).map((number) => number + 0.5)))).toContain("json.element-count value fewer");
    const untold = numbers.map((number) => ({ a: number % 2, b: number % 3 }));
    expect(found(json(untold), json(untold.slice(7).map(({ a }) => ({ a, b: 4 }))))).toContain("json.element-count value fewer");
  });

  it("with 20,000 ids that all changed are one renaming", { timeout: soon }, () => {
    const ids = (first: string) =>
      json(numbers.map((number) => ({ id: `${first}0000000-0000-4000-8000-${String(number).padStart(12, "0")}` })));
    expect(found(ids("1"), ids("2"))).toEqual([]);
  });

  it("of nested or unclosed markup fall back to text, or are compared in time", { timeout: soon }, () => {
    const pages = [
      "<div>".repeat(100_000),
      "<b>".repeat(50_000) + "<p>".repeat(50_000),
      "<p>".repeat(100_000),
      "<table><tr><td>".repeat(30_000),
      "<".repeat(200_000),
      "<a <".repeat(50_000),
    ];
    for (const page of pages) expect(found(text(`${page} x`, "text/html"), text(`${page} y`, "text/html"))).toHaveLength(1);
  });

  it("of long lines and many lines are compared in time", { timeout: soon }, () => {
    const lines = numbers.map((number) => `line ${"abcdefgh".charAt(number % 8)} ${number * 7919}`);
    expect(found(text(lines.join("\n")), text(lines.toReversed().join("\n"))).length).toBeGreaterThan(0);
    expect(found(text("a1".repeat(500_000)), text("a2".repeat(500_000)))).toHaveLength(1);
    expect(found(json("0 ".repeat(100_000)), json("0-".repeat(100_000)))).toHaveLength(1);
  });

  it("with hostile headers are compared", () => {
    const headers = {
      "set-cookie": ["=", ";;;", "a=1; =; __proto__=2"],
      location: "http://[::1",
      link: "<<<<",
      "content-type": ";;;",
      vary: ",,",
      etag: "W/",
    };
    expect(found(json({}, headers), json({}, headers))).toEqual([]);
    expect(found(json({}, headers), json({}, { ...headers, location: "%", "content-type": "a/b/c" })).length).toBeGreaterThan(0);
  });
});
