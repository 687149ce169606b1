/** penumbra accept: writes findings of a run into the reviewed file of accepted changes. */

import { greatestRate } from "../../diff/accepted.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Finding, FindingSignature } from "../../model/report.ts";
import { type AcceptedEntry, readAcceptedFile, writeAcceptedFile } from "../accepted-file.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { readStoredReport } from "../judging.ts";
import { print } from "../terminal.ts";

const defaultFile = "penumbra.accepted.yaml";

export const acceptCommand = command({
  name: "accept",
  about: "Accept findings of a run: they no longer fail the gate while they stay as they are.",
  positional: [
    { form: "<run>", about: "a run directory" },
    { form: "<findings...>", about: "ids of findings, as the report shows them" },
  ],
  options: ["reason", "owner", "expires", "file", "json"],
  example: "penumbra accept penumbra-runs/2026-11-22T10-15-00.123Z 3fa9c1d27b04 --reason 'ids are strings since v1' --expires 2027-01-31",
  async run(values, [directory = "", ...ids]) {
    if (process.env["CI"] === "true") {
      throw new PenumbraError(
        "ACCEPT_IN_CI",
        "accepting is refused in CI",
        "accept on your desk and commit the file, so that it is reviewed",
      );
    }
    if (values.reason === null) throw new PenumbraError("NO_REASON", "accepting needs a reason", "add --reason 'why the change is wanted'");
    const { reason, expires } = values;
    const owner = values.owner ?? "";
    const report = readStoredReport(directory);
    const file = values.file ?? defaultFile;
    const added = ids.map((id) => {
      const finding = findById(report.findings, id, directory);
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
    });
    writeAcceptedFile(file, [...readAcceptedFile(file, { mustExist: false }), ...added]);
    print(values.json ? JSON.stringify({ file, accepted: added }) : `accepted ${added.length} in ${file}; commit it with your change`);
    return exitCode.pass;
  },
});

/** What was seen at one signature, in words for whoever reviews the file. */
function placesOf({ endpoint, location, path, kind, transitions = [] }: FindingSignature): AcceptedEntry["places"] {
  const at = [endpoint, location, path, kind].filter((part) => part !== "").join(" ");
  return transitions.map(({ transition, fingerprint, rate }) => ({ fingerprint, at, transition, maxRate: greatestRate(rate) }));
}

function findById(findings: readonly Finding[], id: string, directory: string): Finding {
  const found = findings.find((finding) => finding.id === id);
  if (found === undefined) {
    throw new PenumbraError("NO_SUCH_FINDING", `${directory} has no finding ${id}`, "the ids stand at each finding in `penumbra report`");
  }
  return found;
}
