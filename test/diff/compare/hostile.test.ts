/** Answers made to break the comparison: they may cost their budget, and nothing else. */

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compare, found, json, raw, text } from "./answers.ts";

const many = 20_000;
const numbers = Array.from({ length: many }, (_, index) => index);
/** Not a measurement: quadratic work on these inputs would take many minutes, and a busy machine may take its time. */
const soon = 120_000;

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

  it("that decode to half a gigabyte are cut at the cap, as documents of any kind", { timeout: soon }, () => {
    // A gzip file may have several members; the whole is never in memory.
    const member = gzipSync(Buffer.alloc(2 ** 25));
    const coded = gzipSync(Buffer.concat(Array.from({ length: 16 }, () => member)));
    const bomb = (type: string) => raw(coded, { "content-encoding": "gzip, gzip", "content-type": type });
    for (const type of ["application/json", "application/xml", "application/cbor"]) {
      expect(found(raw("{}", { "content-type": type }), bomb(type)).at(-1)).toBe("body.undecodable value decoded→undecodable");
    }
  });

  it.each(["x", "1", "a1", "0f", " ", "/a", "eyJ", "&amp;"])(
    "with values of many megabytes of %j are compared",
    { timeout: soon },
    (unit) => {
      const long = (last: string) => unit.repeat(8_000_000 / unit.length) + last;
      expect(found(json(long("1")), json(long("2")))).toHaveLength(1);
      expect(found(json({ id: long("1") }), json({ id: long("x") }))).toHaveLength(1);
      expect(found(json([long("1"), "a"]), json(["b", long("2"), "a"])).length).toBeGreaterThan(0);
      expect(found(text(`<a>${long("1")}</a>`, "application/xml"), text(`<a>${long("2")}</a>`, "application/xml"))).toHaveLength(1);
    },
  );

  it("with numbers of many megabytes are compared", { timeout: soon }, () => {
    const digits = "7".repeat(8_000_000);
    for (const form of [(last: string) => digits + last, (last: string) => `0.${digits}${last}`, (last: string) => `1e${digits}${last}`]) {
      expect(found(raw(form("1")), raw(form("2")))).toHaveLength(1);
      expect(found(raw(`{"id":${form("1")}}`), raw(`{"id":${form("2")}}`)).length).toBeLessThanOrEqual(1);
    }
  });

  it("of a form with more fields than the budget are untested", () => {
    const form = (name: string) => text(`${name}&`.repeat(200_001), "application/x-www-form-urlencoded");
    const { differences, leaves } = compare(form("a"), form("b"));
    expect(differences.map(({ kind, transition }) => `${kind} ${transition}`)).toEqual(["body.opaque over-limit"]);
    expect(leaves.untested).toBe(1);
  });

  it("with invalid UTF-8 are malformed JSON, and compared as text when both are", () => {
    const invalid = (last: number) => raw(Buffer.from([0x22, 0xff, last, 0x22]));
    expect(found(json("a"), invalid(0x61))).toEqual(["body.unparseable value parsed→invalid"]);
    expect(found(invalid(0x61), invalid(0x62))).toEqual(["text.line value line"]);
  });

  it("with duplicate keys say which one was lost", () => {
    expect(found(raw('{"a":1,"a":2}'), raw('{"a":2}'))).toEqual(["json.duplicate-key lexeme duplicates"]);
    expect(found(raw('{"a":1,"a":2}'), raw('{"a":1,"a":3}'))).toEqual(["/a json.value value value"]);
  });

  it("whose documents in texts multiply are looked at within the budget", { timeout: soon }, () => {
    const wrapped = (value: number) => JSON.stringify(JSON.stringify({ list: [...numbers, value] }));
    const series = (value: number) => raw(`[${Array.from({ length: 50 }, () => wrapped(value)).join(",")}]`);
    const { differences, leaves } = compare(series(1), series(2));
    // Two million values in all, of which the budget has a quarter; documents that it does not reach are untested.
    expect(differences.map(({ path, kind }) => `${path} ${kind}`)).toEqual(["/*/list/* json.value"]);
    expect(leaves.byValue).toBeLessThan(500_000);
    expect(leaves.untested).toBeGreaterThan(0);
  });

  it("whose lists would each cost as much as is allowed cost no more than all may", { timeout: soon }, () => {
    const objects = (salt: number) => Array.from({ length: 90 }, (_, n) => ({ a: n % 7, b: (n * salt) % 11, c: salt }));
    const lists = (salt: number, extra: number) => json(Array.from({ length: 300 }, (_, n) => ({ list: objects(salt + n).slice(extra) })));
    expect(found(lists(3, 0), lists(5, 1)).length).toBeGreaterThan(0);
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
      "cache-control": '="",,private="',
      "content-security-policy": ";;'nonce-';",
      "content-disposition": 'a;filename="\\',
      "content-range": "/",
      etag: "W/",
    };
    expect(found(json({}, headers), json({}, headers))).toEqual([]);
    expect(found(json({}, headers), json({}, { ...headers, "cache-control": "x".repeat(100_000) })).length).toBeGreaterThan(0);
    expect(found(json({}, headers), json({}, { ...headers, location: "%", "content-type": "a/b/c" })).length).toBeGreaterThan(0);
  });
});
