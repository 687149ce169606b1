/** A warning that may be due for every exchange: a full disk fails them all. Told once in a while, with the number of times. */

import type { Clock } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import type { LogFields, ObserverLog } from "./observer-log.ts";

/** Often enough to see that it goes on, seldom enough that the log does not fill the disk that is left. */
const between: Milliseconds = milliseconds(10_000);

export class RepeatedWarning {
  readonly #event: string;
  readonly #log: ObserverLog;
  readonly #clock: Clock;
  #problem: string | null = null;
  #silentUntil: MonotonicMs = monotonicMs(0);
  #untold = 0;

  constructor(event: string, log: ObserverLog, clock: Clock) {
    this.#event = event;
    this.#log = log;
    this.#clock = clock;
  }

  /** Tells a problem at once when it is a new one; the same again after ten seconds, with how often it was not told. */
  tell(problem: string, fields: LogFields): void {
    const now = this.#clock.monotonic();
    if (problem === this.#problem && now < this.#silentUntil) {
      this.#untold++;
      return;
    }
    this.#log.warn(this.#event, { ...fields, problem, ...(this.#untold > 0 ? { untold: this.#untold } : {}) });
    this.#problem = problem;
    this.#silentUntil = monotonicMs(now + between);
    this.#untold = 0;
  }
}
