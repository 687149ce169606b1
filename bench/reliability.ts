/** Makes every fault of docs/reliability.md, one after the other, and writes that table.
 *
 *    load, primary (this process) ──► penumbra proxy (two processes) ──► candidate, control (one process)
 *
 * Needs Linux and the right to mount a tmpfs, or some faults cannot be made and nothing is written. The last line is one JSON object. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reliabilityDocument } from "../test/e2e/reliability/document.ts";
import { faultNames, possibleFaults } from "../test/e2e/reliability/faults.ts";
import { startPrimary } from "../test/e2e/reliability/primary.ts";
import { type Fault, runTrial, type Trial } from "../test/e2e/reliability/trial.ts";
import { complaints } from "../test/e2e/reliability/verdict.ts";

/** Some 300 and 600 answers: enough for a 99th percentile. */
const lengths = { calmMs: 4000, faultMs: 8000 };
const file = fileURLToPath(new URL("../docs/reliability.md", import.meta.url));
const machine = { node: process.versions.node, cores: cpus().length };

const scratch = mkdtempSync(join(tmpdir(), "penumbra-reliability-"));
try {
  process.exitCode = await measure();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(): Promise<number> {
  const faults = possibleFaults(scratch);
  const missing = faultNames().filter((name) => !faults.some((fault) => fault.name === name));
  if (missing.length > 0) {
    console.error(`this machine cannot make: ${missing.join(", ")}`);
    return 2;
  }
  const trials: Trial[] = [];
  let isClean = true;
  const primary = await startPrimary();
  for (const fault of faults) {
    const trial = await tried(fault, primary.url);
    const found = [...complaints(trial), ...(fault.showed(trial) ? [] : ["the fault was not seen to have happened"])];
    console.log(`${fault.name}: ${found.length === 0 ? "nothing was noticed" : found.join("; ")}`);
    if (found.length > 0) isClean = false;
    trials.push(trial);
  }
  primary.close();
  if (isClean) writeFileSync(file, reliabilityDocument(trials, machine));
  console.log(JSON.stringify({ bench: "reliability", ...machine, faults: trials.length, isClean }));
  return isClean ? 0 : 1;
}

function tried(fault: Fault, primaryUrl: string): Promise<Trial> {
  const own = join(scratch, fault.name.replaceAll(/[^a-z0-9]+/gi, "-"));
  mkdirSync(own);
  return runTrial(fault, { primaryUrl, scratch: own, ...lengths });
}
