/** What has to hold for every pair of answers, whatever is in them. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Difference } from "../../../model/difference.ts";
import { compare, found, json, raw, text, uuid } from "./answers.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const key = fc.constantFrom("id", "userId", "name", "items", "a", "b", "__proto__x", "tags");
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, "", "pending", "RCgs9u4cTCI", "2026-11-22T09:24:30Z"),
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 1, max: 4 }).map(uuid),
  fc.string({ maxLength: 4 }),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
  ),
}));

/** The same document with one thing changed somewhere. */
function changed(value: Json, choices: readonly number[], at = 0): Json {
  const choice = choices[at % choices.length] ?? 0;
  if (Array.isArray(value) && value.length > 0) {
    const index = choice % value.length;
    if (choice % 5 === 0) return value.filter((_, other) => other !== index);
    if (choice % 7 === 0) return [...value].reverse();
    return value.map((element: Json, other) => (other === index ? changed(element, choices, at + 1) : element));
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    const entries = Object.entries(value);
    const index = choice % Math.max(1, entries.length);
    if (entries.length > 0 && choice % 5 === 0) return Object.fromEntries(entries.filter((_, other) => other !== index));
    return Object.fromEntries(entries.map(([name, member], other) => [name, other === index ? changed(member, choices, at + 1) : member]));
  }
  return [null, choice, "text", uuid(choice), []][choice % 5] ?? null;
}

const related: fc.Arbitrary<readonly [Json, Json]> = fc
  .tuple(tree, fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 6 }))
  .map(([value, choices]) => [value, changed(value, choices)] as const);
const pairs = fc.oneof(related, fc.tuple(tree, tree));
const markup = fc
  .array(
    fc.constantFrom(
      "<p>",
      "</p>",
      "<b id=x>",
      "</b>",
      "<ul>",
      "<li>",
      "</ul>",
      "<table>",
      "<td>",
      "text",
      " 12 ",
      "<a href='/x/1'>",
      "</a>",
      "<br>",
      "&amp;",
    ),
    { maxLength: 12 },
  )
  .map((pieces) => text(pieces.join(""), "text/html"));
const page = fc.array(fc.constantFrom("a", "b 1", "b 2", "", "c"), { maxLength: 6 }).map((lines) => text(lines.join("\n")));
const runs = { numRuns: 300 };

function shuffledKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffledKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffledKeys(member)]),
  );
}

function exchanged({ kind, path }: Difference): string {
  const partners: Readonly<Record<string, string>> = {
    "json.missing": "json.extra",
    "json.extra": "json.missing",
    "json.element-missing": "json.element-extra",
    "json.element-extra": "json.element-missing",
    "header.missing": "header.extra",
    "header.extra": "header.missing",
  };
  return `${path} ${partners[kind] ?? kind}`;
}

describe("laws of comparison", () => {
  it("an answer does not differ from itself", () => {
    fc.assert(
      fc.property(tree, (value) => {
        // Written with other key order, so that it is not the same bytes.
        expect(found(json(value), json(shuffledKeys(value)))).toEqual([]);
        expect(found(json(value), json(value))).toEqual([]);
      }),
      runs,
    );
    fc.assert(fc.property(fc.oneof(markup, page), (answer) => found(answer, answer).length === 0));
  });

  it("two answers are equal one way round exactly when they are the other way round", () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        expect(found(json(left), json(right)).length === 0).toBe(found(json(right), json(left)).length === 0);
      }),
      runs,
    );
    const texts = fc.oneof(fc.tuple(markup, markup), fc.tuple(page, page));
    fc.assert(
      fc.property(texts, ([left, right]) => {
        expect(found(left, right).length === 0).toBe(found(right, left).length === 0);
      }),
      runs,
    );
  });

  it("exchanging the sides exchanges missing and extra members", () => {
    fc.assert(
      fc.property(related, ([left, right]) => {
        const membersOf = (differences: readonly Difference[]) =>
          differences.filter(({ kind }) => kind === "json.missing" || kind === "json.extra");
        const forth = membersOf(compare(json(left), json(right)).differences).map(({ kind, path }) => `${path} ${kind}`);
        const back = membersOf(compare(json(right), json(left)).differences).map(exchanged);
        expect(forth.sort()).toEqual(back.sort());
      }),
      runs,
    );
  });

  it("there is at most one difference of each kind at each path, and renderings are short", () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        const { differences } = compare(json(left), json(right));
        const places = differences.map(({ location, path, kind }) => `${location} ${path} ${kind}`);
        expect(new Set(places).size).toBe(places.length);
        for (const { from, to } of differences) expect(Math.max(from?.length ?? 0, to?.length ?? 0)).toBeLessThanOrEqual(200);
      }),
      runs,
    );
  });

  it("renaming all UUIDs consistently is no difference", () => {
    const renamed = (value: Json) =>
      JSON.stringify(value).replace(/00000000-0000-4000-8000-0000000000/g, "00000000-0000-4000-8000-0000000099");
    fc.assert(
      fc.property(tree, (value) => {
        // Maps with ids as keys keep their keys.
        expect(found(json(value), raw(renamed(value)))).toEqual([]);
      }),
      runs,
    );
  });

  it("one broken reference among consistently renamed ones is exactly one difference", () => {
    const orders = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(orders, fc.nat(), fc.boolean(), (owners, pick, isKnown) => {
        const users = [1, 2, 3].map((user) => ({ id: uuid(user) }));
        const left = { users, orders: owners.map((owner, index) => ({ id: uuid(100 + index), userId: uuid(owner) })) };
        const broken = pick % owners.length;
        const other = isKnown ? 201 + ((owners[broken] ?? 0) % 3) : 999;
        const right = {
          users: users.map((_, index) => ({ id: uuid(201 + index) })),
          orders: owners.map((owner, index) => ({ id: uuid(300 + index), userId: uuid(index === broken ? other : 200 + owner) })),
        };
        expect(found(json(left), json(right))).toEqual(["/orders/*/userId json.reference value reference"]);
      }),
      runs,
    );
  });

  it("permuting an array is a difference of order only", () => {
    const object = fc.record({ id: scalar, name: scalar, a: scalar }, { requiredKeys: [] });
    const elements = fc.array(fc.oneof(scalar, object), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(elements, fc.nat(), (list, seed) => {
        const turn = seed % list.length;
        const permuted = [...list.slice(turn), ...list.slice(0, turn)];
        const isSame = JSON.stringify(list) === JSON.stringify(permuted);
        expect(found(json({ v: list }), json({ v: permuted }))).toEqual(isSame ? [] : ["/v json.order value order"]);
      }),
      runs,
    );
  });
});
