/** Objects used as maps: their keys are data, and one change of all their entries is one finding. */

import { describe, expect, it } from "vitest";
import { isDataKey, ObjectKeys } from "../../diff/data-keys.ts";
import { LiveComparison } from "../../diff/live-comparison.ts";
import type { JsonNode } from "../../model/json/node.ts";
import type { Report } from "../../model/report.ts";
import { answered, type Case, judgeCases, observationOf, realFindings } from "./fabricate.ts";

const number: JsonNode = { kind: "number", lexeme: "1" };
const text: JsonNode = { kind: "string", value: "a" };

/** As good as random, and the same in every run. */
const wordOf = (seed: number): string => `k${((seed * 2_654_435_761) % 4_294_967_296).toString(36)}x`;

function cases(count: number, json: (index: number, isCandidate: boolean) => unknown): Case[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `x${index}`,
    lane: `lane ${index % 40}`,
    target: `/prices?x=${index}`,
    primary: answered(json(index, false)),
    candidate: answered(json(index, true)),
  }));
}

/** Ten entries with keys of their own in every answer. */
const map = (index: number, value: unknown): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: 10 }, (_, entry) => [wordOf(index * 10 + entry), value]));

const placesOf = (report: Report): string[] => realFindings(report).map(({ kind, path, count }) => `${kind} ${path} ${count}`);

describe("isDataKey", () => {
  it("knows keys that are data by their form, and the names that people give", () => {
    const data = [
      "4711",
      "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
      "2026-11-22",
      "507f1f77bcf86cd799439011",
      "ann@example.org",
      "https:~1~1a.b",
    ];
    const names = ["price", "line1", "sha256", "x86_64", "created_at", "facade01", "X-Request-Id", "404-page", "@type", "oauth2Token"];
    expect([...data, ...names].filter(isDataKey)).toEqual(data);
  });
});

describe("ObjectKeys", () => {
  const isMap = (objects: readonly (readonly [string, JsonNode][])[]): boolean => {
    const keys = new ObjectKeys();
    for (const members of objects) keys.add(members.map(([key, value]) => ({ key, value })));
    return keys.isMap();
  };
  const objects = (count: number, keyOf: (object: number, entry: number) => string, value = (_entry: number): JsonNode => number) =>
    Array.from({ length: count }, (_each, object) =>
      Array.from({ length: 10 }, (_, entry): [string, JsonNode] => [keyOf(object, entry), value(entry)]),
    );

  it("takes an object for a map when every answer brings other keys with values of one type", () => {
    const fresh = (object: number, entry: number): string => wordOf(object * 10 + entry);
    expect(isMap(objects(3, fresh))).toBe(true);
    expect(isMap(objects(2, fresh))).toBe(false);
    expect(isMap(objects(3, fresh, (entry) => (entry % 2 === 0 ? number : text)))).toBe(false);
    expect(isMap(objects(3, fresh, (entry) => (entry % 2 === 0 ? number : { kind: "null" })))).toBe(true);
  });

  it("leaves records alone, however many members they have, and those with optional ones", () => {
    expect(isMap(objects(50, (_, entry) => `field ${entry}`))).toBe(false);
    expect(isMap(objects(50, (object, entry) => `field ${entry + (object % 2) * 10}`))).toBe(false);
  });
});

describe("a map in an answer", () => {
  it("is one place: entries that are gone are one finding, whatever their keys", () => {
    const report = judgeCases(cases(400, (index, isCandidate) => ({ prices: isCandidate ? {} : map(index, 1), at: "Bonn" })));
    expect(placesOf(report)).toEqual(["json.missing /prices/* 400"]);
    expect(report.totals).toMatchObject({ compared: 400, different: 400, same: 0 });
  });

  it("has the same fingerprint in a run of other keys and another order", () => {
    const run = (from: number): Report =>
      judgeCases(cases(120, (index, isCandidate) => ({ prices: map(index + from, { amount: isCandidate ? "1" : 1 }) })));
    const [one, other] = [realFindings(run(0)), realFindings(run(5000))];
    expect(one.map(({ path }) => path)).toEqual(["/prices/*/amount"]);
    expect(other.map(({ id }) => id)).toEqual(one.map(({ id }) => id));
  });

  it("is found in a map of maps, and in the elements of arrays", () => {
    const nested = (index: number, value: unknown): unknown => ({
      shops: Object.fromEntries(Object.entries(map(index, null)).map(([key], at) => [key, map(index * 10 + at + 9000, value)])),
      list: [{ byKey: map(index + 20_000, value) }],
    });
    const report = judgeCases(cases(120, (index, isCandidate) => nested(index, isCandidate ? null : 1)));
    expect(placesOf(report).sort()).toEqual(["json.null /list/*/byKey/* 120", "json.null /shops/*/* 120"]);
  });

  it("does not hide a member of a record beside it", () => {
    const report = judgeCases(
      cases(400, (index, isCandidate) => ({ prices: map(index, 1), rest: { ...(isCandidate ? {} : { total: 5 }), sum: 1, tax: 2 } })),
    );
    expect(placesOf(report)).toEqual(["json.missing /rest/total 400"]);
  });

  it("is no finding when equal builds make up their keys", () => {
    const noisy = (index: number, copy: number): unknown => ({ sessions: map(index * 3 + copy, { v: 1 }) });
    const report = judgeCases(
      Array.from({ length: 400 }, (_, index) => ({
        id: `x${index}`,
        lane: `lane ${index % 40}`,
        target: `/sessions?x=${index}`,
        primary: answered(noisy(index, 0)),
        control: answered(noisy(index, 1000)),
        candidate: answered(noisy(index, 2000)),
      })),
    );
    expect(report.verdict).toBe("pass");
    expect(report.findings.map(({ path }) => path)).toEqual(["/sessions/*", "/sessions/*"]);
  });

  it("costs a live run the probes of one place", () => {
    const live = new LiveComparison({ maxProbes: 1000 });
    const log = cases(100, (index, isCandidate) => ({ prices: isCandidate ? {} : map(index, 1) })).map(observationOf);
    const probed = log.filter((observation) => live.observe(observation).probe);
    // Three answers until the map is known as one, then three probes of it.
    expect(probed.length).toBeLessThanOrEqual(6);
  });
});

describe("a key of a map that is noise as a whole", () => {
  const keys = Array.from({ length: 60 }, (_, at) => wordOf(at + 70_000));
  const [lost = "", second = ""] = keys;
  const chance = (seed: number): number => ((seed * 2_654_435_761 + 40_503 * (seed % 997)) % 4_294_967_296) / 4_294_967_296;
  /** Twelve of the keys, others in every answer but for the first two, which most have. */
  const keysOf = (index: number): string[] => [
    lost,
    second,
    ...Array.from({ length: 10 }, (_, at) => keys[2 + ((index * 7 + at * 5) % 58)] ?? ""),
  ];
  const entries = (index: number, copy: number, isGone: (key: string, at: number) => boolean): unknown =>
    Object.fromEntries(
      keysOf(index)
        .filter((key, at) => !isGone(key, index * 100 + at * 7 + copy * 31))
        .map((key) => [key, 1]),
    );
  type Gone = (key: string, seed: number) => boolean;
  const run = (control: Gone, candidate: Gone, lanes = 40): Report =>
    judgeCases(
      Array.from({ length: 400 }, (_, index) => ({
        id: `x${index}`,
        lane: `lane ${index % lanes}`,
        target: `/prices?x=${index}`,
        primary: answered({ prices: entries(index, 0, () => false) }),
        control: answered({ prices: entries(index, 1, control) }),
        candidate: answered({ prices: entries(index, 2, candidate) }),
      })),
    );
  const now = (_key: string, seed: number): boolean => chance(seed) < 0.3;

  it("is unconfirmed when the candidate lacks it and the control only others: one key is one record", () => {
    const others: Gone = (key, seed) => key !== lost && now(key, seed);
    const report = run(others, (key, seed) => key === lost || now(key, seed));
    expect(placesOf(report)).toEqual([`json.missing /prices/${lost} 400`]);
    expect(report.verdict).toBe("inconclusive");
    expect(report.findings.filter(({ state }) => state === "noise").map(({ path }) => path)).toEqual(["/prices/*"]);
    expect(report.totals).toMatchObject({ compared: 400, different: 400 });
  });

  it("is none when equal builds lose keys by chance", () => {
    for (const lanes of [10, 40]) expect(run(now, now, lanes).verdict).toBe("pass");
  });

  it("is none when keys stick to copies: the control lacks another one just as persistently", () => {
    const report = run(
      (key, seed) => key === second || now(key, seed),
      (key, seed) => key === lost || now(key, seed),
    );
    expect(report.verdict).toBe("pass");
  });
});

describe("names that nothing recognises as data", () => {
  it("are counted by their kind alone beyond a bound, which the report says", () => {
    const headers = (index: number): [string, string][] => Array.from({ length: 50 }, (_, at) => [wordOf(index * 50 + at), "1"]);
    const report = judgeCases(
      Array.from({ length: 100 }, (_, index) => ({
        id: `x${index}`,
        lane: `lane ${index % 40}`,
        primary: answered({}, 200, [["Content-Type", "application/json"], ...headers(index)]),
        candidate: answered({}),
      })),
    );
    expect(realFindings(report).some(({ path, kind, count }) => path === "/**" && kind === "header.missing" && count === 60)).toBe(true);
    expect(realFindings(report).length).toBeLessThanOrEqual(2001);
    expect(report.blindSpots).toMatchObject([{ kind: "too-many-places", endpoint: "GET /things" }]);
    expect(report.totals.different).toBe(100);
  });
});
