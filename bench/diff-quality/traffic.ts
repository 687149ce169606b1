/** The requests of a run: sessions that take turns, records that several sessions read, and a second endpoint beside the one
 * where faults are planted. */

import type { HttpRequest } from "../../model/exchange.ts";
import type { Condition } from "./conditions.ts";
import type { Family } from "./draft.ts";
import { type RequestDraft, requestOf } from "./requests.ts";
import { choose, roll } from "./rolls.ts";

export type EndpointName = "main" | "bystander";

export interface Scene {
  readonly index: number;
  readonly endpoint: EndpointName;
  readonly lane: number;
  /** The record that is asked for. */
  readonly entity: number;
  readonly request: HttpRequest;
  /** The request fulfils the condition. */
  readonly isSpecial: boolean;
}

export interface TrafficPlan {
  readonly seed: number;
  readonly lanes: number;
  readonly requestsPerLane: number;
  readonly family: Family;
  /** Carried by `specialShare` of the requests to the main endpoint; null = by none. */
  readonly condition: Condition | null;
  readonly specialShare: number;
}

/** The path of each family's endpoint. */
export const mainPaths: Readonly<Record<Family, string>> = { json: "/items", text: "/notes", markup: "/pages", bytes: "/images" };
export const bystanderPath = "/offers";

const entities = 150;
const bystanderShare = 1 / 6;
const currencies = ["EUR", "USD"] as const;
const pages = 3;

export function trafficOf(plan: TrafficPlan): Scene[] {
  const count = plan.lanes * plan.requestsPerLane;
  const places = Array.from({ length: count }, (_, index): { index: number; endpoint: EndpointName } => ({
    index,
    endpoint: roll(plan.seed, "endpoint", index).next() < bystanderShare ? "bystander" : "main",
  }));
  const main = places.filter(({ endpoint }) => endpoint === "main").map(({ index }) => index);
  const wanted = plan.condition === null ? 0 : Math.max(1, Math.round(main.length * plan.specialShare));
  const special = new Set(choose(main, wanted, roll(plan.seed, "special")));
  return places.map(({ index, endpoint }) => {
    const random = roll(plan.seed, "request", index);
    const entity = 1 + random.below(entities);
    const isSpecial = special.has(index);
    const path = endpoint === "main" ? mainPaths[plan.family] : bystanderPath;
    const query = new Map([
      ["currency", currencies[random.below(currencies.length)] ?? "EUR"],
      ["page", String(1 + random.below(pages))],
    ]);
    const draft: RequestDraft = {
      query,
      headers: new Map([["x-tenant", `t${random.below(5)}`]]),
      cookies: new Map([["plan", "basic"]]),
      body: null,
    };
    const shaped = endpoint === "main" && plan.condition !== null ? plan.condition.shape(draft, isSpecial, random) : draft;
    return { index, endpoint, lane: index % plan.lanes, entity, request: requestOf(`${path}/${entity}`, shaped), isSpecial };
  });
}
