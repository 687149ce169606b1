/** The `redaction` list of a configuration file. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../cli/resolve.ts";
import { PenumbraError } from "../../model/errors.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function redactionIn(yaml: string): unknown {
  const path = join(directory(), "penumbra.yaml");
  writeFileSync(path, yaml);
  return resolveOptions(["config", "redact"], { config: [path] }, {}).redaction;
}

function complaint(yaml: string): string {
  try {
    redactionIn(yaml);
  } catch (error) {
    if (error instanceof PenumbraError) return `${error.message}; ${error.hint}`.replace(/ in \S*penumbra\.yaml/g, " in FILE");
    throw error;
  }
  return "";
}

describe("the redaction rules of a configuration file", () => {
  it("are read in their order", () => {
    expect(
      redactionIn(String.raw`
redact: mask
redaction:
  - { header: X-Customer, how: drop }
  - query: ref
  - { form: ssn, how: token }
  - { json: $..mail }
  - { regex: '/\d{16}/', how: mask }
  - name: iban
  - keep: max_tokens
`),
    ).toEqual([
      { kind: "header", name: "X-Customer", how: "drop" },
      { kind: "query", name: "ref", how: null },
      { kind: "form", name: "ssn", how: "token" },
      { kind: "json", path: "$..mail", steps: [{ selector: { kind: "member", name: "mail" }, descends: true }], how: null },
      { kind: "regex", pattern: String.raw`\d{16}`, how: "mask" },
      { kind: "name", name: "iban" },
      { kind: "keep", name: "max_tokens" },
    ]);
    expect(redactionIn("redact: mask")).toEqual([]);
  });

  it.each([
    ["redaction: all", "redaction in FILE is no list; write each rule"],
    ["redaction: [mail]", "redaction rule 1 in FILE is no rule"],
    ["redaction: [{ how: drop }]", "redaction rule 1 in FILE does not name one place; give one of header, query"],
    ["redaction: [{ header: a, query: b }]", "redaction rule 1 in FILE does not name one place"],
    ["redaction: [{ header: a }, { heder: a }]", 'redaction rule 2 in FILE has an unknown key "heder"; did you mean "header"?'],
    ["redaction: [{ header: a, how: hide }]", "redaction rule 1 in FILE has a wrong how: it is token, mask or drop"],
    ["redaction: [{ json: mail }]", "redaction rule 1 in FILE has a wrong json: mail is no JSON path; begin with $"],
    ["redaction: [{ regex: mail }]", "redaction rule 1 in FILE has a wrong regex: mail does not stand between slashes"],
    ["redaction: [{ regex: /(a/ }]", "redaction rule 1 in FILE has a wrong regex: /(a/ is no regular expression"],
    ["redaction: [{ regex: '/(?=a)/' }]", "use RE2's syntax: no lookaround"],
    ["redaction: [{ keep: a, how: mask }]", "redaction rule 1 in FILE says how, which keep does not know; leave how out"],
    ["redactoin: []", 'unknown key "redactoin"; did you mean "redaction"?'],
  ])("that are wrong are named: %s", (yaml, expected) => expect(complaint(yaml)).toContain(expected));
});
