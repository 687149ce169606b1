import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameDecimal } from "../../../diff/compare/decimal.ts";
import { formatOf, sameFormat } from "../../../diff/compare/formats.ts";

describe("formatOf", () => {
  it.each([
    ["8d0c6c4e-0f3e-4a3e-9d1b-3f1a0c2b4d5e", "uuid"],
    ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "ulid"],
    ["5f9d88b2c1a4e20017b3d2aa", "hex 24"],
    ["17", "integer"],
    ["1.50", "decimal"],
    ["1795339480", "epoch s"],
    ["1795339480388", "epoch ms"],
    ["1795339480388000", "epoch µs"],
    ["2026-11-22T09:24:30.928Z", "rfc3339 ms Z"],
    ["2026-11-22 09:24:30.928123+02:00", "rfc3339 spaced µs offset"],
    ["2026-11-22T09:24:30", "rfc3339 s local"],
    ["2026-11-22", "date"],
    ["Sun, 22 Nov 2026 09:24:30 GMT", "http-date"],
    ["PT1H30M", "duration"],
    ["12.5ms", "duration"],
    ["10.0.0.1", "ipv4"],
    ["2001:db8::1", "ipv6"],
    ["jo@shop.example", "e-mail"],
    ["https://shop.example/a", "url"],
    ["/a/b", "path"],
    ["RCgs9u4cTCI", "token"],
    ["dGVzdA9+/w==", "token"],
    ["tok_KvQmTzYwPbXcVnRsLdFgHj", "token"],
    ["Widget2000", "text"],
    ["a few words", "text"],
    ["", "empty"],
  ])("calls %j %s", (value, format) => {
    expect(formatOf(value)).toBe(format);
  });
});

describe("sameFormat", () => {
  const alphabets = {
    "base 36": "0123456789abcdefghijklmnopqrstuvwxyz",
    "base 62": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "base 64url": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
  };

  it.each(Object.entries(alphabets))("holds between any two random ids of 10 or 11 characters in %s", (_, alphabet) => {
    const id = fc.array(fc.constantFrom(...alphabet.split("")), { minLength: 10, maxLength: 11 }).map((letters) => letters.join(""));
    const anyId = fc.oneof(id, fc.constantFrom("abcdefghij", "1234567890", "12345678901", "1e23456789"));
    // A sign in front makes other things of an id: a negative number, a flag.
    fc.assert(
      fc.property(anyId, anyId, (left, right) => sameFormat(left, right)),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["17", "RCgs9u4cTCI"],
    ["8d0c6c4e-0f3e-4a3e-9d1b-3f1a0c2b4d5e", "RCgs9u4cTCI"],
    ["5f9d88b2c1a4e20017b3d2aa", "5f9d88b2c1a4e200"],
    ["2026-11-22T09:24:30Z", "2026-11-22T09:24:30.000Z"],
    ["2026-11-22T09:24:30Z", "2026-11-22"],
    ["1795339480", "1795339480388"],
    ["12", "twelve"],
    ["a few words", "jo@shop.example"],
  ])("does not hold between %s and %s", (left, right) => {
    expect([sameFormat(left, right), sameFormat(right, left)]).toEqual([false, false]);
  });

  it("holds between hexadecimal numbers of which one lost a leading zero", () => {
    expect(sameFormat("463ac35c9f6413ad", "63ac35c9f6413ad")).toBe(true);
  });

  it("is symmetric and holds for every value with itself", () => {
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9a-f]{14,17}$/),
      fc.stringMatching(/^\d{1,20}$/),
      fc.uuid(),
      fc.emailAddress(),
      fc.webUrl(),
    );
    fc.assert(fc.property(value, value, (left, right) => sameFormat(left, right) === sameFormat(right, left) && sameFormat(left, left)));
  });
});

describe("sameDecimal", () => {
  it.each([
    ["1", "1.0", true],
    ["100", "1e2", true],
    ["0.001", "1E-3", true],
    ["0", "-0.0e9999999999999999999", true],
    ["1", "-1", false],
    ["9007199254740993", "9007199254740992", false],
    ["1e400", "10e399", true],
    ["1e-400", "0", false],
  ])("of %s and %s is %s", (left, right, same) => {
    expect([sameDecimal(left, right), sameDecimal(right, left)]).toEqual([same, same]);
  });

  it("agrees with exact integer arithmetic", () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt(),
        (left, right) => sameDecimal(`${left}`, `${right}`) === (left === right) && sameDecimal(`${left}000`, `${left}e3`),
      ),
    );
  });
});
