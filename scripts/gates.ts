/** The gates that `npm run check` runs. Each one is a command that fails on a violation in the current folder;
 * test/gates/gates.test.ts plants a violation of every rule named here and sees its gate fail. */

import { join } from "node:path";

export interface Gate {
  readonly name: string;
  /** What a failure means, in one line. */
  readonly holds: string;
  /** Arguments for Node. */
  readonly command: readonly string[];
}

const ROOT: string = join(import.meta.dirname, "..");
const installed = (...parts: readonly string[]): string => join(ROOT, "node_modules", ...parts);
const script = (name: string): string => join(import.meta.dirname, name);

export const GATES: readonly Gate[] = [
  {
    name: "format",
    holds: "every file has the one format, imports sorted (npm run format writes it)",
    command: [installed("@biomejs", "biome", "bin", "biome"), "check", "--colors=off", "--max-diagnostics=100"],
  },
  {
    name: "lint",
    holds: "no floating promise, no any, no forgotten case, nothing that reaches for the machine outside the rim",
    command: [installed("oxlint", "bin", "oxlint"), "--type-aware"],
  },
  {
    name: "imports",
    holds: "imports go in one direction, without cycles, and each package has one importer (scripts/import-rules.ts)",
    command: [script("check-imports.ts")],
  },
  {
    name: "types",
    holds: "the types agree",
    command: [installed("typescript", "bin", "tsc"), "--noEmit", "--pretty", "false", "--project", "."],
  },
  {
    name: "page types",
    holds: "the types of what runs in browsers agree (report/page/app)",
    command: [installed("typescript", "bin", "tsc"), "--noEmit", "--pretty", "false", "--project", "report/page/app"],
  },
  {
    name: "dead code",
    holds: "no file, export or dependency that nobody uses",
    command: [installed("knip", "bin", "knip.js"), "--no-progress", "--no-config-hints"],
  },
  {
    name: "wiring",
    holds: "no file of the product that only tests reach: what is half-built is not there yet",
    command: [installed("knip", "bin", "knip.js"), "--no-progress", "--no-config-hints", "--production", "--include", "files"],
  },
  {
    name: "text",
    holds: "no file names a place that only one machine has",
    command: [script("check-text.ts")],
  },
];
