import { describe, expect, it } from "vitest";
import { type Position, SegmentTree } from "../../diff/segment-tree.ts";
import { seededRandom } from "../../model/random.ts";

function positionsOf(tree: SegmentTree): Position[] {
  const all: Position[] = [tree.root];
  for (const position of all) {
    all.push(...position.literals.values());
    for (const child of [position.parameter, position.crowd]) if (child !== null) all.push(child);
  }
  return all;
}

const learn = (tree: SegmentTree, path: string): void =>
  tree.learn(
    "GET",
    path.split("/").map((text) => ({ text, isParameter: /^\d+$/.test(text) })),
  );

describe("SegmentTree", () => {
  it("counts what passes and what ends", () => {
    const tree = new SegmentTree();
    for (const path of ["a/7/b", "a/8", "a", "c"]) learn(tree, path);
    const a = tree.root.literals.get("a");
    expect([tree.root.requests, a?.requests, a?.parameter?.requests, a?.parameter?.literals.get("b")?.requests]).toEqual([4, 3, 2, 1]);
    expect([tree.root, a, a?.parameter].map((position) => [...(position?.methods ?? [])])).toEqual([[], ["GET"], ["GET"]]);
    expect(positionsOf(tree)).toHaveLength(5);
  });

  it("keeps a bound on the children of one position, and the frequent ones of them", () => {
    const tree = new SegmentTree();
    for (let index = 0; index < 30_000; index++) {
      learn(tree, `flood/word-${index}/x`);
      if (index % 20 === 0) learn(tree, "flood/real");
    }
    const flood = tree.root.literals.get("flood");
    expect(flood?.literals.size).toBeLessThanOrEqual(4_000);
    expect(flood?.literals.get("real")?.requests).toBe(1_500);
    expect(flood?.literals.size).toBe(30_001 - (flood?.crowdSize ?? 0));
    expect([...(flood?.crowd?.literals.keys() ?? [])]).toEqual(["x"]);
    expect((flood?.crowd?.requests ?? 0) + [...(flood?.literals.values() ?? [])].reduce((sum, { requests }) => sum + requests, 0)).toBe(
      31_500,
    );
  });

  it("keeps a bound on all positions, however deep and whatever the mixture of names and identifiers", () => {
    const tree = new SegmentTree();
    const random = seededRandom(3);
    const segment = (): string => (random.below(4) === 0 ? "7" : `w${random.below(100_000)}`);
    for (let index = 0; index < 20_000; index++) {
      learn(tree, Array.from({ length: random.below(40) }, segment).join("/"));
      learn(tree, `orders/${index}`);
    }
    expect(positionsOf(tree).length).toBeLessThan(50_100);
    expect(tree.root.requests).toBe(40_000);
    expect(tree.root.literals.get("orders")?.parameter?.requests).toBe(20_000);
  });
});
