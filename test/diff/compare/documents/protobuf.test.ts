import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readProtobuf } from "../../../../diff/compare/documents/protobuf.ts";
import { fromHex, limits, shown } from "./show.ts";

const read = (hex: string) => shown(readProtobuf(fromHex(hex), limits));

describe("readProtobuf", () => {
  it.each([
    ["a varint", "08 9601", '{"1":[150]}'],
    ["a negative number", "08 ffffffffffffffffff01", '{"1":[18446744073709551615]}'],
    ["text", "12 07 74657374696e67", '{"2":["testing"]}'],
    ["a message", "1a 03 089601", '{"3":[{"1":[150]}]}'],
    ["a message that begins like a line feed", "1a 07 0a05 68656c6c6f", '{"3":[{"1":["hello"]}]}'],
    ["text that begins with a line feed", "1a 03 0a6869", '{"3":["\\nhi"]}'],
    ["bytes", "22 03 ff00ff", '{"4":[{"bytes":"ff00ff"}]}'],
    ["nothing in a field", "22 00", '{"4":[""]}'],
    ["a double", "29 9a9999999999f13f", '{"5":[1.1]}'],
    ["eight bytes that are no measurement", "29 0100000000000080", '{"5":[9223372036854775809]}'],
    ["a float", "35 0000c03f", '{"6":[1.5]}'],
    ["a repeated field", "08 01 08 02", '{"1":[1,2]}'],
    ["an empty message", "", "{}"],
  ])("reads %s", (_, hex, json) => {
    expect(read(hex)).toBe(json);
  });

  it("says what is wrong with what is malformed", () => {
    expect(read("08")).toBe("invalid: ends early");
    expect(read("12 05 61")).toBe("invalid: ends early");
    expect(read("00 01")).toBe("invalid: malformed tag");
    expect(read("0b")).toBe("invalid: unknown wire type");
    expect(read(`08 ${"ff".repeat(10)}`)).toBe("invalid: malformed varint");
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["parsed", "invalid", "over-limit"]).toContain(readProtobuf(bytes, limits).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});
