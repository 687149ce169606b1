/** Judges a run while it is written.
 *
 *    log ──what is new──► judge ──► Report ──► PageData          a moment behind, cheap
 *    log ──all of it────► another judge, which takes over        as the offline report would be
 *
 * What was judged before is not judged again for every exchange: the judge that is there goes on with what is new. Names of endpoints,
 * and what probes said later of an exchange, are then what was known when it came. So the whole log is judged anew from time to time,
 * the less often the more it costs, and once more when the run has ended. */

import type { Judge } from "../../diff/judge.ts";
import { type Clock, sleep } from "../../model/clock.ts";
import type { RunEntry } from "../../model/observation.ts";
import type { Report } from "../../model/report.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { isReplaced, lookAtLog, partOf, type RunLog } from "../../recording/run-tail.ts";
import { type JudgingValues, judgeOf } from "../judging.ts";
import type { Allowance } from "./allowance.ts";
import { isAbsence, isOfTheRun } from "./run-problems.ts";

/** The log is looked at so often. */
const pollInterval: Milliseconds = milliseconds(50);
/** Reports follow one another at this distance at least, and so does judging anew. */
const shortestInterval: Milliseconds = milliseconds(500);
/** After work that repeats itself, so many times its CPU time passes before the next: reporting then takes a twentieth of a core at
 * most, judging anew a fortieth, and what is left of the allowance is for news. */
const restAfterReport = 19;
const restAfterAnew = 39;
/** A run that cannot be judged is tried again after so long, then twice as long, and so on. */
const firstRetry: Milliseconds = milliseconds(200);
const longestRetry: Milliseconds = milliseconds(30_000);
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
  #size = 0;
  #anew: Promise<void> | null = null;
  /** The log when it was last judged as a whole; null = it has to be, whatever was appended. */
  #whole: RunLog | null = null;
  #anewAfter: MonotonicMs = monotonicMs(0);
  /** News may be shown from then on, and everything from then on. */
  #newsAfter: MonotonicMs = monotonicMs(0);
  #reportAfter: MonotonicMs = monotonicMs(0);
  /** What the latest report covers. */
  #reported: { readonly judge: Judge; readonly upTo: number; readonly kinds: number } | null = null;
  #problem: Error | null = null;
  #retry: Milliseconds = firstRetry;
  #retryAfter: MonotonicMs = monotonicMs(0);
  #isEnding = false;
  #ended: Promise<void> | null = null;

  constructor(options: LiveJudgeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#follow();
  }

  /** Share of the log that the latest report covers: less than 1 while a long one is read for the first time, 0 before there is a report. */
  get share(): number {
    if (this.#reported === null) return 0;
    return this.#size === 0 ? 1 : Math.min(1, this.#reported.upTo / this.#size);
  }

  /** Something besides the log has changed: judges the whole of it again as soon as may be. */
  again(): void {
    this.#whole = null;
    this.#anewAfter = monotonicMs(0);
  }

  /** The run has ended: judges the whole of it a last time, whatever that costs. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    this.#options.allowance.lift();
    await this.#ended;
    await this.#anew;
    await this.#guarded(async () => {
      const log = await this.#look();
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
      this.#retryAfter = monotonicMs(this.#options.clock.monotonic() + this.#retry);
      // To see that there is still none costs nothing; to read one up to where it is damaged does.
      if (!isAbsence(error)) this.#retry = milliseconds(Math.min(longestRetry, this.#retry * 2));
      this.#tellProblem(error);
    }
  }

  async #look(): Promise<RunLog> {
    const log = await lookAtLog(this.#options.directory);
    this.#size = log.size;
    return log;
  }

  async #step(): Promise<void> {
    const { values, clock } = this.#options;
    if (clock.monotonic() < this.#retryAfter) return;
    const log = await this.#look();
    if (this.#current !== null && isReplaced({ identity: this.#current.log.identity, upTo: this.#current.upTo }, log))
      this.#current = this.#reported = null;
    this.#current ??= { judge: judgeOf(log.meta, values), log, upTo: 0 };
    if (log.size > this.#current.upTo) await this.#goOn(this.#current, log);
    if (this.#isReportDue(this.#current)) this.#report(this.#current);
    if (log.size - this.#current.upTo > pieceBytes) return;
    this.#retry = firstRetry;
    this.#tellProblem(null);
    if (this.#isAnewDue(log)) this.#beginAnew(log);
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
    return log.identity !== this.#whole?.identity || log.size !== this.#whole.size;
  }

  #beginAnew(log: RunLog): void {
    const { clock, allowance } = this.#options;
    const [begun, spent] = [clock.monotonic(), allowance.spent];
    this.#whole = log;
    this.#anew = this.#guarded(async () => {
      const isVoid = (): boolean => this.#isEnding || this.#current?.log.identity !== log.identity;
      const whole = await this.#judgeWhole(log, { reserve: backgroundReserve, isVoid });
      await this.#catchUp(whole, isVoid);
      if (!isVoid()) this.#current = whole;
    }).finally(() => {
      this.#anew = null;
      const rest = restAfterAnew * (allowance.spent - spent);
      this.#anewAfter = monotonicMs(Math.max(begun + shortestInterval, clock.monotonic() + rest));
    });
  }

  /** What was added meanwhile is in the last report: the next one has it, too. */
  async #catchUp(whole: Progress, isVoid: () => boolean): Promise<void> {
    for (let from = -1; from < whole.upTo && !isVoid(); ) {
      const size = this.#current?.upTo ?? 0;
      if (size <= whole.upTo) return;
      from = whole.upTo;
      await this.#goOn(whole, { ...whole.log, size });
    }
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
    const { clock, allowance, onJudgement } = this.#options;
    const [begun, spent] = [clock.monotonic(), allowance.spent];
    onJudgement({ judge, report: judge.conclude(), log, upTo });
    const rest = restAfterReport * (allowance.spent - spent);
    this.#newsAfter = monotonicMs(begun + shortestInterval);
    this.#reportAfter = monotonicMs(Math.max(this.#newsAfter, clock.monotonic() + rest));
    this.#reported = { judge, upTo, kinds: judge.kindsSeen };
  }

  #tellProblem(problem: Error | null): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#options.onProblem(problem);
  }
}
