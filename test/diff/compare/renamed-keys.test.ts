/** Objects whose keys are ids that every copy makes anew: what is below them is compared all the same. */

import { describe, expect, it } from "vitest";
import { found, json, uuid } from "./answers.ts";

const lines = (...each: readonly (readonly [id: number, value: unknown])[]) =>
  json({ lines: Object.fromEntries(each.map(([id, value]) => [uuid(id), value])), vat: 1 });
const told = (left: ReturnType<typeof json>, right: ReturnType<typeof json>) =>
  found(left, right).map((difference) => difference.replaceAll(uuid(1), "1").replaceAll(uuid(2), "2"));

describe("keys that are ids made anew", () => {
  it("are no difference, in whatever order they come", () => {
    expect(told(lines([1, { price: 5 }], [2, { price: 7 }]), lines([11, { price: 7 }], [12, { price: 5 }]))).toEqual([]);
    expect(told(lines([1, { id: uuid(1) }]), lines([11, { id: uuid(11) }]))).toEqual([]);
  });

  it("show what differs below them", () => {
    const differences = told(lines([1, { price: 5, name: "lamp" }]), lines([11, { price: null, name: "lamp" }]));
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(/\/lines\/1\/price json\.null/);
  });

  it("are missing where there are fewer of them", () => {
    const differences = told(lines([1, { price: 5 }], [2, { price: 7 }]), lines([11, { price: 7 }]));
    expect(differences).toEqual([expect.stringMatching(/\/lines\/1 json\.missing/)]);
  });
});
