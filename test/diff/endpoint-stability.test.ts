/** The same service gets the same templates, whichever sample of its traffic is looked at. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EndpointInference } from "../../diff/endpoints.ts";
import { type Random, seededRandom } from "../../model/random.ts";

type Request = readonly [method: string, target: string];

/** Invented names: two syllables of letters, as different as slugs and users' names are. */
const syllables = ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "zu"];
const nameOf = (index: number): string =>
  [syllables[index % 20], syllables[Math.floor(index / 20) % 20], syllables[Math.floor(index / 400) % 20], "n"].join("");
const whole = (random: Random, below: number): number => random.below(below);
/** By popularity: the first of two neighbours is hardly more popular. */
const popular = (random: Random, count: number): number => Math.floor(count ** random.next()) - 1;

/** What a service answers, how often relatively, and what it is to be called. */
const routes: readonly { readonly weight: number; readonly template: string; readonly request: (random: Random) => Request }[] = [
  { weight: 20, template: "GET /products/{id}", request: (random) => ["GET", `/products/${whole(random, 5_000)}`] },
  { weight: 8, template: "GET /products/search", request: () => ["GET", "/products/search?q=x"] },
  { weight: 4, template: "POST /products", request: () => ["POST", "/products"] },
  { weight: 15, template: "GET /articles/{id}", request: (random) => ["GET", `/articles/${nameOf(popular(random, 2_000))}`] },
  { weight: 2, template: "PUT /articles/{id}", request: (random) => ["PUT", `/articles/${nameOf(whole(random, 2_000))}`] },
  { weight: 10, template: "GET /people/{id}/orders", request: (random) => ["GET", `/people/${nameOf(whole(random, 300))}/orders`] },
  { weight: 10, template: "GET /people/{id}/profile", request: (random) => ["GET", `/people/${nameOf(whole(random, 300))}/profile`] },
  {
    weight: 10,
    template: "GET /people/{id}/orders/{id2}",
    request: (random) => ["GET", `/people/${nameOf(whole(random, 300))}/orders/${whole(random, 99)}`],
  },
  {
    weight: 4,
    template: "GET /people/{id}/notes/{id2}",
    request: (random) => ["GET", `/people/${nameOf(whole(random, 300))}/notes/${nameOf(whole(random, 900))}`],
  },
  ...["users", "orders", "carts", "reviews", "stores", "coupons"].flatMap((collection) => [
    {
      weight: 3,
      template: `GET /api/${collection}/{id}`,
      request: (random: Random): Request => ["GET", `/api/${collection}/${whole(random, 400)}`],
    },
    { weight: 2, template: `GET /api/${collection}/search`, request: (): Request => ["GET", `/api/${collection}/search`] },
  ]),
  ...["login", "logout", "me"].map((page) => ({
    weight: 3,
    template: `GET /auth/${page}`,
    request: (): Request => ["GET", `/auth/${page}`],
  })),
  { weight: 5, template: "GET /", request: () => ["GET", "/"] },
];

function sample(size: number, seed: number): { readonly request: Request; readonly template: string }[] {
  const random = seededRandom(seed);
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: size }, () => {
    let left = random.next() * total;
    const route = routes.find(({ weight }) => (left -= weight) < 0);
    if (route === undefined) throw new Error("no route");
    return { request: route.request(random), template: route.template };
  });
}

function learnt(requests: readonly Request[]): EndpointInference {
  const inference = new EndpointInference();
  for (const [method, target] of requests) inference.learn(method, target);
  return inference;
}

describe("inferred templates", () => {
  it("are those of the service, in samples from 2,000 requests to 20,000", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_000, max: 20_000 }), fc.integer(), (size, seed) => {
        const traffic = sample(size, seed);
        const inference = learnt(traffic.map(({ request }) => request));
        const wrong = traffic.filter(({ request: [method, target], template }) => inference.endpointOf(method, target) !== template);
        expect(
          wrong.slice(0, 3).map(({ request: [method, target], template }) => [inference.endpointOf(method, target), template]),
        ).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it("are the same when there is more of the same traffic", () => {
    const segment = fc.constantFrom(
      "a",
      "b",
      "c",
      "d",
      "e",
      "f",
      "7",
      "12",
      "RCgs9u4cTCI",
      "QwErTyUiOpA",
      "%",
      "x.css",
      "",
      "{}",
      "{id}",
      ";x=1",
      "caf%c3%a9",
    );
    const request = fc.tuple(
      fc.constantFrom("GET", "PUT"),
      fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
    );
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), fc.integer({ min: 2, max: 5 }), (requests, times) => {
        const [once, often] = [learnt(requests), learnt(Array.from({ length: times }, () => requests).flat())];
        for (const [method, target] of requests) expect(often.endpointOf(method, target)).toBe(once.endpointOf(method, target));
      }),
      { numRuns: 300 },
    );
  });

  it("keep routes that stand out of a flood of made-up names", () => {
    const flood = (count: number): Request[] =>
      Array.from({ length: count }, (_, index) => ["GET", `/api/${nameOf(index % 8_000)}${index >= 8_000 ? "x" : ""}`]);
    const busy = (name: string, count: number): Request[] => Array.from({ length: count }, () => ["GET", `/api/${name}`]);
    const collection = Array.from({ length: 100 }, (_, index): Request => ["GET", `/api/users/${index}`]);
    const requests = [
      ...busy("status", 3_000),
      ...flood(9_000),
      ...busy("status", 3_000),
      ...busy("health", 6_000),
      ...busy(nameOf(9), 10),
      ...collection,
    ];
    const inference = learnt(requests);
    expect(
      ["status", "health", "users/7", nameOf(5), nameOf(7_999), "neverseen"].map((name) => inference.endpointOf("GET", `/api/${name}`)),
    ).toEqual([...["GET /api/status", "GET /api/health", "GET /api/users/{id}", "GET /api/{id}", "GET /api/{id}", "GET /api/{id}"]]);
  });

  it("are few however many names are made up, at the first segment and at all depths", () => {
    const random = seededRandom(7);
    const word = (): string => nameOf(whole(random, 8_000));
    const first = Array.from({ length: 12_000 }, (_, index): Request => ["GET", `/${nameOf(index)}${index >= 8_000 ? "x" : ""}`]);
    const deep = Array.from({ length: 60_000 }, (): Request => ["GET", `/deep/${word()}/${word()}/${word()}`]);
    const deepest = Array.from({ length: 1_000 }, (): Request => ["GET", `/${Array.from({ length: 60 }, word).join("/")}`]);
    const real = Array.from({ length: 9_000 }, (_, index): Request => ["GET", `/orders/${index}`]);
    const inference = learnt([...first, ...deep, ...deepest, ...real]);
    const names = (requests: readonly Request[]): number =>
      new Set(requests.map(([method, target]) => inference.endpointOf(method, target))).size;
    expect(inference.endpointOf("GET", "/orders/7")).toBe("GET /orders/{id}");
    expect(names(first)).toBeLessThan(100);
    expect(names(deep)).toBeLessThan(100);
    expect(names(deepest)).toBeLessThan(100);
  });
});
