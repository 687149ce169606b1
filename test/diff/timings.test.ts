/** Which values are times that something took, by their names, and what they say. */

import { describe, expect, it } from "vitest";
import { isTimingName, readTiming } from "../../diff/timings.ts";

const field = (path: string): boolean => isTimingName({ location: "body", path });
const header = (path: string): boolean => isTimingName({ location: "header", path });

describe("a name", () => {
  it.each([
    "/took",
    "/meta/elapsed",
    "/elapsedMs",
    "/query_time",
    "/responseTime",
    "/responsetime",
    "/durationMs",
    "/time_ms",
    "/timings/db",
    "/timings/*/total",
    "/runtime",
    "/hits/*/latency",
  ])("of a time spent: %s", (path) => expect(field(path)).toBe(true));

  it.each(["/items", "/forms", "/terms", "/startTime", "/time", "/times/db", "/price", "/took/reason", "", "/*"])(
    "of something else: %s",
    (path) => expect(field(path)).toBe(false),
  );

  it("of a header, but of no cookie", () => {
    expect(["x-runtime", "x-response-time", "server-timing", "x-envoy-upstream-service-time", "trailer/x-runtime"].map(header)).toEqual(
      Array.from({ length: 5 }, () => true),
    );
    expect(["age", "date", "set-cookie/took", "etag", "x-forms"].map(header)).toEqual(Array.from({ length: 5 }, () => false));
  });
});

describe("a time spent", () => {
  it.each([
    ["12", 12],
    ["0.012", 0.012],
    ["12 ms", 0.012],
    ["PT1.5S", 1.5],
    ['cache;desc="hit", db;dur=53.5, app;dur="7"', 60.5],
    ["miss", null],
    ["-3", -3],
  ])("is read from %j", (text, value) => expect(readTiming(text)).toBe(value));
});
