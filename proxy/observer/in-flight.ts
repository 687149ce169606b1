/** What is under way at the targets: copies and probes together, within one bound.
 *
 *    copy ──hasRoom? enter──► one place, until all targets have answered ──leave──► a probe that waits, else a copy
 *    probe ──each send──────► one place, until its target has answered ───────────► a copy that waits, else a probe
 *
 * So that neither keeps the other waiting for long: places that copies leave go to probes, and the other way round. */

export class InFlight {
  readonly #limit: number;
  readonly #onRoom: () => void;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** @param onRoom called when a probe has left: whoever has copies waiting may enter them now */
  constructor(limit: number, onRoom: () => void) {
    this.#limit = limit;
    this.#onRoom = onRoom;
  }

  get hasRoom(): boolean {
    return this.#taken < this.#limit;
  }

  /** Takes a place for a copy; ask `hasRoom` before. */
  enter(): void {
    this.#taken += 1;
  }

  /** A copy has its answers. */
  leave(): void {
    this.#taken -= 1;
    this.#admitProbe();
  }

  /** Sends once there is a place, and keeps it until the send has ended. */
  async probing<T>(send: () => Promise<T>): Promise<T> {
    if (this.hasRoom) this.enter();
    else await this.#place();
    try {
      return await send();
    } finally {
      this.#taken -= 1;
      this.#onRoom();
      this.#admitProbe();
    }
  }

  /** Resolves when a place was taken for this one. */
  #place(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #admitProbe(): void {
    if (!this.hasRoom) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.enter();
    next();
  }
}
