/** The file of accepted changes: sorted YAML, meant to be reviewed in a pull request. */

import { existsSync, readFileSync } from "node:fs";
import { parse as parseYaml, stringify } from "yaml";
import { z } from "zod";
import { PenumbraError } from "../model/errors.ts";
import { writeFileAtomically } from "../recording/atomic-file.ts";
import { isDay } from "./values.ts";

const date = z.string().refine(isDay, "a day that exists, such as 2027-01-31");
const share = z.number().min(0).max(1).nullable().default(null);
const acceptedPlace = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{12}$/, "12 hex digits"),
  /** For the reader of the file. */
  at: z.string().default(""),
  transition: z.string().default(""),
  maxRate: share,
});
const acceptedChange = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{12}$/, "12 hex digits"),
  /** The places that show the change itself; only the fingerprint when it is left out. */
  covers: z.array(z.string()).default([]),
  /** All that was reviewed with it, what follows from the change included; files of earlier versions lack it. */
  places: z.array(acceptedPlace).default([]),
  /** For the reader of the file. */
  title: z.string().default(""),
  transition: z.string(),
  reason: z.string().min(1),
  owner: z.string().default(""),
  expires: date.nullable().default(null),
  maxRate: share,
});
const acceptedFile = z.strictObject({ accepted: z.array(acceptedChange) });

export type AcceptedEntry = z.infer<typeof acceptedChange>;

/** @throws PenumbraError naming the file and the first thing that is wrong in it */
export function readAcceptedFile(path: string, options: { readonly mustExist: boolean }): readonly AcceptedEntry[] {
  if (!existsSync(path)) {
    if (!options.mustExist) return [];
    const hint = "penumbra accept writes it; an empty one is the line `accepted: []`";
    throw new PenumbraError("ACCEPTED_UNREADABLE", `the file of accepted changes ${path} does not exist`, hint);
  }
  let document: unknown;
  try {
    document = parseYaml(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new PenumbraError(
      "ACCEPTED_UNREADABLE",
      `the file of accepted changes ${path} cannot be read`,
      "mend its YAML, or name another file",
      cause,
    );
  }
  const checked = acceptedFile.safeParse(document);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const where = issue === undefined ? "" : ` at ${issue.path.join(".")}: ${issue.message}`;
    throw new PenumbraError("ACCEPTED_INVALID", `the file of accepted changes ${path} is wrong${where}`, "see `penumbra accept --help`");
  }
  return checked.data.accepted;
}

/** Writes the entries sorted by fingerprint; one of the same fingerprint is replaced. */
export function writeAcceptedFile(path: string, entries: readonly AcceptedEntry[]): void {
  const byFingerprint = new Map(entries.map((entry) => [entry.fingerprint, entry]));
  const sorted = [...byFingerprint.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  const header = "# Changes that were reviewed and accepted. Written by `penumbra accept`; review it like code.\n";
  writeFileAtomically(path, header + stringify({ accepted: sorted }));
}
