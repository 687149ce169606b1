/** penumbra accept: writes findings of a run into the reviewed file of accepted changes. */

import { greatestRate } from "../../diff/accepted.ts";
import type { FindingSignature } from "../../model/report.ts";
import { type AcceptedEntry, readAcceptedFile, writeAcceptedFile } from "../accepted-file.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { readStoredReport } from "../judging.ts";
import { findingById, reasonGiven, refuseInCi } from "../reviewing.ts";
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
    refuseInCi("accepting");
    const reason = reasonGiven(values.reason, "accepting");
    const { expires } = values;
    const owner = values.owner ?? "";
    const report = readStoredReport(directory);
    const file = values.file ?? defaultFile;
    const added = ids.map((id) => {
      const finding = findingById(report.findings, id, directory);
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
