/** Accepting findings: what the command and the dashboard do alike.
 *    report, ids, reason ──► entries ──► the reviewed YAML file */

import { greatestRate } from "../diff/accepted.ts";
import { systemClock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import type { Finding, FindingSignature, Report } from "../model/report.ts";
import { type AcceptedEntry, addToAcceptedFile } from "./accepted-file.ts";
import { findingById } from "./reviewing.ts";

export interface Acceptance {
  /** Ids of findings, as the report shows them. */
  readonly ids: readonly string[];
  readonly reason: string;
  readonly owner: string;
  /** A day such as 2027-01-31; null = for ever. */
  readonly expires: string | null;
}

/** Adds findings of a report to the file.
 * @param where the report is of, for the complaint
 * @returns what was added
 * @throws PenumbraError `NO_SUCH_FINDING`, and for a file that cannot be read or written: it stays as it was */
export function acceptFindings({ findings }: Report, where: string, { ids, ...given }: Acceptance, file: string): readonly AcceptedEntry[] {
  if (given.expires !== null && given.expires <= today()) {
    throw new PenumbraError("BAD_OPTION", `--expires ${given.expires} has passed: it would be accepted no longer`, "give a day to come");
  }
  const added = ids.map((id) => entryOf(findingById(findings, id, where), given));
  addToAcceptedFile(file, added);
  return added;
}

function today(): string {
  return new Date(systemClock.now()).toISOString().slice(0, "2027-01-31".length);
}

function entryOf(finding: Finding, { reason, owner, expires }: Omit<Acceptance, "ids">): AcceptedEntry {
  return {
    fingerprint: finding.id,
    covers: [...finding.fingerprints],
    places: finding.signatures.flatMap(placesOf),
    title: finding.title,
    transition: finding.transition,
    reason,
    owner,
    expires,
    maxRate: greatestRate(finding.rate),
  };
}

/** What was seen at one signature, in words for whoever reviews the file. */
function placesOf({ endpoint, location, path, kind, transitions = [] }: FindingSignature): AcceptedEntry["places"] {
  const at = [endpoint, location, path, kind].filter((part) => part !== "").join(" ");
  return transitions.map(({ transition, fingerprint, rate }) => ({ fingerprint, at, transition, maxRate: greatestRate(rate) }));
}
