import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochMs } from "../../model/units.ts";
import { Order, type OrderMode, type WriteScope } from "../../target/order.ts";

interface Planned {
  readonly id: string;
  readonly lane: string | null;
  readonly connection: string | null;
  readonly start: number;
  readonly end: number;
  readonly unsafe: boolean;
  readonly scope: string;
}

/** Submits in order of start, announcing every end that came before; returns who waits for whom. */
function waits(
  mode: OrderMode,
  plan: readonly Planned[],
  writeScope: WriteScope = "segment",
  producers: Record<string, string[]> = {},
): Record<string, string[]> {
  const order = new Order(mode, writeScope);
  const sorted = [...plan].sort((a, b) => a.start - b.start);
  return Object.fromEntries(
    sorted.map((entry) => {
      for (const other of sorted) if (other.end <= entry.start) order.ended(other.id, epochMs(other.end));
      const { id, lane, connection, unsafe, scope } = entry;
      order.submit({ id, lane, connection, startedAt: epochMs(entry.start), unsafe, scope, producers: producers[id] ?? [] });
      return [id, order.predecessors(id).sort()];
    }),
  );
}

/** Everything that each one waits for, directly or not. Nothing may wait for what comes later in the plan. */
function closure(plan: readonly Planned[], waitsFor: (id: string) => readonly string[]): Map<string, Set<string>> {
  const reached = new Map<string, Set<string>>();
  for (const { id } of plan) {
    const all = waitsFor(id).flatMap((other) => {
      const further = reached.get(other);
      if (further === undefined) throw new Error(`${id} waits for ${other}, which comes after it`);
      return [other, ...further];
    });
    reached.set(id, new Set(all));
  }
  return reached;
}

const planned = (id: string, start: number, end: number, rest: Partial<Planned> = {}): Planned => ({
  id,
  start,
  end,
  lane: null,
  connection: null,
  unsafe: false,
  scope: "posts",
  ...rest,
});

describe("a request waits", () => {
  it("for what its lane had been answered before, and not for what overlapped", () => {
    const plan = [
      planned("a", 0, 10, { lane: "x" }),
      planned("b", 5, 20, { lane: "x" }),
      planned("c", 10, 30, { lane: "x" }),
      planned("d", 10, 30, { lane: "y" }),
    ];
    expect(waits("causal", plan)).toEqual({ a: [], b: [], c: ["a"], d: [] });
    expect(waits("lane", plan)).toEqual({ a: [], b: [], c: ["a"], d: [] });
    expect(waits("none", plan)).toEqual({ a: [], b: [], c: [], d: [] });
    expect(waits("serial", plan)).toEqual({ a: [], b: ["a"], c: ["a", "b"], d: ["a", "b", "c"] });
  });

  it("by connection where it has no lane, or where the mode says so", () => {
    const plan = [
      planned("a", 0, 1, { connection: "1" }),
      planned("b", 2, 3, { connection: "1" }),
      planned("c", 4, 5, { lane: "x", connection: "1" }),
    ];
    expect(waits("lane", plan)).toEqual({ a: [], b: ["a"], c: [] });
    expect(waits("connection", plan)).toEqual({ a: [], b: ["a"], c: ["a", "b"] });
  });

  it("in any lane for earlier writes to its scope, and as a write for earlier reads of it", () => {
    const plan = [
      planned("read", 0, 1, { lane: "1" }),
      planned("write", 2, 3, { lane: "2", unsafe: true }),
      planned("other", 4, 5, { lane: "3", scope: "users" }),
      planned("reread", 4, 5, { lane: "4" }),
      planned("rewrite", 6, 7, { lane: "5", unsafe: true }),
    ];
    expect(waits("causal", plan)).toEqual({
      read: [],
      write: ["read"],
      other: [],
      reread: ["write"],
      rewrite: ["read", "reread", "write"],
    });
    expect(waits("causal", plan, "lane")).toEqual({ read: [], write: [], other: [], reread: [], rewrite: [] });
    expect(waits("causal", plan, "service")).toMatchObject({ other: ["write"], rewrite: ["other", "read", "reread", "write"] });
    expect(waits("lane", plan)).toMatchObject({ reread: [], rewrite: [] });
  });

  it("for the producer of a value that it uses, if that had ended", () => {
    const plan = [planned("a", 0, 10), planned("b", 10, 20), planned("c", 5, 20)];
    expect(waits("causal", plan, "segment", { b: ["a"], c: ["a"] })).toEqual({ a: [], b: ["a"], c: [] });
    expect(waits("lane", plan, "segment", { b: ["a"] })).toMatchObject({ b: [] });
  });

  it("no longer for what is finished, and nothing is kept of that", () => {
    const order = new Order("causal", "segment");
    for (const id of ["a", "b"]) {
      order.submit({
        id,
        lane: "x",
        connection: null,
        startedAt: epochMs(id === "a" ? 0 : 2),
        unsafe: true,
        scope: "posts",
        producers: [],
      });
    }
    order.ended("a", epochMs(1));
    expect(order.predecessors("b")).toEqual(["a"]);
    order.finished("a");
    expect(order.predecessors("b")).toEqual([]);
    order.finished("b");
    expect(order.size).toBe(0);
  });
});

describe("in causal mode, for any traffic, a request", () => {
  const traffic = fc.array(
    fc.record({
      lane: fc.constantFrom(null, "x", "y"),
      connection: fc.constantFrom(null, "1", "2"),
      start: fc.nat(30),
      took: fc.constantFrom(0, 1, 4, 20),
      unsafe: fc.boolean(),
      scope: fc.constantFrom("posts", "users"),
    }),
    { maxLength: 25 },
  );
  const planOf = (entries: readonly (Omit<Planned, "id" | "end"> & { took: number })[]): Planned[] =>
    entries.map(({ took, ...entry }, index) => ({ ...entry, id: `${index}`, end: entry.start + took }));

  it("waits for exactly the related ones that had ended before it began", () => {
    fc.assert(
      fc.property(traffic, (entries) => {
        const plan = planOf(entries);
        const found = waits("causal", plan);
        const laneOf = ({ lane, connection }: Planned): string | null => (lane === null ? connection && `c${connection}` : `l${lane}`);
        for (const b of plan) {
          const expected = plan.filter((a) => {
            const submitted = a.start < b.start || (a.start === b.start && plan.indexOf(a) < plan.indexOf(b));
            if (a === b || !submitted || a.end > b.start) return false;
            return (laneOf(a) !== null && laneOf(a) === laneOf(b)) || (a.scope === b.scope && (a.unsafe || b.unsafe));
          });
          expect(found[b.id]).toEqual(expected.map(({ id }) => id).sort());
        }
      }),
    );
  });

  it("need not wait for what its blockers wait for themselves, and misses none by that, in every mode", () => {
    const modes = fc.constantFrom<OrderMode>("causal", "lane", "connection", "serial", "none");
    fc.assert(
      fc.property(traffic, modes, fc.constantFrom<WriteScope>("service", "segment", "lane"), (entries, mode, writeScope) => {
        const order = new Order(mode, writeScope);
        const plan = planOf(entries).sort((a, b) => a.start - b.start);
        for (const { id, start, ...entry } of plan) order.submit({ ...entry, id, startedAt: epochMs(start), producers: [] });
        for (const { id, end } of plan) order.ended(id, epochMs(end));
        const viaPredecessors = closure(plan, (id) => order.predecessors(id));
        expect(closure(plan, (id) => order.blockers(id))).toEqual(viaPredecessors);
      }),
    );
  });

  it("has few blockers however far a target is behind", () => {
    const order = new Order("causal", "segment");
    for (let each = 0; each < 300; each++) {
      const id = `${each}`;
      order.submit({ ...planned(id, 0, 0), startedAt: epochMs(each * 2), unsafe: each % 10 === 0, producers: [] });
      order.ended(id, epochMs(each * 2 + 1));
    }
    expect(order.predecessors("290")).toHaveLength(290);
    expect(order.blockers("290")).toHaveLength(10);
    expect(order.blockers("295")).toEqual(["290"]);
  });
});
