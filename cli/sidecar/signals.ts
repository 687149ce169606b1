/** How the sidecar's process hears of its end, and how it goes on when something in it went wrong. */

import { exitCode } from "../exit-codes.ts";
import { describeError, note } from "../terminal.ts";

export interface Signals {
  /** Resolves with the first SIGINT or SIGTERM, also when it came before anybody asked. */
  readonly first: Promise<void>;
  /** Calls back right before a second signal ends the process. */
  onSecond(callback: () => void): void;
  /** Calls back at every SIGHUP from now on, and at once when one came before. */
  onHangup(callback: () => void): void;
}

/** The first signal drains; a second one ends at once, with the code of that signal. */
export function catchSignals(): Signals {
  let count = 0;
  let begin = (): void => {};
  let second = (): void => {};
  const first = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const on = (code: number) => (): void => {
    if (++count === 1) return begin();
    second();
    note("penumbra: ended at once; the recording and the run hold what was written until now");
    process.exit(code);
  };
  let hungUp = false;
  let hangup = (): void => {
    hungUp = true;
  };
  process.on("SIGHUP", () => hangup());
  process.on("SIGINT", on(exitCode.interrupted));
  process.on("SIGTERM", on(exitCode.terminated));
  return {
    first,
    onSecond(callback) {
      second = callback;
    },
    onHangup(callback) {
      hangup = callback;
      if (hungUp) callback();
    },
  };
}

/** Fail open: a fault that nobody caught must not take production down with it. It is told. */
export function keepServing(): void {
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => note(describeError(error)));
}
