/** What has to hold for every pair of answers, whichever kind of body carries what they say. */

import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, it } from "vitest";
import type { Difference } from "../../../model/difference.ts";
import type { Outcome } from "../../../model/exchange.ts";
import { compare, found, json, raw, text, uuid } from "./answers.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, "", "pending", "RCgs9u4cTCI", "2026-11-22T09:24:30Z", "12.50"),
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 1, max: 4 }).map(uuid),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("id", "userId", "name", "items", "a", "b"), tie("tree"), { maxKeys: 4 }),
  ),
}));
const document = fc.dictionary(fc.constantFrom("id", "name", "a", "b"), tree, { minKeys: 1, maxKeys: 4 });
const pairs = fc.tuple(document, document);

const packr = new Packr({ useRecords: false, variableMapSize: true });
const cborHead = (major: number, length: number): Buffer =>
  length < 24 ? Buffer.from([(major << 5) | length]) : Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);

function cborOf(value: Json): Buffer {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === "number") return cborHead(0, value);
  if (typeof value === "string") return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([cborHead(4, value.length), ...value.map(cborOf)]);
  const entries = Object.entries(value);
  return Buffer.concat([cborHead(5, entries.length), ...entries.flatMap(([key, member]) => [cborOf(key), cborOf(member)])]);
}

/** As XML would be written by hand: scalars are texts, the elements of a list repeat their tag. */
function xmlOf(value: Json, tag: string): string {
  if (Array.isArray(value)) return value.map((element: Json) => xmlOf(element, tag)).join("\n");
  if (value !== null && typeof value === "object") {
    return `<${tag}>${Object.entries(value)
      .map(([key, member]) => xmlOf(member, key))
      .join("")}</${tag}>`;
  }
  return `<${tag}>${String(value)}</${tag}>`;
}

/** A body of some kind that carries a document. `copy` changes what says nothing, such as a boundary. */
type Carrier = (value: Json, copy: number) => Outcome;

/** Those whose differences stand at the same paths as in JSON, behind a prefix. */
const documents: Readonly<Record<string, readonly [prefix: string, carry: Carrier]>> = {
  MessagePack: ["", (value) => raw(packr.pack(value), { "content-type": "application/msgpack" })],
  CBOR: ["", (value) => raw(cborOf(value), { "content-type": "application/cbor" })],
  "JSON lines": ["/*", (value) => text(`${JSON.stringify(value)}\n`, "application/jsonl")],
  "a JSON sequence": ["/*", (value) => text(`\u001e${JSON.stringify(value, null, 1)}\n`, "application/json-seq")],
  "an event stream": ["/events/*/data", (value, copy) => text(`: ${copy}\n\ndata: ${JSON.stringify(value)}\n\n`, "text/event-stream")],
  multipart: [
    "/parts/*/content",
    (value, copy) =>
      text(
        `--b${copy}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(value)}\r\n--b${copy}--`,
        `multipart/mixed; boundary=b${copy}`,
      ),
  ],
  "a string of JSON": ["/in", (value, copy) => json({ in: JSON.stringify(value, null, copy) })],
};
const carriers: readonly (readonly [name: string, carry: Carrier])[] = [
  ...Object.entries(documents).map(([name, [, carry]]) => [name, carry] as const),
  ["XML", (value) => text(`<root>${xmlOf(value, "value")}</root>`, "application/xml")],
];
const runs = { numRuns: 150 };

const places = (differences: readonly Difference[]) =>
  differences
    .filter(({ kind }) => kind !== "json.reference")
    .map(({ path, kind, level, transition }) => `${path} ${kind} ${level} ${transition}`)
    .sort();

describe.each(carriers)("%s", (_, carry) => {
  it("does not differ from itself", () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(found(carry(value, 1), carry(value, 1))).toEqual([]);
        expect(found(carry(value, 1), carry(value, 2))).toEqual([]);
      }),
      runs,
    );
  });

  it("is equal one way round exactly when it is the other way round", () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        expect(found(carry(left, 1), carry(right, 2)).length === 0).toBe(found(carry(right, 2), carry(left, 1)).length === 0);
      }),
      runs,
    );
  });

  it("exchanges missing and extra when the sides are exchanged", () => {
    const presence = (left: Json, right: Json) =>
      compare(carry(left, 1), carry(right, 1)).differences.filter(({ level }) => level === "presence");
    const exchanged = (transition: string) => transition.split("→").reverse().join("→");
    fc.assert(
      fc.property(document, fc.constantFrom("a", "b", "id"), (value, key) => {
        const { [key]: _member, ...rest } = value;
        const forth = presence(value, rest).map(({ path, transition }) => `${path} ${transition}`);
        const back = presence(rest, value).map(({ path, transition }) => `${path} ${exchanged(transition)}`);
        expect(forth.sort()).toEqual(back.sort());
      }),
      runs,
    );
  });

  it("is equal when all UUIDs are renamed consistently", () => {
    fc.assert(
      fc.property(document, (value) => {
        const renamed = JSON.stringify(value).replaceAll("4000-8000-0000000000", "4000-8000-0000000099");
        const other: unknown = JSON.parse(renamed);
        expect(found(carry(value, 1), carry(other as Json, 1))).toEqual([]);
      }),
      runs,
    );
  });

  it("is equal when only some elements of a list have new UUIDs", () => {
    const list = (id: number) => ({
      id: [
        { a: uuid(id), id: { id: uuid(id) } },
        { a: "RCgs9u4cTCI", id: { id: 1 } },
      ],
    });
    expect(found(carry(list(1), 1), carry(list(11), 1))).toEqual([]);
  });

  it("shows one broken reference among consistently renamed ones", () => {
    const shop = (first: number, owner: number) => ({ user: { id: uuid(first) }, orders: [{ id: uuid(first + 1), userId: uuid(owner) }] });
    expect(found(carry(shop(1, 1), 1), carry(shop(11, 11), 1))).toEqual([]);
    expect(compare(carry(shop(1, 1), 1), carry(shop(11, 99), 1)).differences).toMatchObject([{ transition: "reference" }]);
  });
});

describe.each(Object.entries(documents))("%s", (_, [prefix, carry]) => {
  it("differs where and how the same documents differ as JSON", () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        const expected = compare(json(left), json(right)).differences.map((one) => ({ ...one, path: `${prefix}${one.path}` }));
        expect(places(compare(carry(left, 1), carry(right, 1)).differences)).toEqual(places(expected));
      }),
      runs,
    );
  });

  it("counts the leaves of its document", () => {
    // A part has its Content-Type besides. A string that both sides have is one leaf: nobody reads it.
    const count = (leaves: number) => (prefix === "/in" ? 3 : leaves + (prefix.startsWith("/parts") ? 1 : 0));
    fc.assert(
      fc.property(document, (value) => {
        const { leaves } = compare(carry(value, 1), carry(value, 1));
        const inJson = compare(json(value), json(value)).leaves;
        expect(leaves).toEqual({ ...inJson, byValue: count(inJson.byValue) });
      }),
      runs,
    );
  });
});

describe("XML", () => {
  it("does not depend on the order of attributes, prefixes or layout", () => {
    const attributes = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("1", "x", "")), {
      selector: ([name]) => name,
      maxLength: 4,
    });
    const write = (list: readonly (readonly [string, string])[], prefix: string, space: string) =>
      `<${prefix}r xmlns${prefix === "" ? "" : ":p"}="urn:x">${space}<${prefix}e ${list.map(([name, value]) => `${name}="${value}"`).join(" ")}/>${space}</${prefix}r>`;
    fc.assert(
      fc.property(attributes, (list) => {
        expect(found(text(write(list, "", ""), "application/xml"), text(write(list.toReversed(), "p:", "\n "), "application/xml"))).toEqual(
          [],
        );
      }),
      runs,
    );
  });
});
