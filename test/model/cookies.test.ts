import { describe, expect, it } from "vitest";
import { parseCookieHeader, parseSetCookie } from "../../model/cookies.ts";

describe("parseCookieHeader", () => {
  it("gives pairs in order with duplicates, and keeps = in values", () => {
    expect(parseCookieHeader("sid=a=b==; theme = dark;;sid=2; lonely")).toEqual([
      ["sid", "a=b=="],
      ["theme", "dark"],
      ["sid", "2"],
      ["", "lonely"],
    ]);
  });

  it("gives nothing for an empty header", () => {
    expect(parseCookieHeader("")).toEqual([]);
  });
});

describe("parseSetCookie", () => {
  it("reads name, value and attributes with lower-case names", () => {
    expect(parseSetCookie("sid=abc; HttpOnly; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; SameSite=Lax")).toEqual({
      name: "sid",
      value: "abc",
      attributes: [
        ["httponly", null],
        ["path", "/"],
        ["expires", "Wed, 21 Oct 2026 07:28:00 GMT"],
        ["samesite", "Lax"],
      ],
    });
  });

  it("reads a cookie without = as a value without a name", () => {
    expect(parseSetCookie("abc; Secure")).toEqual({ name: "", value: "abc", attributes: [["secure", null]] });
  });
});
