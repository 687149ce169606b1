/** Looks at what is added to a run's log, and tells at once of kinds of differences that no report has yet: which, where, and in which exchange.
 *
 *    end of the log ──what is new──► FirstSightings ──SeenView──► pages          within a moment
 *    judge ──covers it up to here──────────┘                                     takes them back
 *
 * A report of a long run takes seconds to be made. Nothing of it is needed here: this begins at the end of the log, and where more is
 * added than it can look at, it goes on at the end: all of it will be judged. */

import { FirstSightings } from "../../diff/first-sightings.ts";
import { type Clock, sleep } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { beginningOfNext, isReplaced, lookAtLog, partOf } from "../../recording/run-tail.ts";
import { type SeenView, seenView } from "../../report/page/seen-view.ts";
import type { JudgingValues } from "../judging.ts";
import type { Allowance } from "./allowance.ts";
import type { Covered } from "./judge-messages.ts";
import { isOfTheRun } from "./run-problems.ts";

const pollInterval: Milliseconds = milliseconds(50);
/** Counts of what was told already may wait so long. */
const countsInterval: Milliseconds = milliseconds(500);
/** More than this is not looked at. */
const mostBacklogBytes = 4 * 1024 * 1024;

export interface LookoutOptions {
  readonly directory: string;
  readonly values: JudgingValues;
  readonly clock: Clock;
  readonly allowance: Allowance;
  readonly onSeen: (view: SeenView) => void;
}

/** A log, and how far it was looked at. */
interface Position {
  readonly identity: string;
  upTo: number;
}

export class Lookout {
  readonly #options: LookoutOptions;
  #sightings: FirstSightings;
  #at: Position = { identity: "", upTo: 0 };
  /** Something there cannot be read. */
  #isBlocked = false;
  #tellAfter: MonotonicMs = monotonicMs(0);
  #isEnding = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#sightings = newSightings(options);
  }

  start(): void {
    this.#ended = this.#follow();
  }

  /** What a report has is told by it. */
  judged({ identity, ...covered }: Covered): void {
    if (this.#isEnding) return;
    // The judge may have found another run first.
    if (this.#at.identity !== identity) this.#begin(identity);
    this.#sightings.judged(covered);
    this.#tell();
  }

  /** The run has ended: whatever was seen of it will be judged. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#ended;
    this.#sightings = newSightings(this.#options);
    this.#tell();
  }

  async #follow(): Promise<void> {
    while (!this.#isEnding) {
      try {
        await this.#step();
      } catch (error) {
        if (!isOfTheRun(error)) throw error;
        // The judge reads the same, and says so.
        this.#isBlocked = true;
      }
      await sleep(this.#options.clock, pollInterval);
    }
  }

  async #step(): Promise<void> {
    const { directory, clock, allowance } = this.#options;
    const log = await lookAtLog(directory);
    if (isReplaced(this.#at, log)) this.#begin(log.identity);
    const at = this.#at;
    if (this.#isBlocked || log.size - at.upTo > mostBacklogBytes) at.upTo = beginningOfNext(log);
    this.#isBlocked = false;
    for await (const { entry, begin, end } of partOf(log, at.upTo, log.size)) {
      if (this.#isEnding || this.#at !== at) return;
      at.upTo = end;
      if (entry.kind === "observation" && this.#sightings.observe(entry.observation, begin)) this.#tell();
      await allowance.turn();
    }
    if (clock.monotonic() >= this.#tellAfter) this.#tell();
  }

  #begin(identity: string): void {
    this.#at = { identity, upTo: 0 };
    this.#sightings = newSightings(this.#options);
  }

  #tell(): void {
    const { clock, onSeen } = this.#options;
    this.#tellAfter = monotonicMs(clock.monotonic() + countsInterval);
    onSeen(seenView(this.#sightings.sightings, this.#sightings.more));
  }
}

function newSightings({ values: { rules, endpoints } }: LookoutOptions): FirstSightings {
  return new FirstSightings({ rules, endpoints: endpoints ?? [] });
}
