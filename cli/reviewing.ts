/** What accepting and ignoring have in common: findings of a stored run, a reason, and a file that people review, which is
 * written on a desk and never where nobody looks. */

import { PenumbraError } from "../model/errors.ts";
import type { Finding } from "../model/report.ts";

/** What CI systems set. */
export const ciVariables: readonly string[] = [
  "CI",
  "GITHUB_ACTIONS",
  "GITLAB_CI",
  "TF_BUILD",
  "JENKINS_URL",
  "TEAMCITY_VERSION",
  "BUILDKITE",
];
/** What somebody sets to say that this is no CI. */
const noCi: ReadonlySet<string> = new Set(["", "0", "false"]);

/** @param doing as a word: accepting
 * @throws PenumbraError `REVIEW_IN_CI` */
export function refuseInCi(doing: string): void {
  const name = ciVariables.find((each) => !noCi.has((process.env[each] ?? "").toLowerCase()));
  if (name === undefined) return;
  throw new PenumbraError(
    "REVIEW_IN_CI",
    `${doing} is refused in CI (${name}=${process.env[name] ?? ""})`,
    "do it on your desk and commit the file, so that it is reviewed",
  );
}

/** @throws PenumbraError `NO_REASON` */
export function reasonGiven(reason: string | null, doing: string): string {
  if (reason === null || reason.trim() === "")
    throw new PenumbraError("NO_REASON", `${doing} needs a reason`, "add --reason 'why it is wanted'");
  return reason;
}

/** @throws PenumbraError `NO_SUCH_FINDING` */
export function findingById(findings: readonly Finding[], id: string, directory: string): Finding {
  const found = findings.find((finding) => finding.id === id);
  if (found === undefined) {
    throw new PenumbraError("NO_SUCH_FINDING", `${directory} has no finding ${id}`, "the ids stand at each finding in `penumbra report`");
  }
  return found;
}
