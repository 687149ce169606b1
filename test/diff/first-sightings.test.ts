/** What is told of a run before it is judged: each new kind of difference once, and for no longer than until a judgement covers it. */

import { describe, expect, it } from "vitest";
import { FirstSightings } from "../../diff/first-sightings.ts";
import { Judge } from "../../diff/judge.ts";
import { answered, type Case, metaOf, observationOf } from "./fabricate.ts";

const same = answered({ price: 1 });
const changed = answered({ price: "1" });

const one = (id: number, changes: Partial<Case> = {}): ReturnType<typeof observationOf> =>
  observationOf({ id: `e${id}`, lane: `lane ${id}`, target: `/items/${id}`, primary: same, candidate: changed, ...changes });
const sightings = (): FirstSightings => new FirstSightings({ rules: [], endpoints: [] });
const paths = (seen: FirstSightings): string[] =>
  seen.sightings.map(({ signature: { endpoint, path, kind } }) => `${endpoint} ${path} ${kind}`);
const price = "GET /items/{id} /price json.type";

describe("FirstSightings", () => {
  it("names what differs and the exchange that showed it first, and counts the others", () => {
    const seen = sightings();
    expect([one(1), one(2), one(3, { candidate: same })].map((each, index) => seen.observe(each, index * 100))).toEqual([
      true,
      false,
      false,
    ]);
    expect(seen.sightings).toMatchObject([
      { exchangeId: "e1", method: "GET", target: "/items/1", from: "1", to: '"1"', severity: "high", exchanges: 2 },
    ]);
    expect(paths(seen)).toEqual([price]);
  });

  it("takes back what the control shows as well, and does not tell it again", () => {
    const seen = sightings();
    expect(seen.observe(one(1, { control: changed }), 0)).toBe(false);
    expect(seen.observe(one(2), 100)).toBe(false);
    expect(seen.observe(one(3, { candidate: answered({ price: 1, vat: 2 }) }), 200)).toBe(true);
    seen.observe(one(4, { candidate: same, control: answered({ price: 1, vat: 3 }) }), 300);
    expect(paths(seen)).toEqual([]);
  });

  it("leaves a kind of difference to the judgement that covers its first exchange, for good", () => {
    const seen = sightings();
    seen.observe(one(1), 100);
    seen.judged({ upTo: 100, kinds: [], endpoints: [] });
    expect(paths(seen)).toEqual([price]);
    seen.judged({ upTo: 101, kinds: [], endpoints: [] });
    expect(paths(seen)).toEqual([]);
    expect(seen.observe(one(2), 200)).toBe(false);
  });

  it("knows what was judged before it began, by the names of the judge", () => {
    const judge = new Judge({
      ...{ meta: metaOf(), failOn: "medium", failOnLatency: null, minCompared: 1, minFidelity: 0.9 },
      ...{ accepted: [], baseline: null, today: observationOf({ id: "x", primary: same, candidate: same }).exchange.at },
    });
    // Enough shops for their names to be one parameter, which no single request shows.
    const shops = Array.from({ length: 30 }, (_, n) => one(n, { target: `/shops/shop${String.fromCharCode(97 + n)}` }));
    for (const observation of shops) judge.learn({ kind: "observation", observation });
    for (const observation of shops) judge.observe(observation);
    expect(judge.conclude().endpoints.map(({ endpoint }) => endpoint)).toEqual(["GET /shops/{id}"]);
    const seen = sightings();
    seen.judged({ upTo: 1000, kinds: judge.kindsFrom(0), endpoints: ["GET /shops/{id}", "no template"] });
    expect(seen.observe(one(99, { target: "/shops/another" }), 1000)).toBe(false);
    expect(seen.observe(one(100, { target: "/shops/another", candidate: answered({ price: 1 }, 500) }), 1100)).toBe(true);
    expect(seen.sightings.map(({ signature }) => `${signature.endpoint} ${signature.location}`)).toEqual(["GET /shops/{id} status"]);
    expect(judge.kindsFrom(judge.kindsSeen)).toEqual([]);
  });

  it("lists a bounded number, and counts the rest until it is judged", () => {
    const seen = sightings();
    const word = (n: number): string => String.fromCharCode(97 + (n % 16), 97 + Math.floor(n / 16));
    for (let n = 0; n < 250; n++) seen.observe(one(n, { target: `/page/${word(n)}` }), n);
    expect([seen.sightings.length, seen.more]).toEqual([200, 50]);
    seen.judged({ upTo: 240, kinds: [], endpoints: [] });
    expect([seen.sightings.length, seen.more]).toEqual([0, 10]);
  });
});
