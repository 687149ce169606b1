/** Beliefs of test or staging traffic, one a line, as text. */

import type { Assumptions, Belief } from "../model/belief.ts";
import { count, counted, percent } from "./figures.ts";
import { visible } from "./visible.ts";

export function assumptionsText(stagingPath: string, productionPath: string, found: Assumptions): string {
  const { staging, production, beliefs, explainedByChance } = found;
  const size = ({ exchanges, sessions }: Assumptions["staging"]): string =>
    `${counted(exchanges, "exchange")} of about ${counted(sessions, "session")}`;
  return [
    visible(`staging:    ${stagingPath}, ${size(staging)}`),
    visible(`production: ${productionPath}, ${size(production)}`),
    beliefs.length === 0
      ? "staging takes nothing for granted that production violates, as far as these recordings can tell"
      : `what staging takes for granted and production violates (${beliefs.length}):`,
    ...beliefs.map((belief) => visible(`  ${line(belief)}`)),
    ...(explainedByChance === 0
      ? []
      : [`${counted(explainedByChance, "further thing")} that only production did may be chance: too rare, or staging too small`]),
  ].join("\n");
}

function line({ endpoint, endpoints, place, says, violations, of, staging }: Belief): string {
  const where = endpoint === null ? "" : `${endpoint}${endpoints === 0 ? "" : ` and ${counted(endpoints, "other endpoint")}`}: `;
  const what = place === "" ? says : `${place} ${says}`;
  return `${where}${what} (production: ${percent(violations / of)}, ${count(violations)} of ${count(of)}; staging: 0 of ${count(staging)})`;
}
