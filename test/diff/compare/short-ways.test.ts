/** Arrays and texts with too little in common to be worth aligning: seen at once, where the long way would find the same. */

import { expect, it } from "vitest";
import { References } from "../../../diff/compare/references.ts";
import { compare, found, json, text } from "./answers.ts";

const lines = (count: number, line: (index: number) => string) => text(Array.from({ length: count }, (_, index) => line(index)).join("\n"));
const words = ["alpha", "beta", "gamma", "delta"];
/** Without digits, which are masked. */
const word = (index: number): string => Array.from(index.toString(4), (digit) => words[Number(digit)]).join(" ");

it("pairs elements that have no member in common in turn", () => {
  const list = (...rows: readonly (readonly [number, string])[]) => json(rows.map(([id, note]) => ({ id, note })));
  expect(found(list([1, "a"], [2, "b"]), list([7, "A"], [8, "x"]))).toEqual(["/*/note json.value value case"]);
});

it("does not take elements for different because their ids are known to stand for others", () => {
  const references = new References();
  const first = found(json([{ id: 1 }, { id: 2 }]), json([{ id: 5 }, { id: 6 }]), { references });
  expect(first).toEqual([]);
  const [one, other] = [
    { id: 1, isNew: true },
    { id: 2, isNew: false },
  ];
  expect(found(json([one, other]), json([other, one]), { references })).toEqual(["json.order value order"]);
});

it("aligns texts of which few lines were changed, and tells only these", () => {
  const { differences, leaves } = compare(
    lines(400, word),
    lines(400, (index) => (index % 10 === 0 ? `new ${word(index)}` : word(index))),
  );
  expect(differences).toMatchObject([{ kind: "text.block", from: "40 lines: alpha", to: "40 lines: new alpha" }]);
  expect(leaves.byValue).toBe(360 + 3);
});

it("compares texts as a whole when more lines were changed than are looked for", () => {
  const { differences, leaves } = compare(
    lines(2_000, word),
    lines(2_000, (index) => (index % 3 === 0 ? `new ${word(index)}` : word(index))),
  );
  expect(differences).toMatchObject([{ kind: "text.block", from: "2000 lines: alpha", to: "2000 lines: new alpha" }]);
  expect(leaves.byValue).toBe(3);
});
