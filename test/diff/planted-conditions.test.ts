/** A fault is planted behind a predicate of each kind; the finding has to name that predicate, through the whole judgement. */

import { describe, expect, it } from "vitest";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

interface Asked {
  readonly target: string;
  readonly method: string;
  readonly headers: HeaderList;
  readonly body: Record<string, unknown>;
  readonly query: URLSearchParams;
  readonly cookies: Readonly<Record<string, string>>;
  readonly previous: string;
}

const pick = <T>(random: Random, values: readonly [T, ...T[]]): T => values[random.below(values.length)] ?? values[0];
const chance = (random: Random, share: number): boolean => random.next() < share;

/** Orders of a shop, with all that a condition may be about varying by itself. */
function ask(random: Random): Asked {
  const query = new URLSearchParams({ page: String(random.below(60)) });
  if (chance(random, 0.3)) query.set("expand", pick(random, ["items", "owner", "all"]));
  const cookies = { theme: pick(random, ["dark", "light", "none"]), ...(chance(random, 0.2) ? { beta: "1" } : {}) };
  const items = Array.from({ length: 1 + random.below(8) }, (_, at) => ({
    sku: `sku-${at}-${random.below(1_000_000)}`,
    gift: chance(random, 0.1),
  }));
  const method = pick(random, ["POST", "POST", "GET"]);
  return {
    target: `/shops/${1 + random.below(9)}/orders?${query.toString()}`,
    method,
    query,
    cookies,
    headers: [
      ["Host", pick(random, ["acme.example", "globex.example", "initech.example"])],
      [
        "Cookie",
        Object.entries(cookies)
          .map(([name, value]) => `${name}=${value}`)
          .join("; "),
      ],
      ...(chance(random, 0.7) ? [["Accept-Language", pick(random, ["de", "en", "ja"])] as const] : []),
    ],
    body: {
      currency: pick(random, ["EUR", "USD", "JPY"]),
      amount: random.below(2_000),
      customer: { country: pick(random, ["DE", "US", "JP", "FR"]), vip: chance(random, 0.3) },
      ...(chance(random, 0.2) ? { coupon: `C${random.below(1_000_000)}` } : {}),
      note: "x".repeat(random.below(900)),
      items,
    },
    previous: "",
  };
}

function run(seed: number, isBroken: (asked: Asked) => boolean, missRate: number = 0): Case[] {
  const random = seededRandom(seed);
  const previous = new Map<string, string>();
  return Array.from({ length: 1_200 }, (_, index): Case => {
    const lane = `lane ${random.below(60)}`;
    const asked = { ...ask(random), previous: previous.get(lane) ?? "" };
    previous.set(lane, asked.method);
    const right: Outcome = answered({ order: index % 50, total: 10 });
    const isShown = isBroken(asked) && !chance(random, missRate);
    return {
      id: `x${index}`,
      lane,
      target: asked.target,
      method: asked.method,
      headers: asked.headers,
      ...(asked.method === "GET" ? {} : { body: asked.body }),
      primary: right,
      candidate: isShown ? answered({ order: index % 50, total: null }) : right,
    };
  });
}

const posted = ({ method }: Asked): boolean => method === "POST";
const field = (asked: Asked, name: string): unknown => (posted(asked) ? asked.body[name] : undefined);
const header = ({ headers }: Asked, name: string): string | undefined => headers.find(([each]) => each === name)?.[1];

const planted: readonly [when: string, isBroken: (asked: Asked) => boolean][] = [
  ["path id=7", ({ target }) => target.startsWith("/shops/7/")],
  ["query expand is present", ({ query }) => query.has("expand")],
  ["query expand is absent", ({ query }) => !query.has("expand")],
  ["query expand=owner", ({ query }) => query.get("expand") === "owner"],
  ["query page ≥ 42", ({ query }) => Number(query.get("page")) >= 42],
  ["query page < 7", ({ query }) => Number(query.get("page")) < 7],
  ["header accept-language=ja", (asked) => header(asked, "Accept-Language") === "ja"],
  ["header accept-language is absent", (asked) => header(asked, "Accept-Language") === undefined],
  ["header host=globex.example", (asked) => header(asked, "Host") === "globex.example"],
  ["cookie beta is present", ({ cookies }) => "beta" in cookies],
  ["cookie theme=dark", ({ cookies }) => cookies["theme"] === "dark"],
  ["body field coupon is present", (asked) => field(asked, "coupon") !== undefined],
  ["body field currency=JPY", (asked) => field(asked, "currency") === "JPY"],
  ["body field customer/country=FR", (asked) => posted(asked) && JSON.stringify(asked.body).includes('"FR"')],
  ["body field customer/vip=true", (asked) => posted(asked) && JSON.stringify(asked.body).includes('"vip":true')],
  ["body field items/*/gift=true", (asked) => posted(asked) && JSON.stringify(asked.body).includes('"gift":true')],
  ["body field amount ≥ 1500", (asked) => Number(field(asked, "amount")) >= 1_500],
  ["body elements of items ≥ 6", (asked) => posted(asked) && (JSON.stringify(asked.body).match(/sku-/g) ?? []).length >= 6],
  ["body size ≥ 900", (asked) => posted(asked) && JSON.stringify(asked.body).length >= 900],
];

describe("a fault behind one predicate", () => {
  it.each(planted)("is found and named: %s", (when, isBroken) => {
    const [finding, ...others] = realFindings(judgeCases(run(7, isBroken)));
    expect(others).toEqual([]);
    const [said, counts] = (finding?.condition ?? "").split(": ");
    expect(said).toBe(`only when ${when}`);
    expect(counts).toMatch(/^(\d+)\/\1, else 0\/\d+$/);
  });

  it("is named although one in four of its requests hides it", () => {
    const [finding] = realFindings(judgeCases(run(8, (asked) => field(asked, "currency") === "JPY", 0.25)));
    expect(finding?.condition).toMatch(/^only when body field currency=JPY: \d+\/\d+, else 0\/\d+$/);
  });

  it("is named by the request before it", () => {
    const cases = Array.from({ length: 240 }, (_, index): Case => {
      const [lane, turn] = [index % 30, Math.floor(index / 30)];
      const isCart = (lane * 5 + turn * 3 + Math.floor((lane * turn) / 3)) % 4 === 0;
      return {
        id: `x${index}`,
        lane: `lane ${lane}`,
        method: isCart ? "POST" : "GET",
        target: isCart ? "/cart" : "/stock",
        primary: answered({ left: 5 }),
        candidate: answered({ left: 5 }),
      };
    });
    const afterCart = cases.map((one, index) =>
      cases[index - 30]?.target === "/cart" && one.target === "/stock" ? { ...one, candidate: answered({ left: null }) } : one,
    );
    const [finding] = realFindings(judgeCases(afterCart));
    expect(finding?.condition).toMatch(/^only when previous request=POST \/cart: (\d+)\/\1, else 0\/\d+$/);
  });
});

describe("a fault behind two predicates", () => {
  it.each<[string, (asked: Asked) => boolean]>([
    ["query expand is present and body field currency=JPY", (asked) => asked.query.has("expand") && field(asked, "currency") === "JPY"],
    [
      "body field amount ≥ 1000 and header host=acme.example",
      (asked) => Number(field(asked, "amount")) >= 1_000 && header(asked, "Host") === "acme.example",
    ],
    ["query page ≥ 20 and query page < 40", ({ query }) => Number(query.get("page")) >= 20 && Number(query.get("page")) < 40],
  ])("is found and named: %s", (when, isBroken) => {
    const [finding, ...others] = realFindings(judgeCases(run(9, isBroken)));
    expect(others).toEqual([]);
    const named = (finding?.condition ?? "")
      .replace(/^only when (.*): .*$/, "$1")
      .split(" and ")
      .sort();
    expect(named).toEqual(when.split(" and ").sort());
    expect(finding?.condition).toMatch(/: (\d+)\/\1, else 0\/\d+$/);
  });
});

describe("what is not said", () => {
  it("is a condition of a fault that shows by chance", () => {
    const random = seededRandom(3);
    const conditions = Array.from({ length: 20 }, (_, seed) => {
      const [finding] = realFindings(judgeCases(run(100 + seed, () => chance(random, 0.2))));
      return finding?.condition ?? null;
    });
    expect(conditions).toEqual(conditions.map(() => null));
  });

  it("is the value of a secret", () => {
    const cases = run(5, () => false).map((one, index): Case => {
      const headers: HeaderList = [
        ["Host", "shop"],
        ["Authorization", `Basic ${index % 3}`],
        ["X-Api-Key", `key-${index % 3}`],
      ];
      return { ...one, headers, ...(index % 3 === 0 ? { candidate: answered({ order: 1, total: null }) } : {}) };
    });
    expect(JSON.stringify(judgeCases(cases).findings.map(({ condition }) => condition))).not.toMatch(/Basic|key-/);
  });
});
