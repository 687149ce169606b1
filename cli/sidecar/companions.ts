/** Options that say something only together with another one. Alone they would be taken without a word and do nothing. */

import { PenumbraError } from "../../model/errors.ts";
import { isGiven } from "../given-option.ts";
import type { OptionName, OptionValues } from "../options.ts";

const forCandidate = [
  ...(["control", "run", "mirror-writes", "mirror-deny", "mirror-timeout", "mirror-answer-cap", "mirror-credentials"] as const),
  ...(["header", "mirror-in-flight", "ui"] as const),
] as const satisfies readonly OptionName[];
const forAdmin = ["admin-token"] as const satisfies readonly OptionName[];
const forDashboard = ["ui-host"] as const satisfies readonly OptionName[];

type CompanionValues = OptionValues<
  "candidate" | "admin" | (typeof forCandidate)[number] | (typeof forAdmin)[number] | (typeof forDashboard)[number]
>;

/** @throws PenumbraError `NO_CANDIDATE`, `NO_ADMIN`, `NO_DASHBOARD` */
export function checkCompanions(given: CompanionValues): void {
  const alone = (names: readonly (keyof CompanionValues)[]): string | undefined => names.find((name) => isGiven(name, given[name]));
  const mirrored = given.candidate === null ? alone(forCandidate) : undefined;
  if (mirrored !== undefined)
    throw new PenumbraError("NO_CANDIDATE", `--${mirrored} needs a candidate, to which copies go`, "add --candidate URL, or leave it out");
  const guarded = given.admin === null ? alone(forAdmin) : undefined;
  if (guarded !== undefined)
    throw new PenumbraError("NO_ADMIN", `--${guarded} needs an admin interface`, "add --admin HOST:PORT, or leave it out");
  const shown = given.ui === null ? alone(forDashboard) : undefined;
  if (shown !== undefined)
    throw new PenumbraError("NO_DASHBOARD", `--${shown} needs a dashboard, which it names`, "add --ui PORT, or leave it out");
}
