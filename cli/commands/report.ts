/** penumbra report: shows a run in one of the report formats. */

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { PenumbraError } from "../../model/errors.ts";
import { writeFileAtomically } from "../../recording/atomic-file.ts";
import { openRun } from "../../recording/run.ts";
import { exitCodeOf } from "../../report/exit-code.ts";
import { command } from "../command.ts";
import { checkReportTargets, judgeRun, render, writeRequestedReports } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { note, print } from "../terminal.ts";

export const reportCommand = command({
  name: "report",
  about: "Show a run as text, JSON, HTML, Markdown or JUnit.",
  positional: [{ form: "<run>", about: "a run directory" }],
  options: ["format", "out", ...judgingOptions],
  example: "penumbra report penumbra-runs/2026-11-22T10-15-00.123Z --format markdown --out comment.md",
  async run(values, [directory = ""]) {
    checkReportTargets(values);
    if (values.json && values.format !== "text" && values.format !== "json") {
      throw new PenumbraError("BAD_OPTION", `--json and --format ${values.format} contradict each other`, "give one of them");
    }
    const judged = await judgeRun(await openRun(directory), values);
    writeRequestedReports(directory, judged, values);
    const output = render(values.json ? "json" : values.format, judged, directory, values["fail-on"]);
    if (values.out === null) print(output);
    else {
      mkdirSync(dirname(values.out), { recursive: true });
      writeFileAtomically(values.out, output);
      note(`report: ${values.out}`);
    }
    return exitCodeOf(judged.report);
  },
});
