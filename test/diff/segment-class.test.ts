import { describe, expect, it } from "vitest";
import { mayBeToken, segmentClass } from "../../diff/segment-class.ts";

describe("segmentClass", () => {
  it.each([
    ["42", "int"],
    ["-1", "int"],
    ["0b5a2c1e-6d7f-4a3b-9c8d-1e2f3a4b5c6d", "uuid"],
    ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "ulid"],
    ["2026-11-22", "date"],
    ["507f1f77bcf86cd799439011", "hex"],
    ["RCgs9u4cTCI", "mixed"],
    ["azosr2zrwz", "mixed"],
    ["dGhpcyBpcyBhIHRva2Vu1x", "base64"],
    ["eyJhbGciOiJIUzI_NiIsInR5cCI", "base64"],
  ])("takes %s for %s", (segment, kind) => {
    expect(segmentClass(segment)).toBe(kind);
  });

  it.each([
    "v1",
    "oauth2",
    "old-products",
    "sha256",
    "orders",
    "facade",
    "deadbeef",
    "style.css",
    "error-404-page",
    "with%20space.txt",
    "%",
    "",
    "a_b_c",
    "mp3",
    "search;page=4",
  ])("takes %j for a name", (segment) => {
    expect(segmentClass(segment)).toBe("word");
  });

  it("suspects random letters without digits, but not words", () => {
    expect(["QwErTyUiOpA", "xkcdqrtz"].map(mayBeToken)).toEqual([true, true]);
    expect(["comments", "search", "Products", "getUserName"].map(mayBeToken)).toEqual([false, false, false, true]);
  });
});
