/** Goes on with a replay that was interrupted or killed: sends what its run does not know yet, after telling the shadow what it
 * does know.
 *
 *    recording ──► x1 x2 x3 x4 x5 …
 *    run's log ──► x1 x3 x2 ┘   │            in the log: recalled, not sent (also when it was cut short: a write may have
 *                               └──► sent      taken effect); not in the log: sent, but for writes that may have been on their way
 *                                              when the process was killed (doubtful-writes.ts)
 *
 * Answers come out of order, so that the log is read ahead of the recording: by as much as one answer came late. */

import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import type { LoginFacts, Observation, RecordingIdentity, ReplayFacts, RunEntry, RunMeta, Spread } from "../model/observation.ts";
import type { Run } from "../recording/run.ts";
import { DoubtfulWrites } from "./doubtful-writes.ts";
import { exchangeKey, LoggedExchanges } from "./logged-exchanges.ts";

/** What a replay depends on, by option: only one with the same plan can go on with it. */
export type ReplayPlan = Readonly<Record<string, string>>;

export interface ToResume {
  readonly plan: ReplayPlan;
  readonly recordings: readonly RecordingIdentity[];
}

/** @throws PenumbraError `CANNOT_RESUME` with the reason why the run cannot be gone on with */
export function checkResumable({ directory, meta }: Pick<Run, "directory" | "meta">, { plan, recordings }: ToResume): void {
  const refuse = (problem: string, hint: string): PenumbraError => new PenumbraError("CANNOT_RESUME", `${directory} ${problem}`, hint);
  if (meta.kind !== "replay") throw refuse("is no replay", "name the run of an interrupted `penumbra replay`");
  if (meta.endedAt !== null && !meta.interrupted) {
    throw refuse("was not interrupted: nothing is left to send", "`penumbra diff` judges it again");
  }
  if (meta.plan === undefined) throw refuse("does not say with which options it was begun", "begin a new run");
  for (const [option, value] of Object.entries(plan)) {
    const before = meta.plan[option] ?? "";
    if (before !== value) {
      throw refuse(`was begun with ${option} "${before}", not "${value}"`, "give the options that it was begun with, or begin a new run");
    }
  }
  for (const [index, before] of (meta.recordings ?? []).entries()) {
    const change = changeOf(before, recordings[index]);
    if (change !== null) {
      throw refuse(`was begun with another recording: ${before.path} ${change}`, "give the recording as it was, or begin a new run");
    }
  }
}

/** null = it is the same. */
function changeOf(before: RecordingIdentity, now: RecordingIdentity | undefined): string | null {
  if (now?.sha256 === before.sha256) return null;
  if (now === undefined) return "is missing";
  const [then, today] = [before, now].map(extentOf);
  return then === today ? `has other content now; it still has ${today}` : `had ${then}, and has ${today} now`;
}

function extentOf({ exchanges, first, last }: RecordingIdentity): string {
  return exchanges === 0 ? "no exchanges" : `${exchanges} exchanges (${first} to ${last})`;
}

/** What the part that was done adds to the facts of the rest. */
export interface DonePart {
  readonly entries: number;
  readonly scheduled: number;
  readonly sent: number;
  readonly doubtful: DoubtfulWrites;
  readonly logged: LoggedExchanges;
}

/** Counts what is in the log before anything is added to it.
 * @param intents ids of the writes that were about to be sent */
export async function donePartOf(log: AsyncIterable<RunEntry>, intents: AsyncGenerator<string>): Promise<DonePart> {
  const doubtful = new DoubtfulWrites(intents);
  const logged = new LoggedExchanges();
  let [entries, scheduled, sent] = [0, 0, 0];
  for await (const entry of log) {
    entries += 1;
    await doubtful.observe(entry);
    if (entry.kind !== "observation") continue;
    scheduled += 1;
    logged.add(exchangeKey(entry.observation.exchange));
    if (wasSent(entry.observation)) sent += 1;
  }
  await doubtful.end();
  return { entries, scheduled, sent, doubtful, logged };
}

function wasSent({ candidate, controls }: Observation): boolean {
  return [...(candidate === null ? [] : [candidate]), ...controls].some(({ outcome }) => outcome.kind !== "skipped");
}

export interface Unseen<Item> {
  /** Called for every exchange that the log knows, in the order of the recording. */
  readonly recall: (item: Item, observation: Observation) => void;
  readonly done: Pick<DonePart, "entries" | "logged">;
}

/** The exchanges that the log does not know, in their order. Holds no more than the log is out of order. */
export async function* unseen<Item extends Exchange>(
  items: AsyncIterable<Item>,
  log: AsyncGenerator<RunEntry>,
  { recall, done }: Unseen<Item>,
): AsyncGenerator<Item> {
  const ahead = new Map<string, Observation[]>();
  let left = done.entries;
  const observationOf = async (key: string): Promise<Observation | undefined> => {
    while (!ahead.has(key) && left > 0) {
      left -= 1;
      const next = await log.next();
      if (next.done === true) left = 0;
      else if (next.value.kind === "observation") queue(ahead, next.value.observation);
    }
    return unqueue(ahead, key);
  };
  try {
    for await (const item of items) {
      const key = exchangeKey(item);
      const observation = done.logged.take(key) ? await observationOf(key) : undefined;
      if (observation === undefined) yield item;
      else recall(item, observation);
    }
  } finally {
    await log.return(undefined);
  }
}

function queue(ahead: Map<string, Observation[]>, observation: Observation): void {
  const key = exchangeKey(observation.exchange);
  const waiting = ahead.get(key);
  if (waiting === undefined) ahead.set(key, [observation]);
  else waiting.push(observation);
}

function unqueue(ahead: Map<string, Observation[]>, key: string): Observation | undefined {
  const waiting = ahead.get(key);
  const first = waiting?.shift();
  if (waiting?.length === 0) ahead.delete(key);
  return first;
}

/** The facts of both parts: sums, and the worse where there is no sum. Curve and answer times are those of the second part.
 * @param before null where the first part was killed before it could say */
export function mergedFacts(before: RunMeta["replay"], done: DonePart, rest: ReplayFacts): ReplayFacts {
  const worse = (key: keyof Spread): number => Math.max(before?.lateness[key] ?? 0, rest.lateness[key]);
  const logins = sumOf(before?.logins, rest.logins);
  // Mostly the same ones: each part meets the tokens of the lanes that go on.
  const unknownTokens = Math.max(before?.unknownTokens ?? 0, rest.unknownTokens ?? 0);
  const orderViolations = (before?.orderViolations ?? 0) + rest.orderViolations;
  return {
    ...rest,
    valid: (before?.valid ?? true) && rest.valid,
    scheduled: done.scheduled + rest.scheduled,
    sent: done.sent + rest.sent,
    dropped: (before?.dropped ?? 0) + rest.dropped,
    lateness: { p50: worse("p50"), p95: worse("p95"), p99: worse("p99"), max: worse("max") },
    orderViolations,
    maxConcurrency: {
      recorded: Math.max(before?.maxConcurrency.recorded ?? 0, rest.maxConcurrency.recorded),
      achieved: Math.max(before?.maxConcurrency.achieved ?? 0, rest.maxConcurrency.achieved),
    },
    ...(logins === undefined ? {} : { logins }),
    ...(rest.unknownTokens === undefined ? {} : { unknownTokens }),
  };
}

function sumOf(one: LoginFacts | undefined, other: LoginFacts | undefined): LoginFacts | undefined {
  if (one === undefined || other === undefined) return other ?? one;
  return { asked: one.asked + other.asked, failed: one.failed + other.failed };
}
