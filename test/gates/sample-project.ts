/** A tiny project with the folders, settings and installed tools of this one, in which every gate passes: canaries
 * plant one violation into a copy of it. */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GATES } from "../../scripts/gates.ts";

const ROOT: string = join(import.meta.dirname, "..", "..");

/** The settings that the gates read. */
const SETTINGS: readonly string[] = [
  ".gitignore",
  ".oxlintrc.jsonc",
  "biome.json",
  "knip.json",
  "tsconfig.json",
  "report/page/app/tsconfig.json",
];

/** One file per folder, each used by the next: clean in the eyes of every gate. */
const CLEAN: Readonly<Record<string, string>> = {
  "package.json": '{\n  "name": "sample",\n  "type": "module"\n}\n',
  "model/length.ts": "export interface Length {\n  readonly meters: number;\n}\n",
  "diff/longer.ts":
    'import type { Length } from "../model/length.ts";\n\nexport function longer(a: Length, b: Length): boolean {\n  return a.meters > b.meters;\n}\n',
  "report/page/app/main.tsx": "const hello = <p>Hello</p>;\n\ndocument.title = String(hello.type);\n",
  "cli/main.ts": 'import { longer } from "../diff/longer.ts";\n\nconsole.log(longer({ meters: 2 }, { meters: 1 }));\n',
};

export interface GateResult {
  readonly passed: boolean;
  readonly output: string;
}

/** Runs the gate called `gateName` in the sample project after `planted` was written into it (path → content). */
export function runGateWith(gateName: string, planted: Readonly<Record<string, string>>): GateResult {
  const gate = GATES.find((each) => each.name === gateName);
  if (gate === undefined) throw new Error(`no gate is named ${gateName}`);
  const folder = mkdtempSync(join(tmpdir(), "penumbra-gate-"));
  try {
    layOut(folder, { ...CLEAN, ...planted });
    const result = spawnSync(process.execPath, gate.command, { cwd: folder, encoding: "utf8" });
    return { passed: result.status === 0, output: result.stdout + result.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function layOut(folder: string, files: Readonly<Record<string, string>>): void {
  for (const name of SETTINGS) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
}
