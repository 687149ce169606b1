import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../model/random.ts";
import { distilled, exchangesOf, type Written } from "./session-log.ts";

const token = "k3v9q2Lx7TzP0aWb";

describe("a distilled recording", () => {
  it("has one of each data shape, not one of each value", async () => {
    const users = Array.from({ length: 30 }, (_, n): Written => ({ ask: `GET /users/${n}`, answer: { id: n, name: `n${n}` } }));
    const odd: Written[] = [
      { ask: "GET /users/7", answer: { id: 7, name: null } },
      { ask: "GET /users/999", status: 404, answer: { error: "none" } },
    ];
    const { ids, distillation } = await distilled(exchangesOf([...users, ...odd]));
    expect(ids).toEqual(expect.arrayContaining(["30", "31"]));
    // What is always asked for alike needs no second session here: there is one.
    expect(ids.length).toBe(3);
    expect(distillation.result().covered[0]).toEqual({ kind: "data shapes", all: 3, kept: 3 });
  });

  it("has every combination of parameters, and every value of those that have few", async () => {
    const sorts = ["price", "name", "date"];
    const asks = Array.from({ length: 60 }, (_, n): Written => ({ ask: `GET /items?q=word${n}&sort=${sorts[n % 3]}` }));
    const { ids } = await distilled(exchangesOf([...asks, { ask: "GET /items?sort=price" }]));
    expect(ids.length).toBe(4);
    expect(ids).toContain("60");
  });

  it("has a header combination that one request has", async () => {
    const plain = Array.from({ length: 20 }, (): Written => ({ ask: "GET /items" }));
    const { ids } = await distilled(exchangesOf([...plain, { ask: "GET /items", headers: { "if-none-match": '"1"' } }, ...plain]));
    expect(ids).toContain("20");
    expect(ids.length).toBe(2);
  });

  it("has every overlap, within a session and across sessions", async () => {
    const apart = Array.from({ length: 40 }, (_, n): Written => ({ ask: n % 2 === 0 ? "GET /a" : "GET /b", at: n * 100 }));
    const within: Written[] = [
      { ask: "GET /a", at: 5000, tookMs: 20 },
      { ask: "GET /b", at: 5010 },
    ];
    const across: Written[] = [
      { ask: "GET /a", at: 6000, tookMs: 20, lane: "one" },
      { ask: "GET /a", at: 6019, lane: "two" },
    ];
    const touching: Written[] = [
      { ask: "GET /b", at: 7000, tookMs: 10, lane: "one" },
      { ask: "GET /b", at: 7010, lane: "two" },
    ];
    const { ids, distillation } = await distilled(exchangesOf([...apart, ...within, ...across, ...touching]));
    expect(ids).toEqual(expect.arrayContaining(["40", "41", "42", "43"]));
    const { covered } = distillation.result();
    expect(covered.filter(({ kind }) => kind.startsWith("overlaps")).map(({ all, kept }) => [all, kept])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("has the writes that its session made before, and none of those after", async () => {
    const { ids } = await distilled(
      exchangesOf([
        { ask: "POST /cart", body: { sku: "a" }, lane: "other" },
        { ask: "POST /cart", body: { sku: "b" } },
        { ask: "GET /news" },
        { ask: "POST /cart", body: { sku: "c" } },
        { ask: "GET /total", answer: { sum: 2 } },
        { ask: "POST /cart", body: { sku: "d" } },
      ]),
    );
    // One POST /cart would be enough of an example: the other lane's is the cheapest.
    expect(ids).toEqual(expect.arrayContaining(["1", "2", "3", "4"]));
    expect(ids).not.toContain("5");
  });

  it("has whoever gave a value that is used, in another session and through others", async () => {
    const code = (n: number): string => `k3v9q2Lx7TzP0a${n}b`;
    const hosts = Array.from({ length: 10 }, (_, n): Written => ({ ask: "GET /invite", lane: `host ${n}`, answer: { code: code(n) } }));
    const guests = hosts.map(
      (_, n): Written => ({ ask: `GET /join?code=${code(n)}`, lane: `guest ${n}`, answer: { ticket: `T${code(n)}9` } }),
    );
    const { ids } = await distilled(
      exchangesOf([...hosts, ...guests, { ask: `GET /seat?ticket=T${code(6)}9`, lane: "late", answer: { row: 4 } }]),
    );
    // Any host and any guest would do as examples; the sixth are needed.
    expect(ids).toEqual(expect.arrayContaining(["6", "16", "20"]));
    expect(ids.length).toBeLessThanOrEqual(5);
  });

  it("follows a chain of values to its beginning, however long it is", async () => {
    const cursor = (n: number): string => `c7Qz${String(n).padStart(2, "0")}LmXw9TkR2`;
    const pages = Array.from(
      { length: 30 },
      (_, n): Written => ({ ask: n === 0 ? "GET /list" : `GET /list?after=${cursor(n)}`, answer: { next: cursor(n + 1) }, lane: "reader" }),
    );
    const last: Written = { ask: `GET /list?after=${cursor(30)}`, answer: { end: true }, lane: "reader" };
    const { ids } = await distilled(exchangesOf([...pages, last]));
    expect(ids.length).toBe(31);
  });

  it("has of two that answer with a value the one that was first", async () => {
    const show = (lane: string): Written => ({ ask: "GET /invite", lane, answer: { code: token } });
    const { ids } = await distilled(exchangesOf([show("a"), show("b"), show("c"), { ask: `GET /join?code=${token}`, lane: "d" }]));
    expect(ids).toEqual(["0", "3"]);
  });

  it("has what comes after each kind of write, in the same part of the service", async () => {
    const session = (n: number, method: string): Written[] => [
      { ask: `${method} /orders/${n}`, lane: `lane ${n}`, body: {} },
      { ask: "GET /news", lane: `lane ${n}` },
      { ask: `GET /orders/${n}`, lane: `lane ${n}` },
    ];
    const many = Array.from({ length: 60 }, (_, n) => session(n, n === 41 ? "PATCH" : "PUT")).flat();
    const { ids, distillation } = await distilled(exchangesOf(many));
    expect(ids).toEqual(expect.arrayContaining(["123", "125"]));
    expect(ids).not.toContain("124");
    expect(distillation.result().covered.find(({ kind }) => kind === "exchanges after a write")).toMatchObject({ all: 2, kept: 2 });
  });

  it("has so many copies of each, from different sessions", async () => {
    const reads = Array.from({ length: 50 }, (_, n): Written => ({ ask: `GET /users/${n}`, lane: `lane ${n % 25}` }));
    expect((await distilled(exchangesOf(reads), 5)).ids.length).toBe(5);
    const writes = reads.map((each, n): Written => ({ ...each, ask: `POST /users/${n}` }));
    // A write cannot be asked about again: twenty sessions have to show it.
    const { ids } = await distilled(exchangesOf(writes), 5);
    expect(new Set(ids.map((id) => Number(id) % 25)).size).toBeGreaterThanOrEqual(20);
  });

  it("is a small part of a large recording with everything in it, whatever the traffic (8 seeds)", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { ids, distillation } = await distilled(exchangesOf(randomTraffic(seed)), 2);
      const { covered, exchanges } = distillation.result();
      expect(covered.filter(({ all, kept }) => kept !== all)).toEqual([]);
      expect(exchanges.kept).toBe(ids.length);
      expect(ids.length).toBeLessThan(exchanges.all / 10);
    }
  });
});

function randomTraffic(seed: number): Written[] {
  const random = seededRandom(seed);
  return Array.from({ length: 3000 }, (_, n): Written => {
    const lane = `lane ${random.below(300)}`;
    const kind = random.below(6);
    const at = n * 10 + random.below(5);
    const common = { lane, at, tookMs: 1 + random.below(30) };
    if (kind === 0)
      return { ...common, ask: `GET /orders/${random.below(900)}`, answer: random.below(20) === 0 ? { note: null } : { sum: n } };
    if (kind === 1) return { ...common, ask: "POST /orders", body: { sku: `s${n}` }, status: 201, answer: { id: n } };
    if (kind === 2) return { ...common, ask: `GET /orders?page=${random.below(400)}${random.below(9) === 0 ? "&draft=true" : ""}` };
    return { ...common, ask: `GET /page${kind}`, headers: random.below(50) === 0 ? { range: "bytes=0-1" } : {} };
  });
}
