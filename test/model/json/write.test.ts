import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonNode } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";
import { writeJson } from "../../../model/json/write.ts";

const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "\ud800", "\udc00x", "", '"\\\u0000\u2028'));
const lexeme = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom("1.0", "-0", "1E400", "0.10e-7", "123456789012345678901234567890"),
);
const { node } = fc.letrec<{ node: JsonNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constant<JsonNode>({ kind: "null" }),
    fc.boolean().map((value): JsonNode => ({ kind: "boolean", value })),
    text.map((value): JsonNode => ({ kind: "string", value })),
    lexeme.map((value): JsonNode => ({ kind: "number", lexeme: value })),
    fc.array(tie("node"), { maxLength: 5 }).map((elements): JsonNode => ({ kind: "array", elements })),
    fc.array(fc.record({ key: text, value: tie("node") }), { maxLength: 5 }).map((members): JsonNode => ({ kind: "object", members })),
  ),
}));

describe("writeJson", () => {
  it("gives back every tree through the parser, with __proto__, duplicate keys and lone surrogates", () => {
    fc.assert(
      fc.property(node, (tree) => {
        expect(parseJson(writeJson(tree))).toMatchObject({ kind: "parsed", root: tree });
      }),
    );
  });

  it("writes compact JSON with number lexemes as they were", () => {
    const source = '{"a":[1.0,1e2,{}],"a":null,"":"\\ud800"}';
    const parse = parseJson(Buffer.from(source));
    expect(parse.kind === "parsed" ? Buffer.from(writeJson(parse.root)).toString() : parse).toBe(source);
  });

  it("writes any depth without recursion", () => {
    let tree: JsonNode = { kind: "null" };
    for (let level = 0; level < 100_000; level++) tree = { kind: "array", elements: [tree] };
    expect(writeJson(tree)).toHaveLength(200_004);
  });
});
