/** Rules that are written into a configuration file that people keep. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addIgnoreRules, type IgnoreRule } from "../../cli/ignore-rules.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const rule: IgnoreRule = { endpoint: "GET /a", at: "body /b", ignore: true, reason: "why" };

function fileWith(text: string): string {
  const file = join(directory(), "penumbra.config.yaml");
  writeFileSync(file, text);
  return file;
}

describe("a rule that ignores", () => {
  it.each([
    ["nothing", ""],
    ["a comment", "# nothing yet\n"],
    ["an option", "sample: 10%\n"],
    ["rules without any", "rules:\n"],
    ["an empty list", "rules: []\n"],
  ])("is written beside %s, once", (_what, text) => {
    const file = fileWith(text);
    expect(addIgnoreRules(file, [rule, rule])).toEqual([rule]);
    expect(addIgnoreRules(file, [rule])).toEqual([]);
    const written = readFileSync(file, "utf8");
    for (const line of text.split("\n").filter((kept) => kept !== "" && !kept.startsWith("rules"))) expect(written).toContain(line);
    expect(written.match(/at: body \/b/g)).toHaveLength(1);
  });

  it.each([
    [
      "behind the others",
      "rules:   # ours\n- at:   'status'   # odd\n  ignore: true\n  reason: \"x\"\n\n# ── other ──\nsample:   10%   # of all\n",
      '"x"\n',
    ],
    ["where there were none", "# head\n\nrules: [] # none\nsample:   10%   # of all\n", "# none\n"],
    ["behind all", "# head\nsample:   10%   # of all\nlabel: [ 'a=b' ]\n", "'a=b' ]\n"],
  ])("comes %s, and nothing else changes", (_where, text, behind) => {
    const file = fileWith(text);
    addIgnoreRules(file, [rule]);
    const written = readFileSync(file, "utf8");
    const at = text.indexOf(behind) + behind.length;
    expect(written.startsWith(text.slice(0, at).replace("rules: [] #", "rules: #"))).toBe(true);
    expect(written.endsWith(text.slice(at))).toBe(true);
  });

  it("makes the file where there is none", () => {
    const file = join(directory(), "new.yaml");
    addIgnoreRules(file, [rule]);
    expect(readFileSync(file, "utf8")).toMatch(/^rules:\n {2}- endpoint: GET \/a\n/);
  });

  it.each([
    ["no YAML", "a: [\n", /is|be/],
    ["a list", "- a\n", /NAME: VALUE/],
    ["rules that are none", "rules: yes\n", /rules are no list/],
    ["a rule that is wrong", "rules:\n  - at: nowhere\n    ignore: true\n    reason: x\n", /rule 1/],
  ])("is not written into %s, which stays as it was", (_what, text, problem) => {
    const file = fileWith(text);
    expect(() => addIgnoreRules(file, [rule])).toThrow(problem);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("is not written where it cannot be said", () => {
    const file = join(directory(), "none.yaml");
    expect(() => addIgnoreRules(file, [{ ...rule, at: "nowhere" }])).toThrow(/rule 1/);
    expect(existsSync(file)).toBe(false);
  });
});
