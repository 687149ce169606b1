/** The canaries: a gate counts only when it has been seen to fail. Each plants one violation into the sample project. */

import { describe, expect, it } from "vitest";
import { GATES } from "../../scripts/gates.ts";
import { runGateWith } from "./sample-project.ts";

interface Canary {
  readonly gate: string;
  readonly refuses: string;
  readonly planted: Readonly<Record<string, string>>;
  /** What the gate must say, so that it fails for this reason and no other. */
  readonly says: RegExp;
}

const CANARIES: readonly Canary[] = [
  {
    gate: "format",
    refuses: "another format",
    planted: { "model/extra.ts": "export const unit = 'm'\n" },
    says: /model\/extra\.ts format/,
  },
  {
    gate: "format",
    refuses: "imports out of order",
    planted: { "cli/extra.ts": 'import { join } from "node:path";\nimport { EOL } from "node:os";\n\nconsole.log(join("a", EOL));\n' },
    says: /organizeImports/,
  },
  {
    gate: "lint",
    refuses: "a promise that nobody waits for",
    planted: {
      "diff/extra.ts":
        "export async function later(): Promise<number> {\n  return await Promise.resolve(1);\n}\n\nexport function now(): void {\n  later();\n}\n",
    },
    says: /no-floating-promises/,
  },
  {
    gate: "lint",
    refuses: "an async callback where nobody waits",
    planted: {
      "diff/extra.ts":
        "export function all(list: readonly number[]): void {\n  list.forEach(async (each) => {\n    await Promise.resolve(each);\n  });\n}\n",
    },
    says: /no-misused-promises/,
  },
  { gate: "lint", refuses: "any", planted: { "model/extra.ts": "export type Thing = any;\n" }, says: /no-explicit-any/ },
  {
    gate: "lint",
    refuses: "a non-null assertion",
    planted: { "model/extra.ts": "export const first = (list: readonly number[]): number => list[0]!;\n" },
    says: /no-non-null-assertion/,
  },
  {
    gate: "lint",
    refuses: "a switch that forgets a case",
    planted: {
      "model/extra.ts":
        'type Kind = "a" | "b";\n\nexport function name(kind: Kind): string {\n  let name = "";\n  switch (kind) {\n    case "a":\n      name = "A";\n      break;\n  }\n  return name;\n}\n',
    },
    says: /switch-exhaustiveness-check/,
  },
  {
    gate: "lint",
    refuses: "a thrown value that is no error",
    planted: { "model/extra.ts": 'export function fail(): never {\n  throw "no";\n}\n' },
    says: /only-throw-error/,
  },
  {
    gate: "lint",
    refuses: "an empty catch",
    planted: { "model/extra.ts": "export function quiet(run: () => void): void {\n  try {\n    run();\n  } catch {}\n}\n" },
    says: /no-empty/,
  },
  { gate: "lint", refuses: "a default export", planted: { "model/extra.ts": "export default 1;\n" }, says: /no-default-export/ },
  { gate: "lint", refuses: "a barrel", planted: { "model/extra.ts": 'export * from "./length.ts";\n' }, says: /no-barrel-file/ },
  { gate: "lint", refuses: "the console outside the rim", planted: { "diff/extra.ts": "console.log(1);\n" }, says: /no-console/ },
  {
    gate: "lint",
    refuses: "the process outside the rim",
    planted: { "diff/extra.ts": "export const here: string = process.cwd();\n" },
    says: /no-restricted-globals.*\n?.*process/,
  },
  {
    gate: "lint",
    refuses: "a clock read outside the clock",
    planted: { "diff/extra.ts": "export const now: number = Date.now();\n" },
    says: /Date\.now.*/,
  },
  {
    gate: "lint",
    refuses: "a timer outside the clock",
    planted: { "diff/extra.ts": "setTimeout(() => undefined, 1);\n" },
    says: /setTimeout/,
  },
  {
    gate: "lint",
    refuses: "unseeded randomness",
    planted: { "diff/extra.ts": "export const dice: number = Math.random();\n" },
    says: /Math\.random/,
  },
  {
    gate: "imports",
    refuses: "a value imported against the direction",
    planted: { "model/extra.ts": 'import { longer } from "../diff/longer.ts";\n\nexport const compare: typeof longer = longer;\n' },
    says: /model\/extra\.ts:1 model may not import from diff/,
  },
  {
    gate: "imports",
    refuses: "a type imported against the direction",
    planted: {
      "report/line.ts": "export interface Line {\n  readonly text: string;\n}\n",
      "proxy/extra.ts": 'import type { Line } from "../report/line.ts";\n\nexport type Lines = readonly Line[];\n',
    },
    says: /proxy\/extra\.ts:1 proxy may not import from report/,
  },
  {
    gate: "imports",
    refuses: "a type named inline against the direction",
    planted: { "model/extra.ts": 'export type Compare = typeof import("../diff/longer.ts").longer;\n' },
    says: /model\/extra\.ts:1 model may not import from diff/,
  },
  {
    gate: "imports",
    refuses: "a re-export against the direction",
    planted: { "model/extra.ts": 'export { longer } from "../diff/longer.ts";\n' },
    says: /model\/extra\.ts:1 model may not import from diff/,
  },
  {
    gate: "imports",
    refuses: "a late import against the direction",
    planted: { "target/extra.ts": 'export const late: Promise<unknown> = import("../diff/longer.ts");\n' },
    says: /target\/extra\.ts:1 target may not import from diff/,
  },
  {
    gate: "imports",
    refuses: "proxy and replayer importing each other",
    planted: {
      "replayer/pace.ts": "export const pace: number = 1;\n",
      "proxy/extra.ts": 'import { pace } from "../replayer/pace.ts";\n\nexport const twice: number = pace * 2;\n',
    },
    says: /proxy\/extra\.ts:1 proxy may not import from replayer/,
  },
  {
    gate: "imports",
    refuses: "the product importing its tests",
    planted: {
      "test/helper.ts": "export const helper: number = 1;\n",
      "cli/extra.ts": 'import { helper } from "../test/helper.ts";\n\nexport const value: number = helper;\n',
    },
    says: /cli\/extra\.ts:1 cli may not import from test/,
  },
  {
    gate: "imports",
    refuses: "a cycle of values",
    planted: {
      "model/egg.ts": 'import { hen } from "./hen.ts";\n\nexport const egg = (): string => hen();\n',
      "model/hen.ts": 'import { egg } from "./egg.ts";\n\nexport const hen = (): string => egg();\n',
    },
    says: /model\/egg\.ts → model\/hen\.ts → model\/egg\.ts/,
  },
  {
    gate: "imports",
    refuses: "a cycle of types",
    planted: {
      "model/egg.ts": 'import type { Hen } from "./hen.ts";\n\nexport interface Egg {\n  readonly from: Hen;\n}\n',
      "model/hen.ts": 'import type { Egg } from "./egg.ts";\n\nexport interface Hen {\n  readonly laid: Egg;\n}\n',
    },
    says: /model\/egg\.ts → model\/hen\.ts → model\/egg\.ts/,
  },
  {
    gate: "imports",
    refuses: "SQLite outside the recording",
    planted: { "proxy/extra.ts": 'import Database from "better-sqlite3";\n\nexport const open: typeof Database = Database;\n' },
    says: /better-sqlite3 may only be imported in recording\//,
  },
  {
    gate: "imports",
    refuses: "undici outside the target, even for a type",
    planted: { "replayer/extra.ts": 'import type { Agent } from "undici";\n\nexport type Caller = Agent;\n' },
    says: /undici may only be imported in target\//,
  },
  {
    gate: "imports",
    refuses: "http-proxy outside its one file",
    planted: { "proxy/gateway/extra.ts": 'import type { Server } from "http-proxy";\n\nexport type Proxy = Server;\n' },
    says: /http-proxy may only be imported in proxy\/gateway\/http-proxy-requests\.ts/,
  },
  {
    gate: "imports",
    refuses: "the process imported by name",
    planted: { "proxy/extra.ts": 'import { env } from "node:process";\n\nexport const path: string | undefined = env["PATH"];\n' },
    says: /node:process may only be imported in cli\//,
  },
  {
    gate: "imports",
    refuses: "timers imported by name",
    planted: {
      "proxy/extra.ts": 'import { setTimeout } from "node:timers/promises";\n\nexport const wait: typeof setTimeout = setTimeout;\n',
    },
    says: /node:timers\/promises may only be imported in model\/clock\.ts/,
  },
  {
    gate: "imports",
    refuses: "files read where only decisions are made",
    planted: { "diff/extra.ts": 'import { readFileSync } from "node:fs";\n\nexport const read: typeof readFileSync = readFileSync;\n' },
    says: /diff is pure and may not import node:fs/,
  },
  {
    gate: "imports",
    refuses: "the date of today outside the clock",
    planted: { "diff/extra.ts": "export const today: Date = new Date();\n" },
    says: /diff\/extra\.ts:1 new Date\(\) reads a clock/,
  },
  {
    gate: "imports",
    refuses: "a file it cannot read",
    planted: { "model/extra.ts": "export const = 1;\n" },
    says: /model\/extra\.ts/,
  },
  { gate: "types", refuses: "a type error", planted: { "model/extra.ts": 'export const meters: number = "two";\n' }, says: /TS2322/ },
  {
    gate: "types",
    refuses: "syntax that cannot be erased",
    planted: { "model/extra.ts": "export enum Unit {\n  meter,\n}\n" },
    says: /TS1294/,
  },
  {
    gate: "page types",
    refuses: "a type error in what runs in browsers",
    planted: { "report/page/app/main.tsx": "export const meters: number = <p>two</p>;\n" },
    says: /report\/page\/app\/main\.tsx.*TS2322/,
  },
  {
    gate: "dead code",
    refuses: "an export that nobody uses",
    planted: {
      "diff/longer.ts":
        "export function longer(a: { readonly meters: number }, b: { readonly meters: number }): boolean {\n  return a.meters > b.meters;\n}\n\nexport function shorter(): void {}\n",
    },
    says: /shorter/,
  },
  {
    gate: "dead code",
    refuses: "a file that nobody uses",
    planted: { "diff/extra.ts": "export const extra: number = 1;\n" },
    says: /Unused files[^]*diff\/extra\.ts/,
  },
  {
    gate: "dead code",
    refuses: "a dependency that nobody uses",
    planted: { "package.json": '{\n  "name": "sample",\n  "type": "module",\n  "dependencies": { "yaml": "2.9.1" }\n}\n' },
    says: /Unused dependencies[^]*yaml/,
  },
  {
    gate: "wiring",
    refuses: "a file that only a test uses",
    planted: {
      "diff/extra.ts": "export const extra: number = 1;\n",
      "test/extra.test.ts": 'import { extra } from "../diff/extra.ts";\n\nconsole.log(extra);\n',
    },
    says: /Unused files[^]*diff\/extra\.ts/,
  },
  {
    gate: "text",
    refuses: "a path of one machine",
    planted: { "docs/extra.md": `Look into ${["", "work", "main"].join("/")} first.\n` },
    says: /docs\/extra\.md:1 names a folder of one machine/,
  },
  {
    gate: "text",
    refuses: "a lock file that names its registry",
    planted: { "package-lock.json": JSON.stringify({ resolved: "https://example.com/a.tgz" }, null, 2) },
    says: /package-lock\.json:2 says which registry/,
  },
];

describe("each gate", () => {
  it.each(GATES.map((gate) => gate.name))("%s passes where nothing is wrong", (name) => {
    const { passed, output } = runGateWith(name, {});
    expect(passed, output).toBe(true);
  });

  it("has a canary", () => {
    expect(new Set(CANARIES.map((canary) => canary.gate))).toEqual(new Set(GATES.map((gate) => gate.name)));
  });
});

describe("the gate", () => {
  it.each(CANARIES.map((canary) => [canary.gate, canary.refuses, canary] as const))("%s refuses %s", (_gate, _refuses, canary) => {
    const { passed, output } = runGateWith(canary.gate, canary.planted);
    expect(output).toMatch(canary.says);
    expect(passed).toBe(false);
  });

  it("wiring follows files that are started as processes", () => {
    const { passed, output } = runGateWith("wiring", {
      "proxy/worker.ts": "console.log(1);\n",
      "cli/start.ts": 'import { fork } from "node:child_process";\n\nfork(new URL("../proxy/worker.ts", import.meta.url));\n',
      "cli/main.ts": 'import "../diff/longer.ts";\nimport "./start.ts";\n',
    });
    expect(passed, output).toBe(true);
  });
});
