/** Between a replay and its report: judges the run once, and lets experiments find out what its findings depend on. */

import type { RunMeta } from "../model/observation.ts";
import { openRun } from "../recording/run.ts";
import { type ExperimentOptions, experiment } from "../replayer/dependence/experiments.ts";
import { visible } from "../report/visible.ts";
import { type JudgingValues, judgeLog } from "./judging.ts";
import { note, type ProgressLine } from "./terminal.ts";

type Circumstances = Omit<ExperimentOptions, "run" | "findings" | "endpoints" | "onProgress">;

/** Leaves what was found in the run, where every later judgement reads it. */
export async function experimentOn(
  run: { readonly directory: string; readonly meta: RunMeta },
  options: Circumstances,
  values: JudgingValues,
  progress: ProgressLine,
): Promise<void> {
  if (options.limit === 0 || options.signal.aborted) return;
  const { judge, report } = await judgeLog(await openRun(run.directory), values);
  const { ended, detail } = await experiment({
    ...options,
    run,
    findings: report.findings,
    endpoints: judge,
    onProgress: ({ finding, number, of, sends }) =>
      progress.show(() => `experiments, finding ${number} of ${of}, ${sends} sends: ${visible(finding)}`),
  });
  progress.clear();
  if (ended === "reset-failed") note(visible(`penumbra: experiments were given up: ${detail ?? ""}; the replay itself is whole`));
}
