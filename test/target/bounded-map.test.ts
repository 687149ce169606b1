import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../target/bounded-map.ts";

describe("a bounded map", () => {
  it("holds what was written last, whatever is written, taken and cleared", () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const step = fc.oneof(
      { weight: 10, arbitrary: fc.record({ kind: fc.constant("set" as const), key }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("take" as const), key }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const), key }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const capacity = 3;
        const map = new BoundedMap<number>(capacity);
        let model: (readonly [key: string, value: number])[] = [];
        let evicted = 0;
        steps.forEach(({ kind, key: name }, index) => {
          model = kind === "clear" ? [] : model.filter(([other]) => other !== name);
          if (kind === "clear") map.clear();
          else if (kind === "take") map.take(name);
          else {
            map.set(name, index);
            model.push([name, index]);
            if (model.length > capacity) evicted += 1;
            model = model.slice(-capacity);
          }
          expect(["a", "b", "c", "d", "e", "f"].map((other) => map.get(other))).toEqual(
            ["a", "b", "c", "d", "e", "f"].map((other) => model.find(([held]) => held === other)?.[1]),
          );
          expect([map.size, map.evicted]).toEqual([model.length, evicted]);
        });
      }),
    );
  });
});
