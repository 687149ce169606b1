/** penumbra report: shows a run in one of the report formats. */

import { PenumbraError } from "../../model/errors.ts";
import { openRun } from "../../recording/run.ts";
import { exitCodeOf } from "../../report/exit-code.ts";
import { command } from "../command.ts";
import { checkJudging, judgeRun, render, writeRequestedReports } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { checkOutputFile } from "../output-file.ts";
import { standardOutput, writeReportFile } from "../report-file.ts";
import { note, print } from "../terminal.ts";

export const reportCommand = command({
  name: "report",
  about: "Show a run as text, JSON, HTML, Markdown or JUnit, or for GitHub or GitLab.",
  positional: [{ form: "<run>", about: "a run directory" }],
  options: ["format", "out", ...judgingOptions],
  example: "penumbra report penumbra-runs/2026-11-22T10-15-00.123Z --format markdown --out comment.md",
  async run(values, [directory = ""]) {
    checkJudging(values);
    if (values.json && values.format !== "text" && values.format !== "json") {
      throw new PenumbraError("BAD_OPTION", `--json and --format ${values.format} contradict each other`, "give one of them");
    }
    const shown = values.report.find(([, path]) => path === standardOutput);
    if (shown !== undefined && values.out === null && values.format !== "text") {
      const [format] = shown;
      const hint = "give one of them, or a file for the other: --out FILE";
      throw new PenumbraError("BAD_OPTION", `--report ${format}=- and --format ${values.format} both go to standard output`, hint);
    }
    if (values.out !== null) checkOutputFile(values.out, `--out ${values.out}`);
    const judged = await judgeRun(await openRun(directory), values);
    const format = values.json ? "json" : values.format;
    // What is piped on stays free of annotations.
    const tell = shown !== undefined || (values.out === null && format !== "text") ? note : print;
    writeRequestedReports(directory, judged, values, tell);
    const { output, annotations = [] } = render(format, judged, directory, values, values.out ?? undefined);
    if (values.out !== null) {
      writeReportFile(values.out, output);
      note(`report: ${values.out}`);
    } else if (shown === undefined) print(output);
    for (const annotation of annotations) tell(annotation);
    return exitCodeOf(judged.report);
  },
});
