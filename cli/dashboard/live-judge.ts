/** Judges a run while it is written.
 *
 *    log ──what is new──► judge ──► Report ──► PageData          a few milliseconds behind, cheap
 *    log ──all of it────► another judge, which takes over        as the offline report would be
 *
 * What was judged before is not judged again for every exchange: the judge that is there goes on with what is new. Names of endpoints,
 * and what probes said later of an exchange, are then what was known when it came. So the whole log is judged anew from time to time,
 * the less often the more it costs, and once more when the run has ended. */

import type { Judge } from "../../diff/judge.ts";
import { type Clock, sleep } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { RunEntry } from "../../model/observation.ts";
import type { Report } from "../../model/report.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { endsLine, lookAtLog, partOf, type RunLog } from "../../recording/run-tail.ts";
import { type JudgingValues, judgeOf } from "../judging.ts";
import type { Allowance } from "./allowance.ts";

/** The log is looked at so often. */
const pollInterval: Milliseconds = milliseconds(50);
/** Reports follow one another at this distance at least, and so does judging anew. */
const shortestInterval: Milliseconds = milliseconds(500);
/** After work that repeats itself, so many times its length passes before the next: each of reporting and judging anew then takes a
 * tenth of a core at most, and what is left of the allowance is for what is new. */
const restFactor = 9;
/** Part of the burst that judging anew leaves to what is urgent. */
const backgroundReserve = 0.5;
/** What is new is taken in pieces, so that a report comes in between while there is much of it. */
const pieceBytes = 4 * 1024 * 1024;

/** What was judged, and what is needed to show it. */
export interface Judgement {
  readonly judge: Judge;
  readonly report: Report;
  readonly log: RunLog;
  /** Bytes of the log that it covers. */
  readonly upTo: number;
}

export interface LiveJudgeOptions {
  readonly directory: string;
  readonly values: JudgingValues;
  readonly clock: Clock;
  readonly allowance: Allowance;
  /** Called with each judgement; what it does counts as its cost. */
  readonly onJudgement: (judgement: Judgement) => void;
  /** Called when the run cannot be judged, and with null when it can again. */
  readonly onProblem: (problem: Error | null) => void;
}

/** A judge and how far it has come. */
interface Progress {
  readonly judge: Judge;
  readonly log: RunLog;
  upTo: number;
}

export class LiveJudge {
  readonly #options: LiveJudgeOptions;
  #current: Progress | null = null;
  #anew: Promise<void> | null = null;
  /** Up to where the log was judged as a whole; null = it has to be, whatever was appended. */
  #wholeUpTo: number | null = null;
  #anewAfter: MonotonicMs = monotonicMs(0);
  /** News may be shown from then on, and everything from then on. */
  #newsAfter: MonotonicMs = monotonicMs(0);
  #reportAfter: MonotonicMs = monotonicMs(0);
  /** What the latest report covers. */
  #reported: { readonly judge: Judge; readonly upTo: number; readonly kinds: number } | null = null;
  #problem: Error | null = null;
  #isEnding = false;
  #ended: Promise<void> | null = null;

  constructor(options: LiveJudgeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#follow();
  }

  /** Bytes of the log that the latest report covers; 0 before the first. */
  get upTo(): number {
    return this.#reported?.upTo ?? 0;
  }

  /** Something besides the log has changed: judges the whole of it again as soon as may be. */
  again(): void {
    this.#wholeUpTo = null;
  }

  /** The run has ended: judges the whole of it a last time, whatever that costs. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    this.#options.allowance.lift();
    await this.#ended;
    await this.#anew;
    await this.#guarded(async () => {
      const log = await lookAtLog(this.#options.directory);
      this.#report(await this.#judgeWhole(log, { reserve: 0, isVoid: () => false }));
    });
  }

  async #follow(): Promise<void> {
    while (!this.#isEnding) {
      await this.#guarded(() => this.#step());
      await sleep(this.#options.clock, pollInterval);
    }
  }

  /** A run that is not there yet, is being replaced or is damaged is no reason to end. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isOfTheRun(error)) throw error;
      this.#current = null;
      this.#tellProblem(error);
    }
  }

  async #step(): Promise<void> {
    const log = await lookAtLog(this.#options.directory);
    if (this.#current !== null && isReplaced(this.#current, log)) {
      this.#current = null;
      this.#anewAfter = monotonicMs(0);
    }
    if (this.#isAnewDue(log)) this.#beginAnew(log);
    if (this.#current === null) return;
    if (log.size > this.#current.upTo) await this.#goOn(this.#current, log);
    if (this.#isReportDue(this.#current)) this.#report(this.#current);
  }

  /** Takes what is new into account. All of it is learnt before any of it is named. */
  async #goOn(current: Progress, log: RunLog): Promise<void> {
    const entries: RunEntry[] = [];
    let { upTo } = current;
    for await (const { entry, end } of partOf(log, upTo, log.size)) {
      current.judge.learn(entry);
      entries.push(entry);
      upTo = end;
      if (upTo - current.upTo >= pieceBytes) break;
      await this.#options.allowance.turn();
    }
    for (const entry of entries) {
      if (entry.kind === "observation") current.judge.observe(entry.observation);
      await this.#options.allowance.turn();
    }
    current.upTo = upTo;
  }

  #isAnewDue(log: RunLog): boolean {
    if (this.#anew !== null || this.#options.clock.monotonic() < this.#anewAfter) return false;
    return this.#current === null || this.#wholeUpTo === null || log.size !== this.#wholeUpTo;
  }

  #beginAnew(log: RunLog): void {
    const { clock, allowance } = this.#options;
    const [begun, spent] = [clock.monotonic(), allowance.spent];
    const reserve = this.#current === null ? 0 : backgroundReserve;
    this.#wholeUpTo = log.size;
    this.#anew = this.#guarded(async () => {
      const whole = await this.#judgeWhole(log, { reserve, isVoid: () => this.#isEnding });
      if (!this.#isEnding) this.#current = whole;
    }).finally(() => {
      this.#anew = null;
      const rest = restFactor * (allowance.spent - spent);
      this.#anewAfter = monotonicMs(Math.max(begun + shortestInterval, clock.monotonic() + rest));
    });
  }

  async #judgeWhole(log: RunLog, how: { readonly reserve: number; readonly isVoid: () => boolean }): Promise<Progress> {
    const { values, allowance } = this.#options;
    const judge = judgeOf(log.meta, values);
    let upTo = 0;
    for await (const { entry, end } of partOf(log, 0, log.size)) {
      if (how.isVoid()) break;
      judge.learn(entry);
      upTo = end;
      await allowance.turn(how.reserve);
    }
    for await (const { entry } of partOf(log, 0, upTo)) {
      if (how.isVoid()) break;
      if (entry.kind === "observation") judge.observe(entry.observation);
      await allowance.turn(how.reserve);
    }
    return { judge, log, upTo };
  }

  /** At its distance from the last one; sooner when there is a kind of difference that nobody has been shown. What serving it to many
   * pages costs comes off the credit, too. */
  #isReportDue({ judge, upTo }: Progress): boolean {
    const { clock, allowance } = this.#options;
    const last = this.#reported;
    if ((last !== null && last.judge === judge && last.upTo === upTo) || allowance.credit <= 0) return false;
    const isNews = last === null || judge.kindsSeen > last.kinds;
    return clock.monotonic() >= (isNews ? this.#newsAfter : this.#reportAfter);
  }

  #report({ judge, log, upTo }: Progress): void {
    const { clock, onJudgement } = this.#options;
    const begun = clock.monotonic();
    onJudgement({ judge, report: judge.conclude(), log, upTo });
    const now = clock.monotonic();
    this.#newsAfter = monotonicMs(begun + shortestInterval);
    this.#reportAfter = monotonicMs(Math.max(this.#newsAfter, now + restFactor * (now - begun)));
    this.#reported = { judge, upTo, kinds: judge.kindsSeen };
    this.#tellProblem(null);
  }

  #tellProblem(problem: Error | null): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#options.onProblem(problem);
  }
}

/** Another run, another file, or a log that was taken back. */
function isReplaced({ log: { identity }, upTo }: Progress, now: RunLog): boolean {
  return now.identity !== identity || now.size < upTo || !endsLine(now, upTo);
}

/** Not a fault of this program: what we complain of ourselves, what the system does, and a line that is longer than any of ours. */
function isOfTheRun(error: unknown): error is Error {
  if (error instanceof PenumbraError || error instanceof RangeError) return true;
  return error instanceof Error && (error as NodeJS.ErrnoException).code !== undefined;
}
