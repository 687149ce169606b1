/** The published schema is one that a strict validator takes, and says of every report what is true. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { jsonReporter } from "../../report/json.ts";
import { reportSchema } from "../../report/schema.ts";
import { arbitraryReport } from "./arbitrary-report.ts";
import { noDetails } from "./fixture.ts";
import { goldenRuns } from "./golden-runs.ts";
import { problemsForReaders, problemsForWriters, publishedSchema } from "./readers/report-json.ts";

const written = (report: Report): unknown => JSON.parse(jsonReporter(report, noDetails).output);
const [{ report: failing }] = goldenRuns as readonly [(typeof goldenRuns)[number]];

/** Every object and array of a JSON document, with where it is. */
function placesIn(value: unknown, place: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, held]) => placesIn(held, [...place, Array.isArray(value) ? Number(key) : key]));
  return Array.isArray(value) ? inner : [[...place], ...inner];
}

/** A copy with one object changed. */
function changedAt(value: unknown, place: readonly (string | number)[], change: (object: Record<string, unknown>) => void): unknown {
  const copy = structuredClone(value);
  let object = copy as Record<string | number, unknown>;
  for (const key of place) object = object[key] as Record<string | number, unknown>;
  change(object);
  return copy;
}

/** Where keys are data: reasons, labels. */
const isMap = (place: readonly (string | number)[]): boolean => ["labels", "notComparable"].includes(String(place.at(-1)));

describe("the published schema", () => {
  it("takes the reports of every run that is kept here, down to the last key", () => {
    for (const { report } of goldenRuns) expect(problemsForWriters(written(report))).toBe("");
  });

  it("takes whatever a run may make, down to the last key, and so does the reader of the product", () => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        const document = written(report);
        expect(problemsForWriters(document)).toBe("");
        expect(reportSchema.safeParse(document).success).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("lets later versions add keys anywhere, which the closed one for writers does not", () => {
    const document = written(failing);
    for (const place of placesIn(document).filter((each) => !isMap(each))) {
      const later = changedAt(document, place, (object) => {
        object["later"] = null;
      });
      expect([place, problemsForReaders(later)]).toEqual([place, ""]);
      expect(problemsForWriters(later)).toContain("additionalProperties");
    }
  });

  it("refuses values that are not counts or texts where keys are data", () => {
    const document = written(failing);
    for (const place of placesIn(document).filter(isMap)) {
      for (const value of [null, -1, ["a"]]) {
        const bad = changedAt(document, place, (object) => {
          object["unknown"] = value;
        });
        expect(problemsForReaders(bad)).not.toBe("");
      }
    }
  });

  it("refuses a report that lacks a key which it requires, and agrees with the reader of the product about which those are", () => {
    const document = written(failing);
    let required = 0;
    for (const place of placesIn(document).filter((each) => !isMap(each))) {
      for (const key of Object.keys(placeAt(document, place))) {
        const without = changedAt(document, place, (object) => {
          Reflect.deleteProperty(object, key);
        });
        const refused = problemsForReaders(without) !== "";
        expect([place, key, reportSchema.safeParse(without).success]).toEqual([place, key, !refused]);
        if (refused) required++;
      }
    }
    expect(required).toBeGreaterThan(300);
  });

  it("refuses a value of another type in every place, as the reader of the product does", () => {
    const document = written(failing);
    for (const place of placesIn(document)) {
      for (const [key, value] of Object.entries(placeAt(document, place))) {
        const other = changedAt(document, place, (object) => {
          object[key] = typeof value === "string" ? 0.5 : "text";
        });
        const taken = problemsForReaders(other) === "";
        expect([place, key, reportSchema.safeParse(other).success]).toEqual([place, key, taken]);
        // What may be text or null was null here.
        expect([place, key, taken && value !== null]).toEqual([place, key, false]);
      }
    }
  });

  it("names no key that generated reports lack, so that what is true of them is true of all of it", () => {
    const seen = new Set(fc.sample(arbitraryReport, { numRuns: 200, seed: 7 }).flatMap((report) => keysIn(written(report))));
    expect(keysOf(publishedSchema).filter((key) => !seen.has(key))).toEqual([]);
  });
});

/** Keys of a report with those that hold them: `.findings[].evidence.b`. */
function keysIn(value: unknown, place = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((held) => keysIn(held, `${place}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [`${place}.${key}`, ...keysIn(held, `${place}.${key}`)]);
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
}

/** Those that the schema names, spelt likewise. */
function keysOf(schema: unknown, place = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {}, items = null, anyOf = [] }: SchemaPart = schema;
  return [
    ...Object.entries(properties).flatMap(([key, inner]) => [`${place}.${key}`, ...keysOf(inner, `${place}.${key}`)]),
    ...keysOf(items, `${place}[]`),
    ...anyOf.flatMap((inner) => keysOf(inner, place)),
  ];
}

function placeAt(value: unknown, place: readonly (string | number)[]): object {
  return place.reduce<unknown>((held, key) => (held as Record<string | number, unknown>)[key], value) as object;
}
