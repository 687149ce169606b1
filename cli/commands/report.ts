/** penumbra report: shows a run in one of the report formats. */

import { PenumbraError } from "../../model/errors.ts";
import { openRun } from "../../recording/run.ts";
import { exitCodeOf } from "../../report/exit-code.ts";
import { command } from "../command.ts";
import { checkJudging, judgeRun, render, writeRequestedReports } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import { note, print } from "../terminal.ts";

export const reportCommand = command({
  name: "report",
  about: "Show a run as text, JSON, HTML, Markdown or JUnit.",
  positional: [{ form: "<run>", about: "a run directory" }],
  options: ["format", "out", ...judgingOptions],
  example: "penumbra report penumbra-runs/2026-11-22T10-15-00.123Z --format markdown --out comment.md",
  async run(values, [directory = ""]) {
    checkJudging(values);
    if (values.json && values.format !== "text" && values.format !== "json") {
      throw new PenumbraError("BAD_OPTION", `--json and --format ${values.format} contradict each other`, "give one of them");
    }
    const judged = await judgeRun(await openRun(directory), values);
    writeRequestedReports(directory, judged, values);
    const output = render(values.json ? "json" : values.format, judged, directory, values["fail-on"]);
    if (values.out === null) print(output);
    else {
      writeOutputFile(values.out, output);
      note(`report: ${values.out}`);
    }
    return exitCodeOf(judged.report);
  },
});
