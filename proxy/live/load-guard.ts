/** Halves the sampling while the live process is late. Copies are the one part of its work that can be left out: when its
 * event loop cannot keep up, users come first.
 *
 *    tick every 100 ms ──late by more than the bound?──┐
 *    a second of mostly late ticks ──► share ÷ 2  (at least 1/1024)
 *    ten seconds without ───────────► share × 2  (up to 1)                                                    */

import type { CancelTimer, Clock } from "../../model/clock.ts";
import { type Milliseconds, milliseconds, type Ratio, ratio } from "../../model/units.ts";

const tick: Milliseconds = milliseconds(100);
/** One late tick is a garbage collection or a neighbour's work; a second of them is a process that does not keep up. */
const ticksPerJudgement = 10;
const lateTicksToHalve = 5;
const quietJudgementsToDouble = 10;
const leastShare = 1 / 1024;

export interface LoadGuardOptions {
  readonly clock: Clock;
  /** A tick that comes later than this is late; 0 = the guard is off. */
  readonly bound: Milliseconds;
  /** Told with every change: how much of the sampling rate is left, and the latest tick of the last second. */
  readonly changed: (share: Ratio, worst: Milliseconds) => void;
}

export class LoadGuard {
  readonly #options: LoadGuardOptions;
  #share: Ratio = ratio(1);
  #cancel: CancelTimer | null = null;
  #ticks = 0;
  #lateTicks = 0;
  #worst: Milliseconds = milliseconds(0);
  #quietJudgements = 0;

  constructor(options: LoadGuardOptions) {
    this.#options = options;
  }

  /** The share of the sampling rate that is in force. */
  get share(): Ratio {
    return this.#share;
  }

  start(): void {
    if (this.#options.bound <= 0) return;
    const { clock } = this.#options;
    const due = clock.monotonic() + tick;
    this.#cancel = clock.after(
      tick,
      () => {
        this.#note(milliseconds(clock.monotonic() - due));
        this.start();
      },
      { unref: true },
    );
  }

  stop(): void {
    this.#cancel?.();
  }

  #note(lateness: Milliseconds): void {
    if (lateness > this.#options.bound) this.#lateTicks++;
    this.#worst = milliseconds(Math.max(this.#worst, lateness));
    if (++this.#ticks < ticksPerJudgement) return;
    if (this.#lateTicks >= lateTicksToHalve) {
      this.#quietJudgements = 0;
      this.#set(Math.max(leastShare, this.#share / 2));
    } else if (this.#lateTicks > 0) {
      this.#quietJudgements = 0;
    } else if (++this.#quietJudgements >= quietJudgementsToDouble) {
      this.#quietJudgements = 0;
      this.#set(Math.min(1, this.#share * 2));
    }
    this.#ticks = 0;
    this.#lateTicks = 0;
    this.#worst = milliseconds(0);
  }

  #set(share: number): void {
    if (share === this.#share) return;
    this.#share = ratio(share);
    this.#options.changed(this.#share, this.#worst);
  }
}
