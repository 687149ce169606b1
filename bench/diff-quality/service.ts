/** The service in three copies. What it answers depends on the request, the copy and the attempt, and on nothing that was asked before.
 * Some values are new in every answer, as everywhere: times, request ids, nonces. */

import type { Outcome } from "../../model/exchange.ts";
import { type Draft, type Family, outcomeOf } from "./draft.ts";
import { applyNoise, type Change, type Copy, type Noise } from "./noise.ts";
import { hexDigits, roll, uuid } from "./rolls.ts";
import type { Scene } from "./traffic.ts";

export interface Service {
  readonly seed: number;
  readonly family: Family;
  /** At the main endpoint. */
  readonly noise: readonly Noise[];
  readonly bystanderNoise: readonly Noise[];
  /** What the candidate does wrong; null = it is equal to the others. */
  readonly fault: Change | null;
  /** Whether it does so here. */
  readonly meetsFault: (scene: Scene, attempt: number) => boolean;
}

export const startOfRun: number = Date.UTC(2026, 10, 22);
const msBetweenRequests = 50;
const msBetweenAttempts = 2500;
const colours = ["red", "amber", "teal"] as const;
/** Attempt 0 is the copy of the user's request, the others are probes. */
export function answer(service: Service, copy: Copy, scene: Scene, attempt: number): Outcome {
  const isMain = scene.endpoint === "main";
  const family = isMain ? service.family : "json";
  const draft = draftOf(service.seed, family, copy, scene, attempt);
  for (const noise of isMain ? service.noise : service.bystanderNoise) applyNoise(noise, draft, service.seed, copy, scene, attempt);
  if (copy === "candidate" && isMain && service.fault !== null && service.meetsFault(scene, attempt))
    service.fault(draft, roll(service.seed, "fault", scene.index, attempt));
  return outcomeOf(draft, family);
}

function draftOf(seed: number, family: Family, copy: Copy, scene: Scene, attempt: number): Draft {
  const fresh = roll(seed, "fresh", copy, scene.index, attempt);
  const record = roll(seed, "record", scene.endpoint, scene.entity);
  const now = startOfRun + scene.index * msBetweenRequests + attempt * msBetweenAttempts + fresh.below(msBetweenRequests);
  const texts: Readonly<Record<Family, () => string>> = {
    json: () => "",
    text: () => noteOf(scene.entity),
    markup: () => pageOf(scene.entity),
    bytes: () => `\x89PNG\0${hexDigits(record, 200)}`,
  };
  return {
    failure: null,
    status: 200,
    headers: [
      ["date", new Date(now).toUTCString()],
      ["content-type", mediaTypes[family]],
      ["x-request-id", uuid(fresh)],
      ["x-api-version", "3"],
      ["x-build-id", hexDigits(roll(seed, "build"), 12)],
      ["x-tag", "a"],
      ["x-tag", "b"],
      ["set-cookie", `sid=${hexDigits(fresh, 24)}; Path=/; HttpOnly; SameSite=Lax`],
      ["x-cache", "HIT"],
      ["x-node", "node-0"],
    ],
    json: family === "json" ? documentOf(scene.entity, record, fresh, now) : {},
    text: texts[family](),
    edits: [],
    isCompressed: false,
    tookMs: 10 + fresh.below(100) / 10,
  };
}

const mediaTypes: Readonly<Record<Family, string>> = {
  json: "application/json; charset=utf-8",
  text: "text/plain; charset=utf-8",
  markup: "text/html; charset=utf-8",
  bytes: "image/png",
};

function documentOf(entity: number, record: ReturnType<typeof roll>, fresh: ReturnType<typeof roll>, now: number): Record<string, unknown> {
  const owner = 500 + record.below(40);
  return {
    id: entity,
    name: `Item number ${entity}`,
    colour: colours[record.below(colours.length)],
    code: String(1000 + record.below(9000)),
    nick: `nick-of-${entity}`,
    price: `«${10 + record.below(90)}.5»`,
    serial: "«9007199254740993»",
    ref: uuid(record),
    active: true,
    owner: { id: owner, city: "Ghent" },
    ownerId: owner,
    tags: ["new", "sale", "eco"],
    lines: ["s1", "s2", "s3"].map((sku) => ({ sku: `${sku}-${entity}`, quantity: 1 + record.below(5) })),
    payload: JSON.stringify({ shape: "round", weight: 1 + record.below(20) }),
    createdAt: new Date(startOfRun - record.below(1e9)).toISOString(),
    servedAt: new Date(now).toISOString(),
    requestId: uuid(fresh),
    nonce: hexDigits(fresh, 20),
    load: 100,
    hits: 1000,
    variant: "a",
    related: ["r1", "r2", "r3"],
    hint: "see also",
    badge: "none",
    recent: [{ view: "v1" }, { view: "v2" }],
  };
}

function noteOf(entity: number): string {
  const lines = Array.from({ length: 40 }, (_, line) => `paragraph ${line} of note ${entity}: ${"lorem ipsum ".repeat(1 + (line % 3))}`);
  return ["A note", "Author: the staff", "Read 17 times", ...lines].join("\n");
}

function pageOf(entity: number): string {
  return [
    `<!doctype html><html><head><title>Page ${entity}</title></head><body>`,
    `<nav><a href="/start">Start</a></nav><h1>Page ${entity}</h1><p>Welcome to the page.</p>`,
    `<aside>Seen often</aside><footer>Imprint</footer></body></html>`,
  ].join("");
}
