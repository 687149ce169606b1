/** How much of a core the dashboard takes: a share of it on average, and more for a moment.
 *
 *    time ──share──► credit (≤ burst) ◄──CPU of the whole process──
 *                       └── below the reserve: whoever asks for a turn waits
 *
 * Work is done in short turns with the event loop in between, so that clients are served meanwhile. */

import { type Clock, sleep } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../../model/units.ts";

export interface AllowanceOptions {
  readonly clock: Clock;
  /** CPU time of this process until now. */
  readonly cpu: () => Milliseconds;
  /** Of one core, on average. */
  readonly share: number;
  /** What may be spent at once after a rest. */
  readonly burst: Milliseconds;
}

/** How long one may work without giving way to the event loop. */
const turnLength: Milliseconds = milliseconds(20);
/** Waiting is looked at anew so often: work that was planned before may have become urgent or void. */
const longestWait: Milliseconds = milliseconds(200);

export class Allowance {
  readonly #options: AllowanceOptions;
  #credit: number;
  #accountedAt: MonotonicMs;
  #accountedCpu: Milliseconds;
  #turnBegan: MonotonicMs;
  #isUnlimited = false;

  constructor(options: AllowanceOptions) {
    const { clock, cpu, burst } = options;
    this.#options = options;
    this.#credit = burst;
    this.#accountedAt = clock.monotonic();
    this.#accountedCpu = cpu();
    this.#turnBegan = this.#accountedAt;
  }

  /** CPU time of this process until now. */
  get spent(): Milliseconds {
    return this.#options.cpu();
  }

  /** CPU time that is left to be spent; below 0 when more was. */
  get credit(): Milliseconds {
    const { clock, cpu, share, burst } = this.#options;
    const [now, spent] = [clock.monotonic(), cpu()];
    const earned = (now - this.#accountedAt) * share;
    this.#credit = Math.min(burst, this.#credit + earned - (spent - this.#accountedCpu));
    this.#accountedAt = now;
    this.#accountedCpu = spent;
    return milliseconds(this.#credit);
  }

  /** From now on nobody waits: the run is over, and so are its users. */
  lift(): void {
    this.#isUnlimited = true;
  }

  /** Call between small pieces of work; goes on at once while the turn lasts, else when there is credit again.
   * @param reserve of the burst that is left to others: 0 for what is urgent */
  async turn(reserve: number = 0): Promise<void> {
    const { clock, share, burst } = this.#options;
    if (clock.monotonic() - this.#turnBegan < turnLength) return;
    await sleep(clock, milliseconds(0));
    for (let missing = reserve * burst - this.credit; missing > 0 && !this.#isUnlimited; missing = reserve * burst - this.credit) {
      await sleep(clock, milliseconds(Math.min(longestWait, Math.ceil(missing / share))));
    }
    this.#turnBegan = clock.monotonic();
  }
}
