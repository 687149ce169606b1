import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Delta, ddmin } from "../../../replayer/dependence/ddmin.ts";

const items = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 0, maxLength: 12 });

/** Any predicate at all, from a table by subset, but true of the whole. */
const arbitrary = fc.tuple(items, fc.infiniteStream(fc.boolean())).map(([list, stream]) => {
  const table = new Map<string, boolean>([[list.join(), true]]);
  const fails = (part: readonly number[]): boolean => {
    const key = part.join();
    const known = table.get(key) ?? stream.next().value;
    table.set(key, known);
    return known;
  };
  return { list, fails };
});

function without(list: readonly number[], index: number): number[] {
  return list.toSpliced(index, 1);
}

function minimised(list: readonly number[], fails: (part: readonly number[]) => boolean): Promise<Delta<number>> {
  return ddmin(list, async (part) => fails(part));
}

/** The length of the smallest part that fails, by trying all of them. */
function smallestLength(list: readonly number[], fails: (part: readonly number[]) => boolean): number {
  let least = list.length;
  for (let bits = 0; bits < 2 ** list.length; bits++) {
    const part = list.filter((_, index) => (bits >> index) % 2 === 1);
    if (part.length < least && fails(part)) least = part.length;
  }
  return least;
}

describe("delta debugging", () => {
  it("ends with a part that fails and of which no element can be left out, whatever the test", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ list, fails }) => {
        const { items: part, minimal } = await minimised(list, fails);
        expect(minimal).toBe(true);
        expect(fails(part)).toBe(true);
        expect(list.filter((item) => part.includes(item))).toEqual(part);
        for (const index of part.keys()) expect(fails(without(part, index))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("finds exactly the elements that are needed together", async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.func(fc.boolean()), async (list, isNeeded) => {
        const needed = list.filter((item) => isNeeded(item));
        const { items: part } = await minimised(list, (tried) => needed.every((item) => tried.includes(item)));
        expect(part).toEqual(needed);
      }),
      { numRuns: 500 },
    );
  });

  it("finds a smallest part where one of several causes is enough and each is one element", async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.func(fc.boolean()), async (list, isCause) => {
        const fails = (tried: readonly number[]): boolean => tried.some((item) => isCause(item));
        fc.pre(fails(list));
        expect((await minimised(list, fails)).items).toHaveLength(smallestLength(list, fails));
      }),
    );
  });

  it("keeps what still fails when it may not go on, and does not call it minimal", async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(40), async ({ list, fails }, budget) => {
        let left = budget;
        const delta = await ddmin(list, async (part) => (left-- > 0 ? fails(part) : null));
        expect(fails(delta.items)).toBe(true);
        expect(delta.minimal && left < 0).toBe(false);
      }),
    );
  });

  it("asks about pairs of a long list in few tries", async () => {
    const long = Array.from({ length: 200 }, (_, index) => index);
    let tries = 0;
    const { items: part } = await ddmin(long, async (tried) => {
      tries++;
      return tried.includes(17) && tried.includes(140);
    });
    expect(part).toEqual([17, 140]);
    expect(tries).toBeLessThan(80);
  });
});
