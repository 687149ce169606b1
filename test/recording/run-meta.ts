/** Meta data of a run for examples. */

import { runFormat } from "../../model/format.ts";
import type { RunMeta } from "../../model/observation.ts";

export function runMeta(changes: Partial<RunMeta> = {}): RunMeta {
  return {
    id: "run1",
    format: runFormat,
    startedAt: "2026-11-22T10:00:00.000Z",
    endedAt: null,
    tool: "penumbra 0.1.0",
    seed: 1,
    kind: "replay",
    targets: { primary: "recording", candidate: "http://127.0.0.1:1", controls: ["http://127.0.0.1:2"] },
    labels: { service: "shop" },
    interrupted: false,
    replay: null,
    ...changes,
  };
}
