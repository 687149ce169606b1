/** Gives out each exchange at the moment when it is to be sent: the one loop of a replay that waits for time.
 *
 *    stream ──► due time ──► wait ──► a free place ──► departure
 *
 * Lateness of one departure never moves a later one: due times are absolute. */

import type { Clock } from "../model/clock.ts";
import type { Exchange } from "../model/exchange.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../model/units.ts";
import type { Schedule } from "./schedule.ts";
import { eventLoopTurn, waitUntil } from "./waiting.ts";

export interface PlannedDeparture<Item extends Exchange> {
  readonly exchange: Item;
  /** null on a closed loop. */
  readonly due: MonotonicMs | null;
}

export interface DepartureOptions {
  readonly schedule: Schedule;
  readonly places: Places;
  readonly clock: Clock;
  /** Ends the stream; what was given out is the caller's. */
  readonly signal: AbortSignal;
}

/** Sockets are not served while departures that are due follow each other without a wait. */
const longestRun: Milliseconds = milliseconds(1);

/** Yields exchanges in their order, each when it is due and a place is free. T0 is the moment of the first. */
export async function* departures<Item extends Exchange>(
  exchanges: AsyncIterable<Item>,
  options: DepartureOptions,
): AsyncGenerator<PlannedDeparture<Item>> {
  const { schedule, places, clock, signal } = options;
  let start: MonotonicMs | null = null;
  let lastTurn = clock.monotonic();
  for await (const exchange of exchanges) {
    start ??= clock.monotonic();
    const offset = schedule.due(exchange.at);
    const due = offset === null ? null : monotonicMs(start + offset);
    if (due !== null && due > clock.monotonic()) {
      await waitUntil(due, { clock, signal });
      lastTurn = clock.monotonic();
    } else if (clock.monotonic() - lastTurn > longestRun) {
      await eventLoopTurn();
      lastTurn = clock.monotonic();
    }
    await places.free(signal);
    if (signal.aborted) return;
    yield { exchange, due };
  }
}

/** Bounds how many requests are under way; one loop takes, many answers give back. */
export class Places {
  readonly #size: number;
  #taken = 0;
  #wake = (): void => {};

  constructor(size: number) {
    this.#size = size;
  }

  get taken(): number {
    return this.#taken;
  }

  take(): void {
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
    this.#wake();
  }

  /** Resolves when a place is free, or the signal aborts. For one waiter at a time. */
  async free(signal: AbortSignal): Promise<void> {
    await this.#until(() => this.#taken < this.#size, signal);
  }

  /** Resolves when every place has been given back, or the signal aborts. For one waiter at a time. */
  async empty(signal: AbortSignal): Promise<void> {
    await this.#until(() => this.#taken === 0, signal);
  }

  async #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    if (condition() || signal.aborted) return;
    const aborted = (): void => this.#wake();
    signal.addEventListener("abort", aborted, { once: true });
    while (!condition() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    signal.removeEventListener("abort", aborted);
  }
}
