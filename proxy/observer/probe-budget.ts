/** How many extra requests a live run may cause at its targets: 2 % of what is mirrored, at least 1,800 a minute,
 * so that quiet services still learn whether a difference is real. A probe over the budget waits for its minute. */

import type { Clock } from "../../model/clock.ts";
import { milliseconds } from "../../model/units.ts";

const shareOfMirrored = 0.02;
/** Thirty a second: little for a server, and candidate and control serve no users. With fewer, a new build with many
 * changes would keep most of them waiting for their probe beyond the end of a short run. */
const leastSends = 1800;
const windowMs = 60_000;

export class ProbeBudget {
  readonly #clock: Clock;
  readonly #waiting: { readonly sends: number; readonly resolve: (granted: boolean) => void }[] = [];
  #windowStart: number;
  #mirrored = 0;
  #spent = 0;
  #patienceIsOver = false;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowStart = clock.monotonic();
  }

  /** Counts the sends of one mirrored request. */
  mirrored(sends: number): void {
    this.#turnWindow();
    this.#mirrored += sends;
  }

  /** Resolves to true when there is room for a probe's sends, to false when the budget is closed first. */
  async take(sends: number): Promise<boolean> {
    if (this.#closed) return false;
    if (this.#waiting.length === 0 && this.#grant(sends)) return true;
    if (this.#patienceIsOver) return false;
    return new Promise((resolve) => {
      this.#waiting.push({ sends, resolve });
      if (this.#waiting.length === 1) this.#wakeNextWindow();
    });
  }

  /** The run ends soon: what the budget has left may be spent, but no probe waits for the next minute. */
  endPatience(): void {
    this.#patienceIsOver = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  /** No probe begins any more. */
  close(): void {
    this.#closed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  #grant(sends: number): boolean {
    this.#turnWindow();
    if (this.#spent + sends > Math.max(leastSends, this.#mirrored * shareOfMirrored)) return false;
    this.#spent += sends;
    return true;
  }

  #wakeNextWindow(): void {
    const left = Math.max(1, this.#windowStart + windowMs - this.#clock.monotonic());
    this.#clock.after(
      milliseconds(left),
      () => {
        for (let next = this.#waiting[0]; next !== undefined && this.#grant(next.sends); next = this.#waiting[0]) {
          this.#waiting.shift();
          next.resolve(true);
        }
        if (this.#waiting.length > 0) this.#wakeNextWindow();
      },
      { unref: true },
    );
  }

  #turnWindow(): void {
    const now = this.#clock.monotonic();
    if (now - this.#windowStart < windowMs) return;
    this.#windowStart = now;
    this.#mirrored = 0;
    this.#spent = 0;
  }
}
