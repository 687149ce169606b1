/** Looks at a client that is not being read, since nothing else would tell of its reset: what it has sent stays with it, and the
 * primary works on for nobody. */

import type { Socket } from "node:net";
import type { Clock } from "../../model/clock.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { noticeReset } from "../live/sockets.ts";

const lookInterval: Milliseconds = milliseconds(1000);

export class PausedClient {
  readonly #client: Socket;
  readonly #clock: Clock;
  /** Whether it is still not being read. */
  readonly #isPaused: () => boolean;
  #isWatched = false;

  constructor(client: Socket, clock: Clock, isPaused: () => boolean) {
    this.#client = client;
    this.#clock = clock;
    this.#isPaused = isPaused;
  }

  /** Called when it is paused; ends by itself. */
  watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#clock.after(lookInterval, () => this.#look(), { unref: true });
  }

  #look(): void {
    this.#isWatched = false;
    if (this.#client.destroyed || !this.#isPaused()) return;
    noticeReset(this.#client);
    this.watch();
  }
}
