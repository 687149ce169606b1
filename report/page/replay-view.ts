/** How a replay went, as the page shows it: requests under way over its time, production's beside its own, and how long answers took.
 *
 *    ConcurrencySteps ──► steps, a sentence that says the same
 *    AnswerTimes ───────► rows of a table                                                     */

import type { AnswerTimes, ConcurrencySteps, ReplayFacts, Spread, TargetTimes } from "../../model/observation.ts";
import { count, duration } from "../figures.ts";

export interface ReplayView {
  readonly curve: CurveView | null;
  /** [] = no answer times are known. */
  readonly times: readonly TimesRow[];
  /** Something was due at a time: on a closed loop nothing is. */
  readonly hasResponse: boolean;
}

interface CurveView {
  /** For those who do not see the drawing. */
  readonly sentence: string;
  /** What a step stands for, and how far they go. */
  readonly caption: string;
  readonly stepMs: number;
  /** Requests under way, the most in each step. */
  readonly recorded: readonly number[];
  readonly achieved: readonly number[];
}

interface TimesRow {
  readonly target: string;
  /** "1.2 ms / 4 ms / 9 ms / 20 ms" */
  readonly service: string;
  readonly response: string;
}

/** Null where the replay has neither. */
export function replayView({ concurrency, answerTimes }: Pick<ReplayFacts, "concurrency" | "answerTimes">): ReplayView | null {
  const curve = concurrency === undefined ? null : curveView(concurrency);
  const times = answerTimes === undefined ? [] : rowsOf(answerTimes);
  if (curve === null && times.length === 0) return null;
  return { curve, times, hasResponse: times.some(({ response }) => response !== "") };
}

function curveView({ stepMs, recorded, achieved }: ConcurrencySteps): CurveView | null {
  const [mostRecorded, mostAchieved] = [Math.max(0, ...recorded), Math.max(0, ...achieved)];
  if (Math.max(mostRecorded, mostAchieved) === 0) return null;
  const steps = Math.max(recorded.length, achieved.length);
  return {
    sentence: `At most ${count(mostRecorded)} at once in production, ${count(mostAchieved)} in the replay.`,
    caption: `The most requests under way in each ${duration(stepMs)} of ${duration(stepMs * steps)}.`,
    stepMs,
    recorded,
    achieved,
  };
}

function rowsOf({ candidate, control }: AnswerTimes): TimesRow[] {
  const row = (target: string, times: TargetTimes | null): TimesRow[] =>
    times === null ? [] : [{ target, service: spread(times.service), response: times.response === null ? "" : spread(times.response) }];
  return [...row("Candidate", candidate), ...row("Control", control)];
}

function spread({ p50, p95, p99, max }: Spread): string {
  return [p50, p95, p99, max].map(duration).join(" / ");
}
