/** Prints what was measured, and what was aimed at. */

import { type ArmName, armNames, type ByArm, byArm, faultRates, type MeasuredCell, noiseLevels } from "./cells.ts";
import type { EqualBuilds } from "./equal-builds.ts";
import { add, emptyScore, precision, recall, type Score } from "./scoring.ts";

const armWidth = 26;
const cellWidth = 22;

/** Recall and precision by rate and noise, then the cells where another arm does better. */
export function printCells(cells: readonly MeasuredCell[]): void {
  console.log(`${cells.length} cells: kinds × rate × noise. Recall / precision`);
  console.log(
    `${"fault rate, noise".padEnd(cellWidth)}${armNames.map((name) => name.padStart(armWidth)).join("")}${"Penumbra is sure".padStart(armWidth)}`,
  );
  for (const rate of faultRates) {
    for (const noise of noiseLevels) {
      const total = totalOf(cells.filter((cell) => cell.rate === rate && cell.noise === noise));
      const row = armNames.map((arm) => `${share(recall(total[arm]))} / ${share(precision(total[arm]))}`.padStart(armWidth));
      const { confirmed, runs } = total.Penumbra;
      console.log(
        `${`${rateName(rate)}, ${percent(noise)}`.padEnd(cellWidth)}${row.join("")}${share(confirmed / runs).padStart(armWidth)}`,
      );
    }
  }
  printMisses(cells);
}

/** The cells that fall short, by name. */
function printMisses(cells: readonly MeasuredCell[]): void {
  for (const cell of cells) {
    if (rivalsAhead(cell).length === 0) continue;
    const figures = armNames.map((arm) => `${arm} ${share(recall(cell.scores[arm]))}/${share(precision(cell.scores[arm]))}`).join(", ");
    console.log(`behind    ${cellName(cell)}: ${figures}`);
  }
  const missed = cells.filter(({ scores }) => recall(scores.Penumbra) < 1);
  for (const [kind, of] of Map.groupBy(missed, ({ fault }) => fault.kind)) {
    console.log(`not found ${kind}: ${of.map(({ rate, noise }) => `${rateName(rate)} in ${percent(noise)}`).join(", ")}`);
  }
  for (const cell of cells) {
    const { found, pure, conditions, conditionsNamed } = cell.scores.Penumbra;
    if (pure < found) console.log(`impure    ${cellName(cell)}: ${pure} of ${found}`);
    if (conditionsNamed < conditions) console.log(`unsaid    ${cellName(cell)}: ${conditionsNamed} of ${conditions}`);
  }
}

export function printEqualBuilds(equal: EqualBuilds): void {
  const { runs } = equal;
  console.log(`equal builds, ${runs} runs: ${equal.failed} failed, ${equal.inconclusive} inconclusive`);
  console.log(`runs in which something was shown: Diffy's rule ${equal.diffyShown}, ignore list ${equal.plainShown}`);
  for (const title of equal.falseFindings) console.log(`false     ${title}`);
}

export interface Target {
  readonly claim: string;
  readonly value: number;
  readonly aim: string;
  readonly reached: boolean;
}

const mostFalseFails = 0.01;
const leastPurity = 0.95;
const leastConditions = 0.9;

export function printTargets(cells: readonly MeasuredCell[], equal: EqualBuilds): Target[] {
  const { Penumbra: total } = totalOf(cells);
  const behind = cells.filter((cell) => rivalsAhead(cell).length > 0).length;
  const purity = total.pure / total.found;
  const named = total.conditionsNamed / total.conditions;
  const all: Target[] = [
    { claim: "equal builds that fail", value: equal.failed, aim: "at most 1 %", reached: equal.failed <= mostFalseFails * equal.runs },
    { claim: `cells of ${cells.length} behind another arm in recall or precision`, value: behind, aim: "0", reached: behind === 0 },
    {
      claim: "found faults shown as one finding with nothing else in it",
      value: rounded(purity),
      aim: ".95",
      reached: purity >= leastPurity,
    },
    { claim: "planted conditions named", value: rounded(named), aim: ".9", reached: named >= leastConditions },
    { claim: "found faults called by their kind", value: rounded(total.named / total.found), aim: "none set", reached: true },
  ];
  // Where nothing was planted, there is nothing to tell.
  const targets = all.filter(({ value }) => !Number.isNaN(value));
  for (const { claim, value, aim, reached } of targets)
    console.log(`${reached ? "reached  " : "MISSED   "} ${claim}: ${value} (aim: ${aim})`);
  return targets;
}

/** Arms that find more than Penumbra does, or show less that is not due. */
function rivalsAhead({ scores }: MeasuredCell): ArmName[] {
  const own = scores.Penumbra;
  return armNames.filter((arm) => {
    const other = scores[arm];
    return other.found > 0 && (other.found > own.found || precision(other) > precision(own));
  });
}

function totalOf(cells: readonly MeasuredCell[]): ByArm<Score> {
  const total = byArm(emptyScore);
  for (const { scores } of cells) for (const arm of armNames) add(total[arm], scores[arm]);
  return total;
}

function cellName({ fault, rate, noise, triggers }: MeasuredCell): string {
  return `${fault.kind}, ${rateName(rate)} (${[...new Set(triggers)].join(", ")}), noise ${percent(noise)}`;
}

function rateName(rate: MeasuredCell["rate"]): string {
  return rate === "once" ? "once" : percent(rate);
}

function percent(value: number): string {
  return `${Number((value * 100).toFixed(1))} %`;
}

function share(value: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(2);
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
