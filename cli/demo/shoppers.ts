/** The demo's traffic: shoppers who browse and keep to-do lists, all at the same time. Seeded, so that a
 * seed repeats it; the requests touch what changed between the two versions of the shop and what did not. */

import { type Random, seededRandom, shuffled } from "../../model/random.ts";
import type { TrafficRequest } from "./traffic.ts";

type Step = Omit<TrafficRequest, "n" | "lane">;

export const shopHost = "shop.example";

const json = { "content-type": "application/json" };
const browsingSteps = 8;
/** Most posts have more views: the list stays long. */
const greatestFewViews = 20;

/** What any shopper may do, in any order; reads only. */
const browsing: readonly Step[] = [
  get("/posts"),
  get("/posts/1"),
  get("/posts/7"),
  get("/posts/12"),
  get("/posts/999"),
  get("/authors"),
  get("/authors/2"),
  get("/tags"),
  get("/profile"),
  get("/posts?authorId=2"),
  get("/posts?draft=true"),
  get("/posts?_page=1&_per_page=4"),
  get("/posts?_page=2&_per_page=4"),
  get("/posts?_start=0&_end=3"),
  get("/posts?_limit=5"),
  get("/posts?_sort=views"),
  get("/posts?_sort=views&_order=desc"),
  get("/posts?q=post%203"),
  get("/posts?title_like=post%201"),
  get("/posts/3/comments"),
  get("/nothing"),
  { method: "HEAD", path: "/tags/2" },
  { method: "OPTIONS", path: "/posts", headers: { origin: "http://shop.example", "access-control-request-method": "POST" } },
  { method: "POST", path: "/authors", headers: json, body: '{"name":' },
];

/** @returns about 15 requests a shopper, with the lanes interleaved only by time */
export function shoppersTraffic(seed: number, shoppers: number): TrafficRequest[] {
  const random = seededRandom(seed);
  const requests: TrafficRequest[] = [];
  for (let shopper = 0; shopper < shoppers; shopper++) {
    const lane = `shopper-${shopper + 1}`;
    for (const step of stepsOf(shopper, random, requests.length))
      requests.push({ n: requests.length + 1, lane, ...asClient(step, shopper) });
  }
  return requests;
}

/** Half of the clients take compressed answers, as browsers do. */
function asClient(step: Step, shopper: number): Step {
  return shopper % 2 === 0 ? step : { ...step, headers: { "accept-encoding": "gzip", ...step.headers } };
}

/** Browses, writes down a to-do, reads it back, changes it, and some take it away again. */
function stepsOf(shopper: number, random: Random, before: number): Step[] {
  const steps: Step[] = shuffled(browsing, random).slice(0, browsingSteps);
  steps.push(get(`/posts?views_gte=${random.below(greatestFewViews)}`));
  const createdAt = 1 + random.below(browsingSteps - 1);
  const use = { id: { request: before + createdAt + 1, pointer: "/id" } };
  const text = `shopper ${shopper} buys milk`;
  steps.splice(createdAt, 0, { method: "POST", path: "/todos", headers: json, body: JSON.stringify({ text, done: false }) });
  steps.push({ method: "GET", path: "/todos/{{id}}", use });
  steps.push(get(`/todos?text=${encodeURIComponent(text)}`));
  steps.push({ method: "PATCH", path: "/todos/{{id}}", use, headers: json, body: JSON.stringify({ done: true }) });
  steps.push({ method: "GET", path: "/todos/{{id}}", use });
  if (random.below(2) === 0) {
    steps.push({ method: "DELETE", path: "/todos/{{id}}", use });
    steps.push({ method: "GET", path: "/todos/{{id}}", use });
  }
  return steps;
}

function get(path: string): Step {
  return { method: "GET", path };
}
