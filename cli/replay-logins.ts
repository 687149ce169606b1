/** --login in a replay: the command is tried with the first lane before anything is made or sent, and in the end people are told
 * whom it did not log in. */

import type { Clock } from "../model/clock.ts";
import type { Milliseconds } from "../model/units.ts";
import type { Reveal } from "../replayer/credentials.ts";
import { Logins } from "../replayer/logins.ts";
import type { Selection } from "../replayer/selection.ts";
import { type ExchangeSource, mergeByStart, selectExchanges } from "../replayer/stream.ts";
import { whyNotSent } from "../target/comparable.ts";
import type { Target } from "../target/target.ts";
import { loginCommand, loginError, placeOf } from "./login-command.ts";

export interface ReplayLogins {
  /** null = no command was given. */
  readonly command: string | null;
  readonly recordings: readonly ExchangeSource[];
  readonly selection: Selection;
  readonly writes: boolean;
  /** Candidate, then controls. */
  readonly targets: readonly Target[];
  /** null = there is no vault. */
  readonly reveal: Reveal | null;
  /** What one login may take. */
  readonly limit: Milliseconds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** @returns null without a command
 * @throws PenumbraError `LOGIN_FAILED` when it does not log the first lane in */
export async function openLogins(options: ReplayLogins): Promise<Logins | null> {
  const { command, targets } = options;
  if (command === null) return null;
  const logins = new Logins({ logIn: loginCommand({ ...options, command }), targets, reveal: options.reveal ?? ((request) => request) });
  // Where nobody listens, nobody can log in: the replay itself says so.
  const problems = await Promise.all(targets.map((target) => target.problem()));
  if (problems.every((problem) => problem === null)) await logInFirst(logins, options);
  return logins;
}

async function logInFirst(logins: Logins, options: ReplayLogins): Promise<void> {
  for await (const exchange of selectExchanges(mergeByStart(options.recordings), options.selection)) {
    if (whyNotSent(exchange.request, options) !== null) continue;
    const failed = await logins.ready([exchange]);
    if (failed !== null && !options.signal.aborted) throw loginError(failed);
    return;
  }
}

/** One line about lanes that could not be logged in; null = there are none. */
export function failedLogins(logins: Logins | null): string | null {
  if (logins === null) return null;
  const { asked, failures, first } = logins.summary;
  if (first === null) return null;
  return `${failures} of ${asked} logins failed; those lanes were sent without its headers; the first: the command ${first.problem} (${placeOf(first.question)})`;
}
