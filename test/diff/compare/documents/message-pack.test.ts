import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, it } from "vitest";
import { readMessagePack } from "../../../../diff/compare/documents/message-pack.ts";
import { fromHex, limits, shown } from "./show.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const read = (hex: string) => shown(readMessagePack(fromHex(hex), limits));

describe("readMessagePack", () => {
  it("reads what another implementation wrote", () => {
    const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        fc.constantFrom(null, true, false),
        integer,
        fc.string({ unit: "grapheme", maxLength: 300, size: "max" }),
        fc.array(tie("value"), { maxLength: 20 }),
        fc.dictionary(fc.string(), tie("value"), { maxKeys: 20 }),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        const parse = readMessagePack(packr.pack(original), { nodes: 100_000 });
        // Integers beyond 32 bits are written as doubles.
        expect(JSON.parse(shown(parse))).toEqual(JSON.parse(JSON.stringify(original)));
      }),
    );
  });

  it.each([
    ["cf ffffffffffffffff", "18446744073709551615"],
    ["d3 8000000000000000", "-9223372036854775808"],
    ["d0 80", "-128"],
    ["d1 8000", "-32768"],
    ["d2 80000000", "-2147483648"],
    ["e0", "-32"],
    ["ca 3fc00000", "1.5"],
    ["cb 4000000000000000", "2.0"],
    ["cb 8000000000000000", "-0.0"],
    ["cb 7ff8000000000000", '"NaN"'],
    ["c4 02 00ff", '{"bytes":"00ff"}'],
    ["82 01 c2 a161 c0", '{"1":false,"a":null}'],
    ["d6 ff 00000000", '"1970-01-01T00:00:00Z"'],
    ["d7 ff 0000000400000001", '"1970-01-01T00:00:01.000000001Z"'],
    ["c7 0c ff 00000000 ffffffffffffffff", '"1969-12-31T23:59:59Z"'],
    ["d4 05 2a", '{"ext 5":"2a"}'],
  ])("reads %s as %s", (hex, json) => {
    expect(read(hex)).toBe(json);
  });

  it("says what is wrong with what is malformed", () => {
    expect(read("")).toBe("invalid: ends early");
    expect(read("a3 6162")).toBe("invalid: ends early");
    expect(read("dd ffffffff")).toBe("invalid: ends early");
    expect(read("c1")).toBe("invalid: unknown type c1");
    expect(read("01 02")).toBe("invalid: bytes after the end of the document");
  });

  it("reads no further than its bounds", () => {
    expect(read(`${"91".repeat(600)}c0`)).toBe("over depth");
    expect(read(`${"91".repeat(500)}c0`)).toContain("[[[");
    expect(read(`dc 03e8 ${"c0".repeat(1000)}`)).toBe("over nodes");
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["parsed", "invalid", "over-limit"]).toContain(readMessagePack(bytes, limits).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});
