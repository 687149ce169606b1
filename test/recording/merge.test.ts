import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeInOrder } from "../../recording/merge.ts";

describe("mergeInOrder", () => {
  it("gives what sorting everything gives", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20))), (lists) => {
        const sources = lists
          .map((list) => list.toSorted((a, b) => a - b))
          .map((list) => ({ start: list[0] ?? -Infinity, open: () => list.values() }));
        expect([...mergeInOrder(sources, (item) => item)]).toEqual(lists.flat().toSorted((a, b) => a - b));
      }),
    );
  });

  it("opens a source when its time has come, and closes all when the reader stops", () => {
    const log: string[] = [];
    function* items(name: string, values: number[]): Generator<number> {
      log.push(`open ${name}`);
      try {
        yield* values;
      } finally {
        log.push(`close ${name}`);
      }
    }
    const source = (name: string, values: number[]) => ({ start: values[0] ?? 0, open: () => items(name, values) });
    for (const item of mergeInOrder([source("a", [1, 2]), source("b", [3, 9]), source("c", [20])], (value) => value)) if (item === 3) break;
    expect(log).toEqual(["open a", "close a", "open b", "close b"]);
  });
});
