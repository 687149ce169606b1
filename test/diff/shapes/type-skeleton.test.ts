import { describe, expect, it } from "vitest";
import { KnownMaps } from "../../../diff/known-maps.ts";
import { typeSkeleton } from "../../../diff/shapes/type-skeleton.ts";
import type { JsonNode } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";

function node(json: unknown): JsonNode {
  const parsed = parseJson(Buffer.from(JSON.stringify(json)));
  if (parsed.kind !== "parsed") throw new Error("not JSON");
  return parsed.root;
}

const skeleton = (json: unknown): string => typeSkeleton(node(json), null);

describe("typeSkeleton", () => {
  it("has keys and types, and neither values nor the order of keys", () => {
    expect(skeleton({ b: 1, a: "x", c: { d: true } })).toBe('{"a":string,"b":number,"c":{"d":boolean}}');
    expect(skeleton({ c: { d: false }, a: "y", b: 2 })).toBe(skeleton({ b: 1, a: "x", c: { d: true } }));
  });

  it("tells null, absent and present apart", () => {
    expect(new Set([{ a: null }, {}, { a: 1 }].map(skeleton)).size).toBe(3);
  });

  it("has of an array the union of what its elements are", () => {
    expect(skeleton([{ sku: "x" }, { sku: "y", note: null }, { sku: 3 }])).toBe('[{"note"?:null,"sku":number|string}]');
    expect(skeleton([{ sku: "x" }])).toBe(skeleton([{ sku: "x" }, { sku: "y" }]));
    expect(skeleton([])).not.toBe(skeleton([1]));
    expect(skeleton([1, "a", [1], {}])).toBe("[[number]|number|string|{}]");
  });

  it("calls keys that are data by their form *", () => {
    expect(skeleton({ "2026-11-22": 1, "2026-11-23": 2 })).toBe('{"*":number}');
    expect(skeleton({ 4711: { a: 1 } })).toBe(skeleton({ 12: { a: 2 }, 13: { a: 3 } }));
  });

  it("calls keys * where objects have turned out to be maps", () => {
    const maps = new KnownMaps();
    const rates = (...names: readonly string[]): unknown => ({ rates: Object.fromEntries(names.map((name) => [name, 1])), base: "EUR" });
    const word = (index: number): string => `cur${String.fromCharCode(97 + index)}`;
    for (let i = 0; i < 24; i++) maps.learn("answer GET /rates", node(rates(word(i), word((i + 1) % 24))));
    const root = maps.rootOf("answer GET /rates");
    expect(typeSkeleton(node(rates("curx", "curq")), root)).toBe('{"base":string,"rates":{"*":number}}');
    expect(typeSkeleton(node(rates("curx")), null)).toBe('{"base":string,"rates":{"curx":number}}');
  });

  it("does not descend without end", () => {
    let deep: JsonNode = { kind: "null" };
    for (let i = 0; i < 400; i++) deep = { kind: "array", elements: [deep] };
    expect(typeSkeleton(deep, null)).toContain("…");
  });
});
