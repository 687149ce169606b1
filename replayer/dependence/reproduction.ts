/** Writes down how to see a finding again: a small recording that `penumbra replay` runs, and shell commands. Both
 * hold what the run may hold: of a recording that has secrets in clear, only what redaction leaves. */

import { join } from "node:path";
import type { NeededRequest } from "../../model/dependence.ts";
import type { Exchange } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { writeFileAtomically } from "../../recording/atomic-file.ts";
import { makeDirectories } from "../../recording/directories.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { RedactionError } from "../../recording/redaction.ts";
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
  /** What may be stored of a recorded exchange.
   * @throws RedactionError */
  readonly storable: (exchange: Exchange) => Exchange;
}

const nothing: Reproduction = { requests: [], recording: null, curl: [] };

/** Without a recording where there is nothing to send, or nothing of it may be stored.
 * @param name of the recording
 * @throws PenumbraError `CANNOT_WRITE` */
export function writeReproduction(
  directory: string,
  name: string,
  { plan: asSent, repeat }: Pick<Conclusion, "plan" | "repeat">,
  circumstances: Circumstances,
): Reproduction {
  const plan = storablePlan(asSent, circumstances.storable);
  if (plan === null) return nothing;
  const sends = apart(repeated(plan, repeat)).flat();
  if (sends.length === 0) return nothing;
  const recording = `${reproductionsDirectory}/${name}.ndjson`;
  makeDirectories(join(directory, reproductionsDirectory));
  writeFileAtomically(join(directory, recording), sends.map(({ exchange }) => `${encodeExchange(exchange)}\n`).join(""));
  const shown = withoutFollowers(plan, circumstances);
  return { requests: requestsOf(shown), recording, curl: shellLines(shown, circumstances.candidateUrl) };
}

function storablePlan(plan: Plan, storable: Circumstances["storable"]): Plan | null {
  try {
    return plan.map((group) => group.map((send) => ({ ...send, exchange: storable(send.exchange) })));
  } catch (error) {
    if (!(error instanceof RedactionError)) throw error;
    return null;
  }
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
