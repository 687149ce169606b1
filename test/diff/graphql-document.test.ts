import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGraphql } from "../../diff/graphql-document.ts";

describe("readGraphql", () => {
  it.each([
    ["{ user { id } orders }", [{ kind: "query", name: null, fields: ["user", "orders"] }]],
    ["query GetUser { user(id: 7) { id friends { id } } }", [{ kind: "query", name: "GetUser", fields: ["user"] }]],
    ['mutation { a: addUser(name: "}{") { id } b: addUser { id } }', [{ kind: "mutation", name: null, fields: ["addUser", "addUser"] }]],
    [
      'query Q($in: In = { x: [1, 2], y: "}" }, $z: [Int!]! @d(a: {b: 1})) @live(if: $z) { me @skip(if: $z) { id } }',
      [{ kind: "query", name: "Q", fields: ["me"] }],
    ],
    [
      "fragment F on User @x { id } query A { ...F ... on Query { ping } ... @include(if: true) { pong } on } subscription B { news }",
      [
        { kind: "query", name: "A", fields: ["...F", "on"] },
        { kind: "subscription", name: "B", fields: ["news"] },
      ],
    ],
    [
      '\uFEFF# query No { x }\r\nquery,,Yes{query:fragment(s:"""a \\""" } " b""") n(x:-1.5e+3)}',
      [{ kind: "query", name: "Yes", fields: ["fragment", "n"] }],
    ],
  ])("reads the operations of %s", (document, operations) => {
    expect(readGraphql(document)).toEqual(operations);
  });

  it.each([
    ...[
      "",
      "shoes",
      "query",
      "query Q",
      "{ a",
      "{ a } }",
      "{ a ) }",
      "{ a(b: [1) }",
      "{ a(b: {]} ) }",
      '{ a(b: "x',
      '{ a(b: "x\n") }',
      '{ a(b: """x) }',
    ],
    ...[
      "type User { id: ID }",
      "{ a } nonsense",
      "{ a } query B { b",
      "fragment F on User { id }",
      "( a ) { b }",
      "{ a } ; { b }",
      "{ \u0000 }",
      "red {shoes}",
      "{ é }",
    ],
    `{ ${"a ".repeat(150_000)} }`,
  ])("takes %j for no operation", (document) => {
    expect(readGraphql(document)).toBe(null);
  });

  it("reads hostile nesting without exhausting the stack", () => {
    expect(readGraphql(`${"{a".repeat(80_000)}${"}".repeat(80_000)}`)).toEqual([{ kind: "query", name: null, fields: ["a"] }]);
    expect(readGraphql(`{ a(b: ${"[".repeat(200_000)}`)).toBe(null);
    expect(readGraphql(`{${"#".repeat(200_000)}\n${", ".repeat(20_000)}"`)).toBe(null);
  });

  it("never throws, and finds no operation in what has no brace", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "(",
      ")",
      "...",
      "on",
      "a",
      ":",
      "@",
      '"',
      '"""',
      "\\",
      "query",
      "Q",
      "$",
      "[",
      "]",
      "#",
      "\n",
      "-1",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = readGraphql(pieces.join(" "));
        expect(read === null || (pieces.includes("{") && pieces.includes("}"))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
