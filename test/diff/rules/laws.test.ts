/** What has to hold whatever the answers and the rules are: a rule takes away what is at its place, and nothing else. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rule, RuleEffect } from "../../../diff/rules/rule.ts";
import { RuleBook } from "../../../diff/rules/scope.ts";
import type { Difference } from "../../../model/difference.ts";
import { compare, json } from "../compare/answers.ts";
import { format, ignore, key, rule, scope, tolerance, unordered } from "./rules.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const names = ["id", "userId", "a", "b", "items", "~/"] as const;
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, "", "x", "2026-11-22T09:24:30Z", "00000000-0000-4000-8000-000000000001", "RCgs9u4cTCI"),
  fc.integer({ min: 0, max: 9 }),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 5 }),
  ),
}));
/** Two documents with much in common. */
const pairs = fc.tuple(tree, tree, tree).map(([common, left, right]): readonly [Json, Json] => [
  { a: common, b: left, items: [left, common] },
  { a: common, b: right, items: [common, right] },
]);

type Step = "*" | (typeof names)[number];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.constantFrom<Step>("*", ...names), { maxLength: 3 });

function pathOf(selected: readonly Step[]): string {
  return `$${selected.map((step) => (step === "*" ? "[*]" : `['${step}']`)).join("")}`;
}

/** Whether a difference is at the place that the steps select, or below it. */
function isAt(selected: readonly Step[], { path }: Difference): boolean {
  const tokens = path.split("/").slice(1);
  const wanted = selected.map((step) => (step === "*" ? step : step.replaceAll("~", "~0").replaceAll("/", "~1")));
  return tokens.length >= wanted.length && wanted.every((step, index) => step === "*" || step === tokens[index]);
}

function keysOf(differences: readonly Difference[]): string[] {
  return differences.map(({ location, path, kind }) => `${location} ${path} ${kind}`);
}

describe("rules", () => {
  it("that ignore take away exactly what is at their places", () => {
    fc.assert(
      fc.property(pairs, fc.array(steps, { minLength: 1, maxLength: 3 }), ([left, right], places) => {
        const rules = scope(...places.map((place) => rule(`body ${pathOf(place)}`, ignore)));
        const all = compare(json(left), json(right)).differences;
        const ruled = compare(json(left), json(right), { rules });
        const ignored = (difference: Difference): boolean => places.some((place) => isAt(place, difference));
        expect(ruled.differences).toEqual(all.filter((difference) => !ignored(difference)));
        expect(keysOf((ruled.rules?.hidden ?? []).map(({ difference }) => difference)).sort()).toEqual(keysOf(all.filter(ignored)).sort());
      }),
    );
  });

  const gentle: fc.Arbitrary<RuleEffect> = fc.constantFrom<RuleEffect>(unordered, format(), format("uuid"), tolerance({ absolute: "3" }));

  it("about values and order leave other places alone", () => {
    fc.assert(
      fc.property(pairs, steps, gentle, ([left, right], place, effect) => {
        const all = compare(json(left), json(right)).differences;
        const ruled = compare(json(left), json(right), { rules: scope(rule(`body ${pathOf(place)}`, effect)) });
        const elsewhere = (differences: readonly Difference[]): Difference[] =>
          differences.filter((difference) => !isAt(place, difference));
        expect(elsewhere(ruled.differences)).toEqual(elsewhere(all));
        for (const { difference } of ruled.rules?.hidden ?? []) expect(isAt(place, difference)).toBe(true);
      }),
    );
  });

  it("add no difference between equal answers, and none that depends on the direction", () => {
    const effects = fc.oneof(gentle, fc.constantFrom<RuleEffect>(ignore, key("a"), key("id")));
    fc.assert(
      fc.property(pairs, steps, effects, ([left, right], place, effect) => {
        const rules = scope(rule(`body ${pathOf(place)}`, effect));
        expect(compare(json(left), json(left), { rules }).differences).toEqual([]);
        const forth = compare(json(left), json(right), { rules }).differences.length === 0;
        const back = compare(json(right), json(left), { rules }).differences.length === 0;
        expect(forth).toBe(back);
      }),
    );
  });

  it("count every leaf once, as they do without", () => {
    fc.assert(
      fc.property(pairs, steps, fc.oneof(gentle, fc.constant(ignore)), ([left, right], place, effect) => {
        const total = ({ leaves }: ReturnType<typeof compare>): number => leaves.byValue + leaves.byFormat + leaves.untested;
        const rules = scope(rule(`body ${pathOf(place)}`, effect));
        expect(total(compare(json(left), json(right), { rules }))).toBe(total(compare(json(left), json(right))));
        expect(total(compare(json(left), json(left), { rules }))).toBe(total(compare(json(left), json(left))));
      }),
    );
  });

  it("of other endpoints do nothing", () => {
    const elsewhere: readonly Rule[] = [rule("body", ignore, "GET /other"), rule("status", ignore, "/POST .*/")];
    const rules = new RuleBook(elsewhere).scopeOf("GET /things");
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        expect(compare(json(left), json(right), { rules })).toEqual(compare(json(left), json(right)));
      }),
    );
  });
});
