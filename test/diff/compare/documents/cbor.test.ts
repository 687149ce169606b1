import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCbor, readCborSequence } from "../../../../diff/compare/documents/cbor.ts";
import { fromHex, limits, shown } from "./show.ts";

const read = (hex: string) => shown(readCbor(fromHex(hex), limits));

describe("readCbor", () => {
  /** The examples of RFC 8949 appendix A, in JSON. */
  it.each([
    ["00", "0"],
    ["17", "23"],
    ["1818", "24"],
    ["1903e8", "1000"],
    ["1a000f4240", "1000000"],
    ["1b000000e8d4a51000", "1000000000000"],
    ["1bffffffffffffffff", "18446744073709551615"],
    ["c249010000000000000000", "18446744073709551616"],
    ["3bffffffffffffffff", "-18446744073709551616"],
    ["c349010000000000000000", "-18446744073709551617"],
    ["3903e7", "-1000"],
    ["f90000", "0.0"],
    ["f98000", "-0.0"],
    ["f93c00", "1.0"],
    ["fb3ff199999999999a", "1.1"],
    ["f93e00", "1.5"],
    ["f97bff", "65504.0"],
    ["fa47c35000", "100000.0"],
    ["fa7f7fffff", "3.4028234663852886e+38"],
    ["fb7e37e43c8800759c", "1e+300"],
    ["f90001", "5.960464477539063e-8"],
    ["f90400", "0.00006103515625"],
    ["f9c400", "-4.0"],
    ["fbc010666666666666", "-4.1"],
    ["f97c00", '"Infinity"'],
    ["f97e00", '"NaN"'],
    ["f9fc00", '"-Infinity"'],
    ["f4", "false"],
    ["f5", "true"],
    ["f6", "null"],
    ["f7", '"undefined"'],
    ["f0", '{"simple":16}'],
    ["f8ff", '{"simple":255}'],
    ["c074323031332d30332d32315432303a30343a30305a", '"2013-03-21T20:04:00Z"'],
    ["c11a514b67b0", "1363896240"],
    ["d74401020304", '{"tag 23":{"bytes":"01020304"}}'],
    ["d818456449455446", '{"tag 24":{"bytes":"6449455446"}}'],
    ["40", '{"bytes":""}'],
    ["4401020304", '{"bytes":"01020304"}'],
    ["60", '""'],
    ["6449455446", '"IETF"'],
    ["62225c", '"\\"\\\\"'],
    ["63e6b0b4", '"水"'],
    ["80", "[]"],
    ["8301820203820405", "[1,[2,3],[4,5]]"],
    ["a0", "{}"],
    ["a201020304", '{"1":2,"3":4}'],
    ["a26161016162820203", '{"a":1,"b":[2,3]}'],
    ["5f42010243030405ff", '{"bytes":"0102030405"}'],
    ["7f657374726561646d696e67ff", '"streaming"'],
    ["9fff", "[]"],
    ["9f018202039f0405ffff", "[1,[2,3],[4,5]]"],
    ["83018202039f0405ff", "[1,[2,3],[4,5]]"],
    ["bf61610161629f0203ffff", '{"a":1,"b":[2,3]}'],
    ["826161bf61626163ff", '["a",{"b":"c"}]'],
    ["d9d9f700", "0"],
    ["d825 50 000102030405060708090a0b0c0d0e0f", '"00010203-0405-0607-0809-0a0b0c0d0e0f"'],
  ])("reads %s as %s", (hex, json) => {
    expect(read(hex)).toBe(json);
  });

  it("says what is wrong with what is malformed", () => {
    expect(read("")).toBe("invalid: ends early");
    expect(read("62 61")).toBe("invalid: ends early");
    expect(read("9bffffffffffffffff")).toBe("invalid: ends early");
    expect(read("9f 01")).toBe("invalid: ends early");
    expect(read("ff")).toBe("invalid: break outside of an item");
    expect(read("1c")).toBe("invalid: malformed length");
    expect(read("7f 4101 ff")).toBe("invalid: malformed chunk of a string");
    expect(read("00 00")).toBe("invalid: bytes after the end of the document");
  });

  it("reads no further than its bounds", () => {
    expect(read(`${"81".repeat(600)}f6`)).toBe("over depth");
    expect(read(`${"c6".repeat(600)}f6`)).toBe("over depth");
    expect(read(`9903e8${"f6".repeat(1000)}`)).toBe("over nodes");
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["parsed", "invalid", "over-limit"]).toContain(readCbor(bytes, limits).kind);
        expect(["parsed", "invalid", "over-limit"]).toContain(readCborSequence(bytes, limits).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("readCborSequence", () => {
  it("reads items one after another as an array", () => {
    expect(shown(readCborSequence(fromHex("01 6161 80"), limits))).toBe('[1,"a",[]]');
    expect(shown(readCborSequence(fromHex(""), limits))).toBe("[]");
    expect(shown(readCborSequence(fromHex("01 61"), limits))).toBe("invalid: ends early");
  });
});
