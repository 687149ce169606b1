/** Penumbra as `penumbra replay` judges a run, with the usual gate. */

import { Judge } from "../../../diff/judge.ts";
import type { RunEntry } from "../../../model/observation.ts";
import type { Report } from "../../../model/report.ts";
import { epochMs } from "../../../model/units.ts";
import type { Reported } from "../reported.ts";
import { startOfRun } from "../service.ts";
import { bystanderPath } from "../traffic.ts";

export function judgeLog(log: readonly RunEntry[]): Report {
  const judge = new Judge({
    meta: {
      id: "run",
      format: 1,
      startedAt: new Date(startOfRun).toISOString(),
      endedAt: new Date(startOfRun).toISOString(),
      tool: "bench",
      seed: 1,
      kind: "replay",
      targets: { primary: "http://p", candidate: "http://c", controls: ["http://s"] },
      labels: {},
      interrupted: false,
      replay: null,
    },
    failOn: "medium",
    failOnLatency: null,
    minCompared: 1,
    minFidelity: 0.9,
    accepted: [],
    baseline: null,
    today: epochMs(startOfRun),
  });
  for (const entry of log) judge.learn(entry);
  for (const entry of log) if (entry.kind === "observation") judge.observe(entry.observation);
  return judge.conclude();
}

/** The findings that are shown as real: sure ones, and ones that leave the run inconclusive. */
export function reportedBy(report: Report): Reported[] {
  return report.findings
    .filter(({ state }) => state === "new" || state === "unconfirmed")
    .map(({ state, condition, signatures, endpoint, location, path, kind }) => ({
      places: [{ endpoint, location, path, kind }, ...signatures].map((signature) => ({
        ...signature,
        endpoint: signature.endpoint.includes(bystanderPath) ? ("bystander" as const) : ("main" as const),
      })),
      isConfirmed: state === "new",
      condition,
    }));
}
