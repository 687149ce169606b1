/** An end that may come before the work is done: whatever is waited for through it stops waiting then.
 * Unlike a race against one long-lived promise, nothing is left behind by what ended in time. */

import { Slots } from "./slots.ts";

export class EarlyEnd<Reason> {
  readonly #listeners = new Slots<(reason: Reason) => void>();
  #reason: Reason | null = null;

  /** null = not ended. */
  get reason(): Reason | null {
    return this.#reason;
  }

  /** Only the first call counts. */
  end(reason: Reason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    for (const listener of this.#listeners.all()) listener(reason);
  }

  /** What the promise resolves to, or `instead` when the end comes first. */
  orElse<T>(promise: Promise<T>, instead: (reason: Reason) => T): Promise<T> {
    if (this.#reason !== null) return Promise.resolve(instead(this.#reason));
    return new Promise((resolve, reject) => {
      const slot = this.#listeners.add((reason) => resolve(instead(reason)));
      const settle = (act: () => void): void => {
        this.#listeners.remove(slot);
        act();
      };
      promise.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}
