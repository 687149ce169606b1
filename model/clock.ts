/** Time as an argument: the only file that reads a clock or sets a timer, so that everything
 * that decides can be tested with a fake one. */

import { type EpochMs, epochMs, type Milliseconds, type MonotonicMs, monotonicMs } from "./units.ts";

export interface Clock {
  /** Wall clock, with the sub-millisecond part of the monotonic clock. */
  now(): EpochMs;
  monotonic(): MonotonicMs;
  /** Calls back once after at least `delay`; the timer does not keep the process alive when `unref`. */
  after(delay: Milliseconds, callback: () => void, options?: { readonly unref?: boolean }): CancelTimer;
}

export type CancelTimer = () => void;

/** Node ends a longer timer at once. Recordings may hold longer pauses. */
const longestTimer = 2 ** 31 - 1;

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => epochMs(performance.timeOrigin + performance.now()),
  monotonic: () => monotonicMs(performance.now()),
  after(delay, callback, options) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = left > longestTimer ? setTimeout(() => wait(left - longestTimer), longestTimer) : setTimeout(callback, left);
      if (options?.unref === true) timer.unref();
    };
    wait(delay);
    return () => clearTimeout(timer);
  },
};

/** Resolves after at least `delay`. */
export function sleep(clock: Clock, delay: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delay, resolve);
  });
}
