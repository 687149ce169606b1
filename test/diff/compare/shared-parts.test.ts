/** What two bodies have in common byte for byte is read once and not compared value by value. That must not show: the same
 * comparison with the left body written with spaces, so that no part of the bodies is the same bytes, is the reference. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareOutcomes } from "../../../diff/compare/outcomes.ts";
import { References } from "../../../diff/compare/references.ts";
import { noRules, type RuleScope } from "../../../diff/rules/scope.ts";
import type { Comparison } from "../../../model/difference.ts";
import { noBody } from "../../../model/exchange.ts";
import type { JsonNode } from "../../../model/json/node.ts";
import { parseJson, parseJsonBeside, parseJsonOriginal } from "../../../model/json/parse.ts";
import { ignore, rule, scope } from "../rules/rules.ts";
import { raw, uuid } from "./answers.ts";

const small = fc.integer({ min: 0, max: 5 });
const scalar: fc.Arbitrary<JsonNode> = fc.oneof(
  fc.constantFrom("pending", "shipped", "", "Åsa 😀", '{"id":1}', "https://shop.example/users/7", "a8Kd93jf02lsPq84").map(stringNode),
  small.map((number) => stringNode(uuid(number))),
  small.map((second) => stringNode(`2026-11-22T09:24:3${second}Z`)),
  fc.constantFrom("0", "1", "1.0", "7", "12.50", "9007199254740993").map((lexeme): JsonNode => ({ kind: "number", lexeme })),
  fc.constantFrom<JsonNode>({ kind: "null" }, { kind: "boolean", value: true }),
);
const key = fc.constantFrom("id", "userId", "user", "items", "name", "createdAt", "tags", "ö");
const { tree } = fc.letrec<{ tree: JsonNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }).map((elements): JsonNode => ({ kind: "array", elements })),
    // Keys may repeat within an object.
    fc.array(fc.record({ key, value: tie("tree") }), { maxLength: 5 }).map((members): JsonNode => ({ kind: "object", members })),
  ),
}));
/** A page of things that look alike. */
const page: fc.Arbitrary<JsonNode> = fc.tuple(tree, fc.array(tree, { maxLength: 8 }), scalar).map(([thing, others, id]) => ({
  kind: "object",
  members: [
    { key: "id", value: id },
    { key: "items", value: { kind: "array", elements: [...others, thing, thing, ...others] } },
  ],
}));
const document = fc.oneof(tree, page);

/** What happens to a document: a few things, each at a place that its numbers lead to. */
const edits = fc.array(fc.record({ way: fc.array(fc.nat({ max: 9 }), { maxLength: 5 }), what: fc.nat({ max: 4 }), value: tree }), {
  maxLength: 4,
});
type Edit = { readonly way: readonly number[]; readonly what: number; readonly value: JsonNode };

const pairs = fc.oneof(
  fc.tuple(document, edits).map(([before, changes]) => [before, changes.reduce((value, edit) => edited(value, edit), before)] as const),
  fc.tuple(document, document),
);

describe("two bodies with common parts", () => {
  it("compare as they do with nothing in common, answer after answer of a lane", () => {
    const rules = fc.constantFrom<RuleScope>(noRules, noRules, scope(rule("body $..user", ignore)));
    fc.assert(
      fc.property(fc.array(pairs, { minLength: 1, maxLength: 4 }), rules, fc.constantFrom(500_000, 20), (lane, inForce, steps) => {
        const compareLane = (space: string): Comparison[] => {
          const references = new References();
          return lane.map(([left, right]) => comparison(written(left, space), written(right), { references, rules: inForce, steps }));
        };
        expect(compareLane("")).toEqual(compareLane(" "));
      }),
      { numRuns: 2_000 },
    );
  });

  it("are read as each for itself", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(7, 200_000), fc.constantFrom(2, 512), fc.nat({ max: 40 }), (pair, maxNodes, maxDepth, cut) => {
        const limits = { maxNodes, maxDepth };
        const [left, right] = pair.map((side) => Buffer.from(written(side)));
        const original = parseJsonOriginal(left ?? Buffer.of(), limits);
        expect(original.parse).toEqual(parseJson(left ?? Buffer.of(), limits));
        for (const bytes of [right ?? Buffer.of(), (right ?? Buffer.of()).subarray(cut)]) {
          expect(parseJsonBeside(original, bytes, limits)).toEqual(parseJson(bytes, limits));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("compare with a third as they would if the first had not been read before", () => {
    fc.assert(
      fc.property(pairs, pairs, (candidate, control) => {
        const primary = Buffer.from(written(candidate[0]));
        const third = written(control[1]);
        const alone = comparison(Buffer.from(primary), third, { references: new References(), rules: noRules, steps: 500_000 });
        comparison(primary, written(candidate[1]), { references: new References(), rules: noRules, steps: 500_000 });
        expect(comparison(primary, third, { references: new References(), rules: noRules, steps: 500_000 })).toEqual(alone);
      }),
    );
  });

  it("share the parts before, between and after what was changed, put in and taken out", () => {
    const things = Array.from({ length: 6 }, (_, number) => `{"id":${number},"tags":["a",["b"]]}`);
    const changed = things.with(2, '{"id":2,"tags":["c",["b"]]}');
    const shared = (left: readonly string[], right: readonly string[]): boolean[] => {
      const original = parseJsonOriginal(Buffer.from(`[${left.join()}]`));
      const known = new Set(elementsOf(original.parse));
      return elementsOf(parseJsonBeside(original, Buffer.from(`[${right.join()}]`))).map((element) => known.has(element));
    };
    expect(shared(things, changed)).toEqual([true, true, false, true, true, true]);
    expect(shared(things, things.toSpliced(2, 0, '{"id":9}'))).toEqual([true, true, false, true, true, true, true]);
    expect(shared(things, things.toSpliced(2, 1))).toEqual([true, true, true, true, true]);
  });
});

function comparison(
  left: string | Uint8Array,
  right: string,
  { references, rules, steps }: { readonly references: References; readonly rules: RuleScope; readonly steps: number },
): Comparison {
  const request = { method: "GET", target: "/users/5?userId=1", version: "1.1", headers: [], body: noBody };
  return compareOutcomes(raw(left), raw(right), { request, references, rules, limits: { steps } });
}

function elementsOf(parse: ReturnType<typeof parseJson>): readonly JsonNode[] {
  return parse.kind === "parsed" && parse.root.kind === "array" ? parse.root.elements : [];
}

function stringNode(value: string): JsonNode {
  return { kind: "string", value };
}

/** With `space` around every token. */
function written(node: JsonNode, space = ""): string {
  switch (node.kind) {
    case "object": {
      const members = node.members.map(({ key: name, value }) => `${space}${JSON.stringify(name)}${space}:${written(value, space)}`);
      return `${space}{${members.join()}${space}}`;
    }
    case "array":
      return `${space}[${node.elements.map((element) => written(element, space)).join()}${space}]`;
    case "string":
      return space + JSON.stringify(node.value);
    case "number":
      return space + node.lexeme;
    case "boolean":
      return space + String(node.value);
    case "null":
      return `${space}null`;
    default:
      return node satisfies never;
  }
}

function edited(node: JsonNode, edit: Edit, depth = 0): JsonNode {
  const { way, what, value } = edit;
  const inner = node.kind === "array" ? node.elements : node.kind === "object" ? node.members : [];
  const step = way[depth];
  if (step === undefined || inner.length === 0) return value;
  const at = step % inner.length;
  const isLast = depth === way.length - 1;
  if (node.kind === "array") return { kind: "array", elements: changedList(node.elements, at, isLast ? what : 0, value, descend) };
  if (node.kind !== "object") return value;
  const member = { key: "name", value };
  return {
    kind: "object",
    members: changedList(node.members, at, isLast ? what : 0, member, (old) => ({ key: old.key, value: descend(old.value) })),
  };

  function descend(old: JsonNode): JsonNode {
    return edited(old, edit, depth + 1);
  }
}

/** Changes, takes out, puts in, or moves the item at an index. */
function changedList<Item>(list: readonly Item[], at: number, what: number, item: Item, change: (old: Item) => Item): Item[] {
  if (what === 1) return list.toSpliced(at, 1);
  if (what === 2) return list.toSpliced(at, 0, item);
  if (what === 3) return [...list.slice(at), ...list.slice(0, at)];
  return list.map((old, index) => (index === at ? change(old) : old));
}
