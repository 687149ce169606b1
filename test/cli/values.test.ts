import { describe, expect, it } from "vitest";
import { duration, durationAboveZero, headerField, origin, route } from "../../cli/values.ts";
import { parsePrimary } from "../../proxy/live/primary.ts";

/** What is said of a value that cannot be. */
function complaint(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    return String(error);
  }
  return "";
}

describe("what is said of a bad value", () => {
  it.each([
    ...[
      "http://u:hunter2@127.0.0.1:1/",
      "ftp://u:hunter2@h",
      "http://u:p@hunter2@h",
      "http://u:hunter2@h:99999",
      "//u:p/hunter2@h",
      "u:hunter2@h",
    ],
  ])("is the address without its credentials: %s", (address) => {
    const said = complaint(() => origin(address, "--primary"));
    expect(said).toMatch(/--primary cannot be ".*(?:h|127\.0\.0\.1)/);
    expect(said).not.toContain("hunter2");
    expect(complaint(() => route(`/a=${address}`, "--route"))).toMatch(/--route cannot be "[^@]*"/);
  });

  it("is of a primary and of a header nothing that may be secret either", () => {
    expect(complaint(() => parsePrimary(new URL("ftp://u:hunter2@h/")))).toContain("primary ftp://h/ is neither");
    expect(complaint(() => headerField("Authorization Bearer hunter2", "--header"))).toContain('--header cannot be "Authorization…"');
  });
});

describe("a duration", () => {
  it.each([
    ["0ms", 0],
    ["10ms", 10],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["3h", 10_800_000],
    ["7d", 604_800_000],
  ])("%s is %i ms", (text, ms) => {
    expect(duration(text, "--timeout")).toBe(ms);
  });

  it.each(["", "10", "-1s", "1 s", "1w", "1e3ms", "Infinity"])("is not %j", (text) => {
    expect(() => duration(text, "--timeout")).toThrow(`--timeout cannot be "${text}"`);
  });

  it.each(["8d", "169h", "2147483648ms", `${"9".repeat(400)}d`])("is at most seven days, not %s", (text) => {
    expect(() => duration(text, "--timeout")).toThrow(expect.objectContaining({ hint: "give at most 7d" }));
  });

  it("can be asked to be above nothing", () => {
    expect(() => durationAboveZero("0ms", "--timeout")).toThrow(expect.objectContaining({ hint: "give a duration above 0ms" }));
    expect(() => durationAboveZero("0.0d", "--timeout")).toThrow('"0.0d"');
    expect(durationAboveZero("0.5ms", "--timeout")).toBe(0.5);
  });
});
