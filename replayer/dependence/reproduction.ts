/** Writes down how to see a finding again: a small recording that `penumbra replay` runs, and a shell command for each request. Both
 * hold what the recording holds, never more: redacted values stay redacted. */

import { join } from "node:path";
import type { NeededRequest } from "../../model/dependence.ts";
import { milliseconds } from "../../model/units.ts";
import { writeFileAtomically } from "../../recording/atomic-file.ts";
import { curlCommand } from "../../recording/curl.ts";
import { makeDirectories } from "../../recording/directories.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { reproductionsDirectory } from "../../recording/run-directory.ts";
import type { Conclusion } from "./conclusion.ts";
import { apart, type Plan, repeated } from "./plan.ts";

/** More lines are no command to paste; the recording has them all. */
const mostCommands = 20;
const longestCommand = 4096;

export interface Reproduction {
  readonly requests: readonly NeededRequest[];
  readonly recording: string | null;
  readonly curl: readonly string[];
}

/** @param base scheme and authority of the candidate
 * @throws PenumbraError `CANNOT_WRITE` */
export function writeReproduction(
  directory: string,
  name: string,
  { plan, repeat }: Pick<Conclusion, "plan" | "repeat">,
  base: string,
): Reproduction {
  const sends = apart(repeated(plan, repeat)).flat();
  if (sends.length === 0) return { requests: [], recording: null, curl: [] };
  const recording = `${reproductionsDirectory}/${name}.ndjson`;
  makeDirectories(join(directory, reproductionsDirectory));
  writeFileAtomically(join(directory, recording), sends.map(({ exchange }) => `${encodeExchange(exchange)}\n`).join(""));
  return {
    requests: requestsOf(plan),
    recording,
    curl: plan
      .flat()
      .slice(0, mostCommands)
      .map(({ exchange }) => shortened(curlCommand(exchange, base), exchange.id)),
  };
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

function shortened(command: string, id: string): string {
  return command.length <= longestCommand ? command : `# too long to show: penumbra inspect RECORDING ${id} --curl`;
}
