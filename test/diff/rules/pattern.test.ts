import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globPattern, isRegex, readRegex } from "../../../diff/rules/pattern.ts";

function matches(regex: string, text: string): boolean {
  const reading = readRegex(regex);
  return reading.kind === "read" && reading.value.fits(text);
}

describe("a regular expression of the user's", () => {
  it("has to fit the whole text", () => {
    expect(matches("/web-[0-9]+/", "web-17")).toBe(true);
    expect(matches("/web-[0-9]+/", "a web-17")).toBe(false);
    expect(matches("/a|ab/", "ab")).toBe(true);
    expect(matches("/a.b/", "a\nb")).toBe(true);
  });

  // With a backtracking engine the first of them takes longer than the age of the universe; the test's own time limit is the assertion.
  it.each(["/(a+)+$/", "/(a|a)*b/", "/(.*a){20}b/", "/^(([a-z])+.)+[A-Z]([a-z])+$/"])("cannot hang the process: %s", (regex) => {
    expect(matches(regex, `${"a".repeat(100_000)}!`)).toBe(false);
  });

  it.each(["/(?=a)/", "/(a)\\1/", "/(/", "/a{1001}/", "/((a{100}){100}){100}/"])(
    "is refused where it needs another engine, or too much: %s",
    (regex) => {
      expect(readRegex(regex)).toMatchObject({ kind: "wrong", advice: expect.stringContaining("RE2") });
    },
  );

  it.each([
    `/${"(?:a?b?c?){1000}".repeat(20)}/`,
    "/(?:a?b?c?){1000}/",
    "/[a-z]{1,600}/",
    `/${"a?".repeat(600)}/`,
    `/${"(?:.*a)".repeat(300)}/`,
  ])("is refused where it is too large: %s", (regex) => {
    expect(readRegex(regex)).toMatchObject({ kind: "wrong", problem: expect.stringMatching(/too costly|longer than/) });
  });

  it.each(["/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/", "/[a-z]{1,400}/", "/.{0,255}/"])(
    "is read as far as people need it: %s",
    (regex) => {
      expect(readRegex(regex)).toMatchObject({ kind: "read" });
    },
  );

  it("is told from a path by its slashes", () => {
    expect([isRegex("/a/"), isRegex("/a"), isRegex("//"), isRegex("GET /a/")]).toEqual([true, false, false, false]);
  });
});

describe("a glob", () => {
  it.each([
    ["GET /posts/{id}", "GET /posts/{id}", true],
    ["GET /posts/{id}", "GET /posts/{id}/comments", false],
    ["GET /posts/*", "GET /posts/{id}/comments", true],
    ["* /posts", "DELETE /posts", true],
    ["*", "", true],
    ["x-*-id", "x-request-id", true],
    ["x-*-id", "x-request-ids", false],
    ["a.c", "abc", false],
    ["GET /a(b", "GET /a(b", true],
  ])("%s against %s: %s", (glob, text, fits) => {
    expect(globPattern(glob)(text)).toBe(fits);
  });

  it("takes {id} for any one segment when endpoints are not known yet", () => {
    const fits = globPattern("GET /posts/{id}/tags", true);
    expect(["GET /posts/hello/tags", "GET /posts/{id}/tags", "GET /posts/a/b/tags"].map(fits)).toEqual([true, true, false]);
  });

  it("without a star fits itself only", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (glob, text) => {
        fc.pre(!glob.includes("*"));
        expect(globPattern(glob)(text)).toBe(glob === text);
      }),
    );
  });
});
