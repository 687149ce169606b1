import { describe, expect, it } from "vitest";
import { isAtLeast, severityOf, severityPoints } from "../../diff/severity.ts";

describe("severity", () => {
  it("ranks a server error with a broken transport, over another status class, over a lost field", () => {
    expect(severityPoints("status", "", "status.class", "200→500")).toBe(severityPoints("transport", "", "transport.reset", ""));
    expect(severityPoints("status", "", "status.class", "200→404")).toBe(80);
    expect(severityPoints("body", "/a", "json.missing", "")).toBe(60);
  });

  it("weighs a lost security header or reference more than a lost ordinary one", () => {
    expect(severityPoints("header", "x-content-type-options", "header.missing", "")).toBe(60);
    expect(severityPoints("header", "set-cookie/sid/httponly", "header.cookie-attribute", "")).toBe(60);
    expect(severityPoints("header", "etag", "header.missing", "")).toBe(30);
    expect(severityPoints("header", "location", "header.extra", "")).toBe(10);
  });

  it("has the words of the report's contract", () => {
    expect([0, 9.9, 10, 29, 30, 59, 60, 100].map(severityOf)).toEqual(["info", "info", "low", "low", "medium", "medium", "high", "high"]);
    expect([isAtLeast("high", "medium"), isAtLeast("medium", "medium"), isAtLeast("low", "medium")]).toEqual([true, true, false]);
  });
});
