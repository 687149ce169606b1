import { describe, expect, it } from "vitest";
import { fingerprintOf, stableTransition } from "../../diff/fingerprint.ts";
import type { Signature } from "../../model/report.ts";

const signature: Signature = { endpoint: "GET /posts", location: "body", path: "", kind: "json.element-count" };

describe("fingerprintOf", () => {
  it("is 12 hex digits that do not depend on the data of the day", () => {
    expect(fingerprintOf(signature, "15→0 elements")).toMatch(/^[0-9a-f]{12}$/);
    expect(fingerprintOf(signature, "7→0 elements")).toBe(fingerprintOf(signature, "15→0 elements"));
  });

  it("depends on every part of the signature and on the transition", () => {
    const all = [
      fingerprintOf(signature, "15→0 elements"),
      fingerprintOf(signature, "15→3 elements"),
      fingerprintOf({ ...signature, endpoint: "GET /tags" }, "15→0 elements"),
      fingerprintOf({ ...signature, path: "/items" }, "15→0 elements"),
      fingerprintOf({ ...signature, kind: "json.missing" }, "15→0 elements"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("tells factors and lengths apart, but not numbers that lost their leading zeros", () => {
    const value = { ...signature, kind: "json.value" } as const;
    const ids = ["×100", "×1000", "÷100", "hex 24→hex 16", "hex 16→hex 24"].map((each) => fingerprintOf(value, each));
    expect(new Set(ids).size).toBe(5);
    expect(fingerprintOf(value, "hex 23→hex 15")).toBe(ids[3]);
    expect(stableTransition(value, "hex 40→integer")).toBe("hex 40→integer");
  });

  it("keeps status codes and names with digits", () => {
    expect(stableTransition({ location: "status" }, "200→500")).toBe("200→500");
    expect(stableTransition({ location: "body" }, "utf-8→absent")).toBe("utf-8→absent");
  });
});
