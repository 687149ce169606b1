/** Options of a replay that say nothing beside certain others. Taken without a word they would seem to be obeyed. */

import { PenumbraError } from "../model/errors.ts";
import { isGiven } from "./given-option.ts";
import type { OptionName, OptionValues } from "./options.ts";

const looked = [
  ...(["pace", "speed", "max-gap", "arrivals", "concurrency", "order", "write-scope", "control", "reset", "experiments"] as const),
  ...(["resume", "out", "force", "dry-run"] as const),
] as const satisfies readonly OptionName[];
type Given = OptionValues<(typeof looked)[number]>;

interface Idle {
  readonly options: readonly (keyof Given)[];
  /** What makes them idle, as it is written; null = nothing does. */
  readonly beside: (given: Given) => string | null;
  readonly hint: string;
}

const idle: readonly Idle[] = [
  {
    options: ["speed", "max-gap"],
    beside: (given) => (given.pace === "recorded" ? besideSerial(given) : `--pace ${given.pace}`),
    hint: "it changes recorded times: leave it out, or take them (--pace recorded, and an --order other than serial)",
  },
  {
    options: ["arrivals"],
    beside: ({ pace }) => (isRate(pace) ? null : `--pace ${pace}`),
    hint: "it is for a rate: give --pace N/s, or leave it out",
  },
  {
    options: ["concurrency"],
    beside: (given) => (given.pace === "max" ? besideSerial(given) : `--pace ${given.pace}`),
    hint: "it is for as many at once as there is room for: give --pace max and an --order other than serial, or leave it out",
  },
  {
    options: ["write-scope"],
    beside: ({ order }) => (order === "causal" ? null : `--order ${order}`),
    hint: "it is for --order causal: leave one of them out",
  },
  {
    options: ["out", "force"],
    beside: ({ resume }) => (resume === null ? null : "--resume"),
    hint: "it goes on in the directory of its run: leave out --out and --force",
  },
  {
    options: ["resume"],
    beside: (given) => (given["dry-run"] ? "--dry-run" : null),
    hint: "a dry run shows the recording from its beginning: leave one of them out",
  },
];

/** @throws PenumbraError `BAD_OPTION` */
export function checkCombinations(given: Given): void {
  for (const { options, beside, hint } of idle) {
    const other = beside(given);
    const without = other === null ? undefined : options.find((name) => isGiven(name, given[name]));
    if (without !== undefined) throw new PenumbraError("BAD_OPTION", `--${without} says nothing beside ${other}`, hint);
  }
  // None at all may be asked for wherever there would be none.
  if (given.experiments === 0 || !isGiven("experiments", given.experiments)) return;
  const missing = given.reset === null ? "--reset CMD" : given.control.length === 0 ? "--control URL" : null;
  if (missing === null) return;
  throw new PenumbraError("BAD_OPTION", `--experiments says nothing without ${missing}`, "add it, or leave out --experiments");
}

function besideSerial({ order }: Given): string | null {
  return order === "serial" ? "--order serial" : null;
}

function isRate(pace: string): boolean {
  return pace.endsWith("/s");
}
