import { describe, expect, it } from "vitest";
import { SipHash } from "../../../proxy/live/siphash.ts";

/** Reference output of SipHash-2-4 for key 00…0f and messages 00…(n-1), n = 0…15 (vectors of the authors' reference
 * implementation), as little-endian bytes. */
const vectors: readonly string[] = [
  "310e0edd47db6f72",
  "fd67dc93c539f874",
  "5a4fa9d909806c0d",
  "2d7efbd796666785",
  "b7877127e09427cf",
  "8da699cd64557618",
  "cee3fe586e46c9cb",
  "37d1018bf50002ab",
  "6224939a79f5f593",
  "b0e4a90bdf82009e",
  "f3b9dd94c5bb5d7a",
  "a7ad6b22462fb3f4",
  "fbe50e86bc8f1e75",
  "903d84c02756ea14",
  "eef27a8e90ca23f7",
  "e545be4961ca29a1",
];

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index);

describe("SipHash-2-4", () => {
  it.each(vectors.map((vector, length) => [length, vector] as const))("gives the published result for %i bytes", (length, vector) => {
    const hash = new SipHash(counting(16));
    const padded = Buffer.concat([Buffer.from("xyz"), counting(length), Buffer.from("z")]);
    hash.hash(padded, 3, 3 + length);
    const result = Buffer.alloc(8);
    result.writeUInt32LE(hash.low, 0);
    result.writeUInt32LE(hash.high, 4);
    expect(result.toString("hex")).toBe(vector);
  });

  it("refuses a key of another length", () => {
    expect(() => new SipHash(counting(15))).toThrow(RangeError);
  });
});
