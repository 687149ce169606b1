/** penumbra diff: judges a run again with other rules; nothing is sent. */

import { command } from "../command.ts";
import { judgeAndTell } from "../judging.ts";
import { judgingOptions } from "../options.ts";

export const diffCommand = command({
  name: "diff",
  about: "Judge a run again with other rules; nothing is sent.",
  positional: [{ form: "<run>", about: "a run directory" }],
  options: judgingOptions,
  example: "penumbra diff penumbra-runs/2026-11-22T10-15-00.123Z --accept accepted.yaml",
  run: (values, [directory = ""]) => judgeAndTell(directory, values),
});
