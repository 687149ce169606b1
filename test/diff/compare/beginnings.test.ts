/** Documents beyond the bound on values: what of them is compared all the same. */

import { describe, expect, it } from "vitest";
import { commonBeginning, overLimitTransition } from "../../../diff/compare/beginnings.ts";
import { parseJson } from "../../../model/json/parse.ts";
import { compare, json, text } from "./answers.ts";

function beginning(left: unknown, right: unknown, maxNodes: number) {
  const [before, after] = [left, right].map((value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    return { bytes, parse: parseJson(bytes, { maxNodes }) };
  });
  const common = before === undefined || after === undefined ? null : commonBeginning(before, after);
  return common === null ? null : { ...common, left: plain(common.left), right: plain(common.right) };
}

/** Of the numbers, texts, lists and objects that these tests are made of. */
function plain(node: NonNullable<ReturnType<typeof commonBeginning>>["left"]): unknown {
  if (node.kind === "array") return node.elements.map(plain);
  if (node.kind === "object") return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
  return node.kind === "number" ? Number(node.lexeme) : node.kind === "string" ? node.value : null;
}

describe("the beginning that two documents have in common", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ id: n, v: "x" }));

  it("is as far as both were read", () => {
    // Of the left the third row's first member is the last value within the bound.
    expect(beginning({ a: 1, rows: rows(9) }, { a: 2, rows: rows(9) }, 8)).toMatchObject({
      left: { a: 1, rows: [{ id: 0, v: "x" }, { id: 1, v: "x" }, { id: 2 }] },
      right: { a: 2, rows: [{ id: 0, v: "x" }, { id: 1, v: "x" }, { id: 2 }] },
      rest: 10,
      isRestSame: true,
    });
  });

  it("has no more elements than the shorter list", () => {
    expect(beginning({ rows: rows(9), z: 1 }, { rows: rows(2), z: 1 }, 9)).toMatchObject({
      left: { rows: rows(2) },
      right: { rows: rows(2) },
      isRestSame: false,
    });
    expect(beginning([1, 2, 3, 4], [], 3)).toMatchObject({ left: [], right: [] });
  });

  it("leaves out members that may come later, and keeps those that cannot", () => {
    const common = beginning({ a: 1, b: 1, c: [1, 2, 3, 4, 5, 6] }, { b: 1, c: [1, 2], d: 1 }, 6);
    expect([common?.left, common?.right]).toEqual([
      { a: 1, b: 1, c: [1, 2] },
      { b: 1, c: [1, 2] },
    ]);
  });

  it("has what ends just at the bound", () => {
    expect(beginning({ c: [1, 2, 3], d: 1 }, { c: [1, 2, 3], d: 2 }, 3)).toMatchObject({ left: { c: [1, 2, 3] }, isRestSame: false });
  });

  it("does not take what differs behind the bound for the same", () => {
    expect(beginning([1, 2, 3, 4, 5], [1, 2, 3, 4, 6], 3)).toMatchObject({ left: [1, 2, 3], right: [1, 2, 3], isRestSame: false });
    // Bytes that are the same from the end on, but other values before: the second list has an element more.
    expect(beginning([[1, 1], 7, 7, 7, 7], [[1], 7, 7, 7, 7], 3)?.isRestSame).toBe(false);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])("of equal documents is equal, whatever the bound: %i", (maxNodes) => {
    const document = { a: [[1, [2, []]], { b: {}, c: [{ d: 3 }, "x"] }], e: [{}, [[]], 4], f: "y" };
    const common = beginning(document, document, maxNodes);
    expect(common?.left).toEqual(common?.right);
    expect(common?.isRestSame).toBe(true);
  });

  it("is none where a document is too deep", () => {
    const parse = parseJson(Buffer.from("[[[1]]]"), { maxDepth: 2 });
    expect(parse).toEqual({ kind: "over-limit", limit: "depth" });
    expect(commonBeginning({ bytes: Buffer.from(""), parse }, { bytes: Buffer.from(""), parse })).toBeNull();
  });
});

describe("bodies of more values than the bound", () => {
  const numbers = Array.from({ length: 250_000 }, (_, n) => n % 7);
  const found = (left: unknown, right: unknown) => {
    const { differences, leaves } = compare(json(left), json(right));
    return { found: differences.map(({ path, kind, transition }) => `${path} ${kind} ${transition}`), leaves };
  };

  it("are compared up to it, and tested to their end where that is the same", () => {
    const { found: differences, leaves } = found({ id: "a b", numbers }, { id: "c d", numbers });
    expect(differences).toEqual(["/id json.value value"]);
    expect(leaves.untested).toBe(0);
    expect(leaves.byValue).toBeGreaterThan(250_000);
  });

  it("count as untested behind it otherwise, and say so", () => {
    const { found: differences, leaves } = found([...numbers, 1], [...numbers, 2]);
    expect(differences).toEqual([" body.opaque over-limit"]);
    expect(leaves.untested).toBeGreaterThan(50_000);
  });

  it("are compared line by line where each is a document", () => {
    const lines = (first: string, count: number, last: string) =>
      text([first, ...Array.from({ length: count }, (_, n) => `{"n":${n}}`), last].join("\n"), "application/x-ndjson");
    const { differences, leaves } = compare(lines('{"a":"x y"}', 120_000, '{"b":1}'), lines('{"a":"z y"}', 120_000, '{"b":2}'));
    expect(differences.map(({ path, transition }) => `${path} ${transition}`)).toEqual([" over-limit", "/*/a value"]);
    // Of 240,005 values, half of them leaves, the bound takes 200,000.
    expect([leaves.byValue, leaves.untested].map((count) => Math.round(count / 10_000))).toEqual([10, 2]);
    const same = compare(lines('{"a":"x y"}', 120_000, '{"b":1}'), lines('{"a":"z y"}', 120_000, '{"b":1}'));
    expect(same.differences.map(({ path }) => path)).toEqual(["/*/a"]);
  });

  it("are told from others by size", () => {
    expect(found(numbers, numbers.slice(0, 10)).found).toEqual([" body.opaque over-limit→parsed"]);
    expect(found(numbers, [...numbers, ...numbers]).found).toEqual([" body.opaque over-limit, longer"]);
    expect(overLimitTransition("over-limit", "over-limit", [100, 79])).toBe("over-limit, shorter");
    expect(overLimitTransition("over-limit", "over-limit", [100, 81])).toBe("over-limit");
  });

  it("are compared as nothing but bytes where no beginning is read", () => {
    const form = (end: string) => text(`${"a=1&".repeat(200_001)}${end}`, "application/x-www-form-urlencoded");
    expect(compare(form("b"), form("c")).differences.map(({ transition }) => transition)).toEqual(["over-limit"]);
  });
});
