/** Reads a recording for a command that reads it again and again: shows how far it is, and stops when it is interrupted. */

import { sleep, systemClock } from "../model/clock.ts";
import type { Exchange } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import type { Recording } from "../recording/open.ts";
import type { ProgressLine } from "./terminal.ts";

/** Reading waits for nothing, so that a signal would come when all is done: so often it is given a chance. */
const pauseEvery = 512;
const shortest = milliseconds(0);

/** One reading; an interrupt ends it. */
export async function* readThrough(recording: Recording, progress: ProgressLine, signal: AbortSignal): AsyncGenerator<Exchange> {
  let read = 0;
  for await (const exchange of recording.exchanges()) {
    if (read++ % pauseEvery === 0) await sleep(systemClock, shortest);
    if (signal.aborted) return;
    progress.show(() => `${recording.path}: read ${read} of ${recording.count() ?? "?"}`);
    yield exchange;
  }
}
