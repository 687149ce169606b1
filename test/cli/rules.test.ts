import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../cli/resolve.ts";
import type { Rule } from "../../diff/rules/rule.ts";
import { PenumbraError } from "../../model/errors.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function rulesIn(yaml: string): readonly Rule[] {
  const path = join(directory(), "penumbra.yaml");
  writeFileSync(path, yaml);
  return resolveOptions(["config", "fail-on"], { config: [path] }, {}).rules;
}

/** What is complained of, without the name of the directory. */
function complaint(yaml: string): string {
  try {
    rulesIn(yaml);
  } catch (error) {
    if (error instanceof PenumbraError) return `${error.message}; ${error.hint}`.replace(/ in \S*penumbra\.yaml/, " in FILE");
    throw error;
  }
  return "";
}

describe("the rules of a configuration file", () => {
  it("are read beside the options", () => {
    expect(
      rulesIn(`
fail-on: high
rules:
  - { at: body $.served, ignore: true, reason: names the machine }
  - { endpoint: "GET /orders/{id}", at: body $.total, tolerance: { absolute: 0.01, relative: 1%, time: 5s } }
  - { at: "body $.tags", unordered: true }
  - { at: "body $.items", key: sku }
  - { at: header x-id, format: true }
  - { at: header x-id, format: "/web-[0-9]+/" }
`),
    ).toEqual([
      { endpoint: null, at: "body $.served", effect: { kind: "ignore" }, reason: "names the machine" },
      {
        endpoint: "GET /orders/{id}",
        at: "body $.total",
        effect: { kind: "tolerance", absolute: "0.01", relative: "0.01", timeMs: 5000 },
        reason: null,
      },
      { endpoint: null, at: "body $.tags", effect: { kind: "unordered" }, reason: null },
      { endpoint: null, at: "body $.items", effect: { kind: "key", member: "sku" }, reason: null },
      { endpoint: null, at: "header x-id", effect: { kind: "format", format: null }, reason: null },
      { endpoint: null, at: "header x-id", effect: { kind: "format", format: "/web-[0-9]+/" }, reason: null },
    ]);
    expect(rulesIn("fail-on: high\n")).toEqual([]);
    expect(rulesIn("")).toEqual([]);
    expect(resolveOptions(["config"], {}, {}).rules).toEqual([]);
  });

  it.each([
    ["rules: yes", /^rules in FILE is no list; write each rule as/],
    ["rules: [7]", /^rule 1 in FILE is no list of NAME: VALUE; see docs\/rules\.md$/],
    ["rules: [{ ignore: true, reason: x }]", /^rule 1 in FILE does not say where; give at: status, header NAME/],
    [
      "rules: [{ at: status, ignore: true, reason: x }, { at: status }]",
      /^rule 2 in FILE says nothing of what to do; give one of ignore, /,
    ],
    ["rules: [{ at: body $.a, ignore: true, unordered: true, reason: x }]", /^rule 1 in FILE says both ignore and unordered; give one of/],
    ["rules: [{ at: status, ignore: true }]", /^rule 1 in FILE ignores without a reason; say why in reason: TEXT/],
    ["rules: [{ at: status, ignore: false, reason: x }]", /^rule 1 in FILE has a wrong ignore \(only true means something there\)/],
    ["rules: [{ at: body $.a, unorderd: true }]", /^rule 1 in FILE has an unknown key "unorderd"; did you mean "unordered"\?$/],
    ["rules: [{ at: body $.a, tolerance: { absolut: 1 } }]", /^rule 1 in FILE has an unknown key "absolut"; did you mean "absolute"\?$/],
    ["rules: [{ at: body $.a, tolerance: {} }]", /^rule 1 in FILE has an empty tolerance; give absolute/],
    ["rules: [{ at: body $.a, tolerance: { absolute: -1 } }]", /^rule 1 in FILE has a wrong tolerance\.absolute \(it is below 0\)/],
    ["rules: [{ at: body $.a, tolerance: { relative: 200% } }]", /^rule 1 in FILE: relative cannot be "200%"; give a share/],
    ["rules: [{ at: body $.a, tolerance: { time: soon } }]", /^rule 1 in FILE: time cannot be "soon"; give a duration/],
    [
      "rules: [{ at: 'body $.a[-1]', ignore: true, reason: x }]",
      /^rule 1 in FILE is wrong: \$\.a\[-1\] is not understood from "\[-1\]" on; count/,
    ],
    ["rules: [{ at: bodi $.a, ignore: true, reason: x }]", /^rule 1 in FILE is wrong: "bodi \$\.a" is no place; write status/],
    ["rules: [{ at: header, ignore: true, reason: x }]", /^rule 1 in FILE is wrong: "header" names no header; write header NAME/],
    ["rules: [{ at: status 200, ignore: true, reason: x }]", /^rule 1 in FILE is wrong: "status 200" has something after status/],
    ["rules: [{ at: status, unordered: true }]", /^rule 1 in FILE is wrong: unordered is for arrays, and "status" is none/],
    ["rules: [{ at: body, key: id }]", /^rule 1 in FILE is wrong: key is for arrays, and "body" is none/],
    ["rules: [{ at: body, format: uuid }]", /^rule 1 in FILE is wrong: format is for values/],
    ["rules: [{ at: status, tolerance: { absolute: 1 } }]", /^rule 1 in FILE is wrong: tolerance is for values/],
    ["rules: [{ at: body $.a, format: uid }]", /^rule 1 in FILE is wrong: there is no format "uid"; use one of uuid, /],
    ["rules: [{ at: body $.a, format: '/(a/' }]", /^rule 1 in FILE is wrong: \/\(a\/ is no regular expression \(missing closing/],
    [
      "rules: [{ at: status, endpoint: /posts, ignore: true, reason: x }]",
      /^rule 1 in FILE is wrong: endpoint "\/posts" has no method; write it/,
    ],
    ["rules: [{ at: status, endpoint: '/(?=a)/', ignore: true, reason: x }]", /no regular expression .*; use RE2's syntax/],
    ["rule: []", /unknown key "rule"; did you mean "rules"\?$/],
  ])("are refused in one line that says what to do: %s", (yaml, said) => {
    expect(complaint(yaml)).toMatch(said);
    expect(complaint(yaml)).not.toContain("\n");
  });

  it("are refused when they are too many to be handed on", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `  - { at: "body $.field${index}", ignore: true, reason: ${"x".repeat(50)} }`);
    expect(complaint(`rules:\n${many.join("\n")}`)).toMatch(/^rules in FILE are longer than 64 KiB; use \*/);
  });
});
