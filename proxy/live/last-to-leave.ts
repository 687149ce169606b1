/** The end of a drain: waits until the last connection has left, and cuts what is left at the bound. */

import type { Clock } from "../../model/clock.ts";
import type { Milliseconds } from "../../model/units.ts";
import type { Entrance } from "./entrance.ts";

export class LastToLeave {
  #onEmpty: (() => void) | null = null;

  /** The entrance has just become empty. */
  tell(): void {
    this.#onEmpty?.();
  }

  /** @returns how many connections were cut at the bound */
  async wait(entrance: Pick<Entrance, "open" | "cut">, bound: Milliseconds, clock: Clock): Promise<number> {
    if (entrance.open === 0) return 0;
    let cut = 0;
    const cancel = clock.after(bound, () => {
      cut = entrance.cut();
    });
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    cancel();
    return cut;
  }
}
