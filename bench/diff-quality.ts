/** How well differences that matter are told from noise: planted faults of every kind, against Diffy's rule and a plain comparison.
 *
 *    faults × rate × noise ──► simulated run and its twin without a fault ──► three arms ──► recall, precision, purity, condition
 *    equal builds, noise of .1 to 50 % ───────────────────────────────────────────────────► false alarms
 *
 * Options: --seed N (1), --seeds N a cell (1), --equal N runs of equal builds (200), --kinds A,B, --quick (a quarter of the cells, 40 runs of
 * equal builds). The same options print the same figures. The last line is one JSON object. */

import { parseArgs } from "node:util";
import { measureCells } from "./diff-quality/cells.ts";
import { measureEqualBuilds } from "./diff-quality/equal-builds.ts";
import { faults } from "./diff-quality/faults.ts";
import { printCells, printEqualBuilds, printTargets } from "./diff-quality/tables.ts";

const { values: given } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    equal: { type: "string", default: "200" },
    kinds: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
  },
});
const size = { lanes: 48, requestsPerLane: 25 };
const quickShare = 4;
const seed = Number(given.seed);
const wanted = given.kinds === "" ? faults : faults.filter(({ kind }) => given.kinds.split(",").includes(kind));
const chosen = given.quick ? wanted.filter((_, index) => index % quickShare === seed % quickShare) : wanted;
const equalRuns = given.quick ? Math.min(40, Number(given.equal)) : Number(given.equal);

const cells = measureCells({ faults: chosen, seed, seeds: Number(given.seeds), size });
printCells(cells);
const equal = measureEqualBuilds({ runs: equalRuns, seed, size });
printEqualBuilds(equal);
const targets = printTargets(cells, equal);
console.log(JSON.stringify({ bench: "diff-quality", node: process.version, seed, seeds: Number(given.seeds), ...size, equal, targets }));
