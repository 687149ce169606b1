/** penumbra ignore: writes rules into the configuration file that hide the places of findings, for good. */

import { PenumbraError } from "../../model/errors.ts";
import type { Finding, FindingSignature } from "../../model/report.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { addIgnoreRules, type IgnoreRule } from "../ignore-rules.ts";
import { readStoredReport } from "../judging.ts";
import { findingById, reasonGiven, refuseInCi } from "../reviewing.ts";
import { print } from "../terminal.ts";

const defaultFile = "penumbra.config.yaml";

export const ignoreCommand = command({
  name: "ignore",
  about: "Ignore the places of findings from now on, whatever differs there: writes rules into the configuration file.",
  positional: [
    { form: "<run>", about: "a run directory" },
    { form: "<findings...>", about: "ids of findings, as the report shows them" },
  ],
  options: ["reason", "file", "json"],
  example: "penumbra ignore penumbra-runs/2026-11-22T10-15-00.123Z 3fa9c1d27b04 --reason 'debug output, not for users'",
  async run(values, [directory = "", ...ids]) {
    refuseInCi("ignoring");
    const reason = reasonGiven(values.reason, "ignoring");
    const { findings } = readStoredReport(directory);
    const file = values.file ?? defaultFile;
    const wanted = ids.flatMap((id) => rulesFor(findingById(findings, id, directory), reason));
    const added = addIgnoreRules(file, wanted);
    print(values.json ? JSON.stringify({ file, rules: added }) : sentence(added, file));
    return exitCode.pass;
  },
});

function sentence(added: readonly IgnoreRule[], file: string): string {
  if (added.length === 0) return `${file} ignores all of it already`;
  const rules = added.map(({ endpoint, at }) => `  ${endpoint}  ${at}`);
  return [`${added.length} ${added.length === 1 ? "rule" : "rules"} added to ${file}; commit it with your change:`, ...rules].join("\n");
}

/** One for each place that shows the change itself: what follows from it may be worth seeing when it comes for another reason. */
function rulesFor(finding: Finding, reason: string): IgnoreRule[] {
  const own = finding.signatures.filter(({ transitions = [] }) =>
    transitions.some(({ fingerprint }) => finding.fingerprints.includes(fingerprint)),
  );
  const places = own.length > 0 ? own : finding.signatures.slice(0, 1);
  return places.map((place) => ({ endpoint: place.endpoint, at: atOf(place, finding), ignore: true, reason }));
}

function atOf({ location, path }: FindingSignature, { id, title }: Finding): string {
  if (location === "latency" || location === "replay") {
    throw new PenumbraError(
      "NOT_IGNORABLE",
      `${id} (${title}) is at no place of an answer, and no rule can ignore it`,
      "accept it instead: penumbra accept",
    );
  }
  return path === "" ? location : `${location} ${path}`;
}
