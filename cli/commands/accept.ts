/** penumbra accept: writes findings of a run into the reviewed file of accepted changes. */

import { acceptFindings } from "../accepting.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { readStoredReport } from "../judging.ts";
import { reasonGiven, refuseInCi } from "../reviewing.ts";
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
    const file = values.file ?? defaultFile;
    const given = { ids, reason, owner: values.owner ?? "", expires: values.expires };
    const added = acceptFindings(readStoredReport(directory), directory, given, file);
    print(values.json ? JSON.stringify({ file, accepted: added }) : `accepted ${added.length} in ${file}; commit it with your change`);
    return exitCode.pass;
  },
});
