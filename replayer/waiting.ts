/** Waits for a moment of the monotonic clock more precisely than a timer can.
 *
 *    now ─────────── setTimeout ───────────► due − margin ─ setImmediate, setImmediate, … ─► due
 *
 * Timers have a grain of a millisecond and fire late; a loop of event-loop turns has not, and lets sockets be
 * served between two looks at the clock. It costs CPU, so it runs only for the last moments. */

import type { Clock } from "../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../model/units.ts";

/** The part that is not left to a timer: its grain (1 ms) and the usual lateness of its callback. */
const timerMargin: Milliseconds = milliseconds(2);

/** Lets the event loop do one turn; an argument only for tests. */
export type Turn = () => Promise<void>;

export const eventLoopTurn: Turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export interface WaitOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly turn?: Turn;
}

/** Resolves at `due`, at once when it has passed, or early when the signal aborts. Never rejects. */
export async function waitUntil(due: MonotonicMs, { clock, signal, turn = eventLoopTurn }: WaitOptions): Promise<void> {
  const far = due - clock.monotonic() - timerMargin;
  if (far > 0) await timer(clock, milliseconds(far), signal);
  while (!signal.aborted && clock.monotonic() < due) await turn();
}

function timer(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delay, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
