/** The short ways to an answer give the answer of the long ones. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { Interner } from "../../../diff/compare/intern.ts";
import type { JsonNode } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";

/** Few keys and few values, so that documents are often equal but for order, and names repeat within an object. */
const key = fc.constantFrom("id", "a", "b");
const { node } = fc.letrec<{ node: JsonNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonNode>(
      { kind: "null" },
      { kind: "number", lexeme: "1" },
      { kind: "string", value: "1" },
      { kind: "boolean", value: true },
    ),
    fc.array(tie("node"), { maxLength: 2 }).map((elements): JsonNode => ({ kind: "array", elements })),
    fc.array(fc.record({ key, value: tie("node") }), { maxLength: 3 }).map((members): JsonNode => ({ kind: "object", members })),
  ),
}));

/** The same document with the members of every object the other way round. */
function turned(value: JsonNode): JsonNode {
  if (value.kind === "array") return { kind: "array", elements: value.elements.map(turned) };
  if (value.kind !== "object") return value;
  return { kind: "object", members: value.members.map((member) => ({ key: member.key, value: turned(member.value) })).reverse() };
}

const pair = fc.oneof(
  fc.tuple(node, node),
  node.map((value) => [value, turned(value)] as const),
  node.map((value) => [value, structuredClone(value)] as const),
);

it("finds two values equal exactly when they have one number", () => {
  fc.assert(
    fc.property(pair, ([left, right]) => {
      const numbers = new Interner();
      expect(new Interner().same(left, right)).toBe(numbers.idOf(left) === numbers.idOf(right));
    }),
    { numRuns: 2_000 },
  );
});

it("finds two values equal but for a member exactly when they have one number without it", () => {
  const objects = fc
    .record({ key, value: node })
    .chain((first) =>
      fc.array(fc.record({ key, value: node }), { maxLength: 3 }).map((rest): JsonNode => ({ kind: "object", members: [first, ...rest] })),
    );
  const objectPair = fc.oneof(
    fc.tuple(objects, objects),
    objects.map((value) => [value, turned(value)] as const),
    fc.tuple(objects, node).map(
      ([value, id]) =>
        [
          value,
          value.kind === "object"
            ? {
                kind: "object" as const,
                members: value.members.map((member) => (member.key === "id" ? { key: "id", value: id } : member)),
              }
            : value,
        ] as const,
    ),
  );
  fc.assert(
    fc.property(objectPair, ([left, right]) => {
      const numbers = new Interner();
      expect(new Interner().same(left, right, "id")).toBe(numbers.idWithout(left, "id") === numbers.idWithout(right, "id"));
    }),
    { numRuns: 2_000 },
  );
});

it("reads keys that begin alike, or are written with escapes, as what they are", () => {
  const names = fc.array(fc.constantFrom("a", "ab", "abc", "abcd", 'abc"', "abc\\", "abc\n", "", "é", "éa", "abc:"), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(names, fc.boolean(), (keys, areEscaped) => {
      const written = (name: string): string =>
        areEscaped
          ? `"${Array.from(name, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
          : JSON.stringify(name);
      const parse = parseJson(Buffer.from(`[${keys.map((name) => `{${written(name)}:1}`).join()}]`));
      const read =
        parse.kind === "parsed" && parse.root.kind === "array"
          ? parse.root.elements.map((element) => (element.kind === "object" ? element.members[0]?.key : undefined))
          : parse;
      expect(read).toEqual(keys);
    }),
    { numRuns: 1_000 },
  );
});
