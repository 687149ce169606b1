/** Writes down how to see a finding again: a small recording that `penumbra replay` runs, and shell commands. Both
 * hold what the recording holds, never more: redacted values stay redacted. */

import { join } from "node:path";
import type { NeededRequest } from "../../model/dependence.ts";
import { milliseconds } from "../../model/units.ts";
import { writeFileAtomically } from "../../recording/atomic-file.ts";
import { makeDirectories } from "../../recording/directories.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { reproductionsDirectory } from "../../recording/run-directory.ts";
import type { Conclusion } from "./conclusion.ts";
import { type Sending, withoutFollowers } from "./overlapping.ts";
import { apart, type Plan, repeated } from "./plan.ts";
import { shellLines } from "./shell-lines.ts";

export interface Reproduction {
  readonly requests: readonly NeededRequest[];
  readonly recording: string | null;
  readonly curl: readonly string[];
}

export interface Circumstances extends Sending {
  /** Scheme and authority of the candidate. */
  readonly candidateUrl: string;
}

/** @param name of the recording
 * @throws PenumbraError `CANNOT_WRITE` */
export function writeReproduction(
  directory: string,
  name: string,
  { plan, repeat }: Pick<Conclusion, "plan" | "repeat">,
  circumstances: Circumstances,
): Reproduction {
  const sends = apart(repeated(plan, repeat)).flat();
  if (sends.length === 0) return { requests: [], recording: null, curl: [] };
  const recording = `${reproductionsDirectory}/${name}.ndjson`;
  makeDirectories(join(directory, reproductionsDirectory));
  writeFileAtomically(join(directory, recording), sends.map(({ exchange }) => `${encodeExchange(exchange)}\n`).join(""));
  const shown = withoutFollowers(plan, circumstances);
  return { requests: requestsOf(shown), recording, curl: shellLines(shown, circumstances.candidateUrl) };
}

function requestsOf(plan: Plan): NeededRequest[] {
  return plan.flatMap((group) =>
    group.map(({ exchange, due }, index): NeededRequest => {
      const { method, target } = exchange.request;
      const before = group[index - 1];
      return { exchange: exchange.id, method, target, after: before === undefined ? null : milliseconds(due - before.due) };
    }),
  );
}
