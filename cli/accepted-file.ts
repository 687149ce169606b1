/** The file of accepted changes: YAML, meant to be reviewed in a pull request, and to be annotated by
 * whoever reviews it. */

import { existsSync, readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { PenumbraError } from "../model/errors.ts";
import { reasonOf, writeFileAtomically } from "../recording/atomic-file.ts";
import { whileLocked } from "./file-lock.ts";
import { isDay } from "./values.ts";
import { editList, type ListEdit } from "./yaml-list.ts";

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
const acceptedFile = z.strictObject({ accepted: z.array(acceptedChange).nullable() });

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
      `the file of accepted changes ${path} cannot be read: ${reasonOf(cause)}`,
      "mend its YAML, or name another file",
      cause,
    );
  }
  // Nothing but comments, or a list that has no entries left.
  const checked = acceptedFile.safeParse(document ?? { accepted: [] });
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const where = issue === undefined ? "" : ` at ${issue.path.join(".")}: ${issue.message}`;
    throw new PenumbraError("ACCEPTED_INVALID", `the file of accepted changes ${path} is wrong${where}`, "see `penumbra accept --help`");
  }
  return checked.data.accepted ?? [];
}

/** Adds entries; one of the same fingerprint is replaced. All else that stands in the file stays as it is, byte for byte, and where
 * that is sorted by fingerprint it stays so.
 * @throws PenumbraError for a file that cannot be read or written, or has a form in which nothing can be added: it stays as it was */
export function addToAcceptedFile(path: string, added: readonly AcceptedEntry[]): void {
  whileLocked(path, () => addEntries(path, added));
}

function addEntries(path: string, added: readonly AcceptedEntry[]): void {
  const fingerprints = readAcceptedFile(path, { mustExist: false }).map(({ fingerprint }) => fingerprint);
  const before = existsSync(path) ? readFileSync(path, "utf8") : newFile;
  const entries = [...new Map(added.map((entry) => [entry.fingerprint, entry])).values()].toSorted(byFingerprint);
  const isSorted = fingerprints.every((each, index) => index === 0 || (fingerprints[index - 1] ?? "") <= each);
  const edits = entries.map((entry): ListEdit => {
    const index = fingerprints.lastIndexOf(entry.fingerprint);
    if (index >= 0) return { kind: "replace", index, entry };
    const behind = isSorted ? fingerprints.findLastIndex((each) => each < entry.fingerprint) : fingerprints.length - 1;
    return { kind: "insert", behind, entry };
  });
  const text = editList(before, "accepted", edits);
  if (text === null) {
    const problem = `nothing can be added to ${path} in the form that it has`;
    throw new PenumbraError("ACCEPTED_UNREADABLE", problem, "write its entries as a plain YAML list, each as `- fingerprint: …`");
  }
  writeFileAtomically(path, text);
}

const newFile = "# Changes that were reviewed and accepted. Written by `penumbra accept`; review it like code.\naccepted: []\n";

function byFingerprint(a: AcceptedEntry, b: AcceptedEntry): number {
  return a.fingerprint < b.fingerprint ? -1 : 1;
}
