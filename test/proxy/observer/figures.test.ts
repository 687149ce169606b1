/** What the observer counts for `/metrics` stays small, whatever the traffic. */

import { expect, it } from "vitest";
import type { Observation, Trial } from "../../../model/observation.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";
import { maxMessageBytes } from "../../../proxy/handover/messages.ts";
import { encodeFigures } from "../../../proxy/handover/reply-writer.ts";
import { Figures } from "../../../proxy/observer/figures.ts";

const body = { kind: "none" } as const;
const answer = { status: 200, reason: "OK", headers: [], body };

function answered(tookMs: number): Trial {
  return { outcome: { kind: "answered", answer, firstByteMs: milliseconds(1), tookMs: milliseconds(tookMs) } };
}

function observation(candidateMs: number, controlMs: number): Observation {
  const request = { method: "GET", target: "/", version: "1.1", headers: [], body };
  const { outcome } = answered(1);
  const exchange = { id: "e-1", at: epochMs(0), lane: null, labels: {}, request, outcome };
  return { exchange, candidate: answered(candidateMs), controls: [answered(controlMs)] };
}

const same = { differs: false, noisy: false, probe: false };
const surroundings = { probes: 0, freeBytes: {} };

it("counts each answer once, in the first bucket that is not below it", () => {
  const figures = new Figures();
  for (const ms of [5, 6, 1000, 10_001]) figures.observed(observation(ms, 1), { ...same, endpoint: "GET /a" });
  const { candidate, control, compared } = figures.snapshot(surroundings).endpoints["GET /a"] ?? {};
  expect(candidate?.counts).toEqual([1, 1, 0, 0, 1, 0, 0, 1]);
  expect(candidate?.sum).toBeCloseTo(11.012);
  expect([compared, control?.counts[0]]).toEqual([4, 4]);
});

it("knows 200 endpoints with names that are not too long; the rest is other, and all of it fits into a message", () => {
  const figures = new Figures();
  figures.observed(observation(1, 1), { ...same, endpoint: "x".repeat(201) });
  for (let i = 0; i < 5000; i++) figures.observed(observation(1234.5678, 1), { ...same, endpoint: `GET /${i}/${"y".repeat(180)}` });
  const snapshot = figures.snapshot(surroundings);
  expect(Object.keys(snapshot.endpoints).length).toBeLessThanOrEqual(201);
  expect(Object.values(snapshot.endpoints).reduce((sum, { compared }) => sum + compared, 0)).toBe(5001);
  expect(snapshot.endpoints["other"]?.compared).toBeGreaterThan(4790);
  expect(encodeFigures(snapshot)?.length).toBeLessThan(maxMessageBytes);
});

it("leaves out what was not compared", () => {
  const figures = new Figures();
  figures.observed(observation(1, 1), same);
  expect(figures.snapshot(surroundings).endpoints).toEqual({});
});
