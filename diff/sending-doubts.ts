/** What a replay could not send as it was recorded, and what that means for its verdict: writes whose effect nobody knows, users
 * who could not be logged in, secrets that the vault does not have. Where it concerns few it is said; where it concerns many the run
 * cannot tell whether the builds differ. */

import { isSafeMethod } from "../model/exchange.ts";
import type { Observation, ReplayFacts } from "../model/observation.ts";
import type { Reason } from "../model/report.ts";

/** As for exchanges that could not be compared: over this share the rest speaks for too little. */
const failedShare = 0.2;

export interface SendingFacts {
  /** Writes that were under way when the replay was stopped or killed. */
  readonly doubtfulWrites: number;
  /** null = the run is no replay. */
  readonly replay: ReplayFacts | null;
}

/** @returns `doubts` make a run inconclusive, `notes` are to be known */
export function sendingReasons({ doubtfulWrites, replay }: SendingFacts): { readonly doubts: Reason[]; readonly notes: Reason[] } {
  const { logins, unknownTokens = 0 } = replay ?? {};
  const doubts: Reason[] = [];
  const notes: Reason[] = [];
  if (doubtfulWrites > 0) notes.push({ code: "writes-in-doubt", text: doubtfulText(doubtfulWrites) });
  if (logins !== undefined && logins.failed > 0) {
    const text = `${logins.failed} of ${logins.asked} logins failed; the requests of those lanes were sent without what --login gives`;
    (logins.failed > failedShare * logins.asked ? doubts : notes).push({ code: "logins-failed", text });
  }
  if (unknownTokens > 0) notes.push({ code: "tokens-unknown", text: tokensText(unknownTokens) });
  return { doubts, notes };
}

/** Whether the exchange is a write that had left, and whose answer nobody waited for. */
export function isDoubtfulWrite({ exchange, candidate, controls }: Observation): boolean {
  if (isSafeMethod(exchange.request.method)) return false;
  return candidate?.outcome.kind === "aborted" || controls.some(({ outcome }) => outcome.kind === "aborted");
}

function doubtfulText(writes: number): string {
  const subject = writes === 1 ? "1 write was" : `${writes} writes were`;
  const scope = writes === 1 ? "its path" : "their paths";
  return `${subject} under way when the replay was interrupted and ${writes === 1 ? "is" : "are"} not sent again: whether a target carried ${
    writes === 1 ? "it" : "them"
  } out is not known, and what follows in ${scope} counts as after a gap`;
}

function tokensText(tokens: number): string {
  const subject = tokens === 1 ? "1 token of requests has" : `${tokens} tokens of requests have`;
  return `${subject} no value in the vault and went out as ${tokens === 1 ? "it is" : "they are"}`;
}
