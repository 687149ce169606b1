import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PathStep, readJsonPath } from "../../../diff/rules/json-path.ts";

/** `..` before a step that descends; names as JSON, indexes as numbers, * for any. */
function short(steps: readonly PathStep[]): string {
  return steps
    .map(({ selector, descends }) => {
      const text = selector.kind === "member" ? JSON.stringify(selector.name) : selector.kind === "element" ? String(selector.index) : "*";
      return `${descends ? ".." : ""}${text}`;
    })
    .join(" ");
}

function stepsOf(text: string): string {
  const reading = readJsonPath(text);
  return reading.kind === "read" ? short(reading.value) : `wrong: ${reading.problem}`;
}

describe("a JSON path", () => {
  it.each([
    ["$", ""],
    ["$.items[*].price", '"items" * "price"'],
    ["$['a name'][\"b\"][0]", '"a name" "b" 0'],
    ["$[ 'a' ][ 12 ][ * ]", '"a" 12 *'],
    ["$..price", '.."price"'],
    ["$..*", "..*"],
    ["$..[0]..['x']", '..0 .."x"'],
    ["$.*.größe", '* "größe"'],
    ["$['it\\'s']['\\u0041\\n\\\\']", '"it\'s" "A\\n\\\\"'],
    ["$['']", '""'],
  ])("%s names its steps", (text, steps) => {
    expect(stepsOf(text)).toBe(steps);
  });

  it.each([
    ["items", "begin with $"],
    ["$items", "write it like"],
    ["$.a-b", "['a-name']"],
    ["$.", "write it like"],
    ["$..", "write it like"],
    ["$.[0]", "write it like"],
    ["$[-1]", "from the start"],
    ["$[1:3]", "slices and lists"],
    ["$['a','b']", "write it like"],
    ["$[0,1]", "slices and lists"],
    ["$[?@.a]", "filters are not known"],
    ["$[01]", "write it like"],
    ["$['a", "write it like"],
    ["$['\\x']", "write it like"],
  ])("%s is refused with advice", (text, advice) => {
    expect(readJsonPath(text)).toMatchObject({ kind: "wrong", advice: expect.stringContaining(advice) });
  });

  it("names every member that can be quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const quoted = name.replace(/['\\]/g, (character) => `\\${character}`);
        expect(readJsonPath(`$['${quoted}']`)).toEqual({
          kind: "read",
          value: [{ selector: { kind: "member", name }, descends: false }],
        });
      }),
    );
  });

  it("is read or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", ".", "[", "]", "'", '"', "*", "0", "a", "\\", "-", "?", ":") }), (text) => {
        expect(["read", "wrong"]).toContain(readJsonPath(`$${text}`).kind);
      }),
    );
  });
});
