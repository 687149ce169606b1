/** `npm run check`: runs the gates one after the other, shows what each failing one found, and sums up.
 *
 *    npm run check                      all gates
 *    npm run check -- lint types        the ones that are named
 *    npm run check -- --report FILE     also writes the counts as JSON */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { GATES, type Gate } from "./gates.ts";

const { values, positionals } = parseArgs({ options: { report: { type: "string" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !GATES.some((gate) => gate.name === name));
if (unknown.length > 0) {
  console.error(`no gate is named ${unknown.join(", ")}; there are: ${GATES.map((gate) => gate.name).join(", ")}`);
  process.exit(2);
}

const chosen = positionals.length === 0 ? GATES : GATES.filter((gate) => positionals.includes(gate.name));
const failed = chosen.filter((gate) => !passes(gate));
if (values.report !== undefined) {
  writeFileSync(values.report, JSON.stringify({ passed: chosen.length - failed.length, failed: failed.length }));
}
if (failed.length === 0) console.log(`check: ${chosen.length} gates passed`);
else console.log(`check: ${failed.length} of ${chosen.length} gates failed: ${failed.map((gate) => gate.name).join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(gate: Gate): boolean {
  const start = performance.now();
  const result = spawnSync(process.execPath, gate.command, { encoding: "utf8", maxBuffer: Number.POSITIVE_INFINITY });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const passed = result.status === 0;
  console.log(`${passed ? "✓" : "✗"} ${gate.name.padEnd(9)} ${seconds.padStart(5)} s   ${gate.holds}`);
  if (!passed) console.log(`${(result.stdout + result.stderr).trimEnd()}\n`);
  return passed;
}
