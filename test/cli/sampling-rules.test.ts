/** The `sampling` list of a configuration file. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../cli/resolve.ts";
import { PenumbraError } from "../../model/errors.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function samplingIn(yaml: string): unknown {
  const path = join(directory(), "penumbra.yaml");
  writeFileSync(path, yaml);
  return resolveOptions(["config", "sample"], { config: [path] }, {}).sampling;
}

function complaint(yaml: string): string {
  try {
    samplingIn(yaml);
  } catch (error) {
    if (error instanceof PenumbraError) return `${error.message}; ${error.hint}`.replace(/ in \S*penumbra\.yaml/g, " in FILE");
    throw error;
  }
  return "";
}

const any = { method: null, path: null, host: null, header: null, rate: null, perSecond: null };

describe("the sampling rules of a configuration file", () => {
  it("are read in their order", () => {
    expect(
      samplingIn(`
sample: 1%
sampling:
  - { method: POST, path: /orders, rate: 100% }
  - { host: shop.test, header: X-Tenant, perSecond: 2 }
  - { header: { X-Tenant: acme }, rate: 0.2, perSecond: 0.5 }
`),
    ).toEqual([
      { ...any, method: "POST", path: "/orders", rate: 1 },
      { ...any, host: "shop.test", header: { name: "x-tenant", value: null }, perSecond: 2 },
      { ...any, header: { name: "x-tenant", value: "acme" }, rate: 0.2, perSecond: 0.5 },
    ]);
    expect(samplingIn("sample: 1%")).toEqual([]);
  });

  it.each([
    ["sampling: all", "sampling in FILE is no list; write each rule"],
    ["sampling: [{ path: /a }]", "sampling rule 1 in FILE says no rate; give rate"],
    ["sampling: [{ path: a, rate: 1 }]", "sampling rule 1 in FILE has a wrong path: it does not begin with a slash"],
    ["sampling: [{ rate: 1 }, { paht: /a, rate: 1 }]", 'sampling rule 2 in FILE has an unknown key "paht"; did you mean "path"?'],
    ["sampling: [{ rate: 200% }]", "rate of sampling rule 1 in FILE"],
    ["sampling: [{ perSecond: 0 }]", "sampling rule 1 in FILE has a wrong perSecond: it is not above 0"],
    ["sampling: [{ header: { a: b, c: d }, rate: 1 }]", "sampling rule 1 in FILE does not name one header"],
    ["samplign: []", 'unknown key "samplign"; did you mean "sampling"?'],
  ])("that are wrong are named: %s", (yaml, expected) => expect(complaint(yaml)).toContain(expected));
});
