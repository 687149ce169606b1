import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../model/exchange.ts";
import { compare, found, json, raw } from "./answers.ts";

const one = (left: unknown, right: unknown) => found(json({ v: left }), json({ v: right }));

describe("JSON values", () => {
  it.each([
    ["null became absent", { v: null }, {}, "/v json.missing presence null→absent"],
    ["absent became null", {}, { v: null }, "/v json.extra presence absent→null"],
    ["a value became absent", { v: 1 }, {}, "/v json.missing presence present→absent"],
    ["null became a text", { v: null }, { v: "" }, "/v json.null type null→string"],
    ["a text became null", { v: "x" }, { v: null }, "/v json.null type string→null"],
    ["a list became an object", { v: [] }, { v: {} }, "/v json.type type array→object"],
    ["a number became a text", { v: 1 }, { v: "1" }, "/v json.type type number→string"],
    ["true became false", { v: true }, { v: false }, "/v json.value value true→false"],
    ["a text became empty", { v: "some text" }, { v: "" }, "/v json.value value text→empty"],
    ["a UUID became empty", { v: "8d0c6c4e-0f3e-4a3e-9d1b-3f1a0c2b4d5e" }, { v: "" }, "/v json.format format uuid→empty"],
  ])("tells when %s", (_, left, right, line) => {
    expect(found(json(left), json(right))).toEqual([line]);
  });

  it("ignores key order and white space", () => {
    expect(found(raw('{"a":1,"b":{"c":2,"d":3}}'), raw('{ "b": {"d":3, "c":2},\n "a": 1 }'))).toEqual([]);
  });

  it("escapes keys in paths as JSON Pointer does", () => {
    expect(found(json({ "a/b~c": 1 }), json({ "a/b~c": 2 }))).toEqual(["/a~1b~0c json.value value value"]);
  });

  it("compares __proto__ like any other key", () => {
    expect(found(raw('{"__proto__":{"a":1}}'), raw('{"__proto__":{"a":2}}'))).toEqual(["/__proto__/a json.value value value"]);
  });

  it("reports a duplicate key that came or went, and compares the last one", () => {
    expect(found(raw('{"a":true,"a":true}'), raw('{"a":true}'))).toEqual(["json.duplicate-key lexeme duplicates"]);
    expect(found(raw('{"a":1,"b":0,"a":2}'), raw('{"b":0,"a":3,"a":2}'))).toEqual(["json.duplicate-key lexeme duplicates"]);
    expect(found(raw('{"v":{"a":1,"a":2}}'), raw('{"v":{"a":3,"a":2}}'))).toEqual(["/v json.duplicate-key lexeme duplicates"]);
    expect(found(raw('{"a":1,"a":2}'), raw('{"a":1,"a":4}'))).toEqual(["/a json.value value value"]);
  });
});

describe("JSON numbers", () => {
  const numbers = (left: string, right: string) => found(raw(`{"v":${left}}`), raw(`{"v":${right}}`));

  it.each([
    ["1", "1.0", "json.number-lexeme lexeme lexeme"],
    ["100", "1e2", "json.number-lexeme lexeme lexeme"],
    ["0", "-0.00", "json.number-lexeme lexeme lexeme"],
    ["9007199254740993", "9007199254740992", "json.number-precision value precision"],
    ["1e400", "1e401", "json.value value value"],
    ["1e99999999999999999999", "1e99999999999999999998", "json.value value value"],
    ["12", "1200", "json.value value ×100"],
    ["1200", "12", "json.value value ÷100"],
    ["5", "-5", "json.value value sign"],
    ["12.3456", "12.35", "json.value value rounding"],
    ["12.35", "12.3456", "json.value value rounding"],
    ["1.5", "1500", "json.value value ×1000"],
    ["3", "4", "json.value value value"],
    ["1795339480388", "1795339480", "json.format format epoch ms→epoch s"],
  ])("compares %s with %s", (left, right, line) => {
    expect(numbers(left, right)).toEqual([`/v ${line}`]);
  });
});

describe("JSON numbers", () => {
  it("have one format, however far from one another they are", () => {
    const numbers = (left: string, right: string): string[] => found(raw(`{"v":${left}}`), raw(`{"v":${right}}`));
    expect(numbers("1e-999999999", "0")).toEqual(["/v json.number-precision value precision"]);
    expect(numbers("1e99999", "7")).toEqual(["/v json.value value value"]);
    expect(numbers("1795339480", "1795339480000")).toEqual(["/v json.format format epoch s→epoch ms"]);
  });
});

describe("JSON texts", () => {
  it.each([
    ["Abc", "abc", "case"],
    ["abc ", "abc", "trim"],
    ["abc", "", "text→empty"],
    ["", "abc", "empty→text"],
    ["a long…", "a long sentence", "extended"],
    ["a b", "a%20b", "escape"],
    ['say \\"yes\\"', 'say "yes"', "escape"],
    ["12.50", "12.5049", "rounding"],
    ["-3", "3", "sign"],
    ["a long sentence", "a long…", "truncated"],
    ["Tom & Jo", "Tom &amp; Jo", "escape"],
    ["pending", "paid", "pending→paid"],
    ["one sentence", "another sentence", "value"],
    ["10", "1000", "×100"],
  ])("names the change from %j to %j", (left, right, transition) => {
    expect(one(left, right)).toEqual([`/v json.value value ${transition}`]);
  });

  it.each([
    ["2026-11-22T09:00:00Z", "2026-11-22T09:00:00+02:00", "rfc3339 s Z→rfc3339 s offset"],
    ["2026-11-22T09:00:00+01:00", "2026-11-22T10:00:00+02:00", "zone shift"],
    ["2026-11-22T09:00:00Z", "1795339480", "rfc3339 s Z→epoch s"],
    ["5f9d88b2c1a4e20017b3d2aa", "5f9d88b2c1a4e200", "hex 24→hex 16"],
    ["8d0c6c4e-0f3e-4a3e-9d1b-3f1a0c2b4d5e", "17", "uuid→integer"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "not available", "jwt→text"],
  ])("reports another format: %s, %s", (left, right, transition) => {
    expect(one(left, right)).toEqual([`/v json.format format ${transition}`]);
  });

  it("reports another zone of a time about now, and of one that this explains", () => {
    const answer = (at: string, until: string): Outcome => json({ at, until }, { date: "Sun, 22 Nov 2026 09:00:00 GMT" });
    const before = answer("2026-11-22T09:00:00.100+00:00", "2026-12-22T09:00:00.100+00:00");
    expect(found(before, answer("2026-11-22T11:00:00.900+02:00", "2026-12-22T11:00:00.900+02:00"))).toEqual([
      "/at json.format format zone shift",
      "/until json.format format zone shift",
    ]);
    expect(found(before, answer("2026-11-22T09:00:00.900+00:00", "2026-12-22T09:00:00.900+00:00"))).toEqual([]);
  });

  it("escapes control characters in renderings and cuts them to 200 characters", () => {
    const [difference] = compare(json({ v: "a\u001b[2J\u202e" }), json({ v: "x".repeat(1000) })).differences;
    expect(difference?.from).toBe('"a\\u001b[2J\\u202e"');
    expect(difference?.to).toHaveLength(200);
  });
});

describe("JSON arrays", () => {
  const list = (left: readonly unknown[], right: readonly unknown[]) => found(json({ v: left }), json({ v: right }));
  const item = (id: number, name = `n${id}`) => ({ id, name, size: 1 });

  it("reports only the order of a permuted list", () => {
    expect(list([1, 2, 2, "x"], ["x", 2, 1, 2])).toEqual(["/v json.order value order"]);
    expect(list([item(1), item(2), item(3)], [item(3), item(1), item(2)])).toEqual(["/v json.order value order"]);
  });

  it("compares elements with the same id, wherever they stand", () => {
    expect(list([item(1), item(2), item(3)], [item(3), item(1), item(2, "other")])).toEqual([
      "/v json.order value order",
      "/v/*/name json.value value value",
    ]);
  });

  it("reports elements that are gone with their number, once", () => {
    expect(list([item(1), item(2), item(3), item(4)], [item(1), item(4)])).toEqual([
      "/v json.element-count value fewer",
      "/v/* json.element-missing presence present→absent",
    ]);
    expect(list(["a", "b", "c"], ["a", "c"])).toEqual([
      "/v json.element-count value fewer",
      "/v/* json.element-missing presence present→absent",
    ]);
  });

  it("tells losing repeated elements from losing others", () => {
    expect(list(["a", "b", "a", "c", "b"], ["a", "b", "c"])).toContain("/v json.element-count value dedupe");
    expect(list([item(1), item(2), item(1)], [item(1), item(2)])).toContain("/v json.element-count value dedupe");
    expect(list(["a", "b", "a"], ["b", "a"])).toContain("/v json.element-count value fewer");
    expect(list(["a"], ["a", "a"])).toContain("/v json.element-count value more");
  });

  it("reports only the number when one side is empty", () => {
    expect(list([], [1, 2])).toEqual(["/v json.element-count presence 0→n"]);
    expect(list([1, 2], [])).toEqual(["/v json.element-count presence n→0"]);
  });

  it("reports an exchanged element as one missing and one extra when ids tell them apart", () => {
    expect(list([item(1), item(2)], [item(1), item(9, "z")])).toEqual([
      "/v/* json.element-missing presence present→absent",
      "/v/* json.element-extra presence absent→present",
    ]);
  });

  it("uses any member as a key that tells the elements apart on both sides", () => {
    const price = (sku: string, amount: number) => ({ sku, amount });
    expect(list([price("a", 10), price("b", 20)], [price("b", 30), price("a", 10)])).toEqual([
      "/v json.order value order",
      "/v/*/amount json.value value value",
    ]);
  });

  it("pairs changed elements without a key in order", () => {
    expect(
      list(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [3, 5],
        ],
      ),
    ).toEqual(["/v/*/* json.value value value"]);
    expect(list([0.1, 0.5, 0.7], [0.2, 0.5, 0.9])).toEqual(["/v/* json.value value value"]);
  });

  it("pairs changed objects by likeness when their number changed, too", () => {
    const row = (a: number, b: number, c: number) => ({ a, b, c });
    expect(list([row(1, 1, 1), row(2, 2, 2), row(2, 2, 2)], [row(2, 2, 3), row(2, 2, 2)])).toEqual([
      "/v json.element-count value fewer",
      "/v/*/c json.value value value",
      "/v/* json.element-missing presence present→absent",
    ]);
  });
});
