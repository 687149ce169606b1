/** A clock that moves only when told. */

import type { Clock } from "../../model/clock.ts";
import { epochMs, monotonicMs } from "../../model/units.ts";

export class FakeClock implements Clock {
  #time = 1000;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now = () => epochMs(1_763_798_400_000 + this.#time);
  monotonic = () => monotonicMs(this.#time);

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#time + delay, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(milliseconds: number): void {
    this.#time += milliseconds;
    for (const timer of this.#timers) {
      if (timer.at > this.#time) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}
