/** Sends recorded exchanges to a candidate and its controls, at their recorded times and in their recorded
 * causal order, and writes what came of each to a run.
 *
 *    recordings ─ merge ─ select ─ look-ahead ─ departures ─► Shadow ─► ShadowLog ─► run
 *                                                  due times    order, correlation    redaction, comparison, probes
 *
 * `#send` is the life of one exchange. Everything that is kept about the whole replay is of bounded size. */

import { LiveComparison } from "../diff/live-comparison.ts";
import type { Rule } from "../diff/rules/rule.ts";
import type { Clock } from "../model/clock.ts";
import type { Exchange, HeaderList, HttpRequest } from "../model/exchange.ts";
import { runFormat, toolVersion } from "../model/format.ts";
import type { NotComparableReason, ReplayFacts, RunMeta, Trial } from "../model/observation.ts";
import { type EpochMs, epochMs, type Milliseconds, type MonotonicMs, milliseconds } from "../model/units.ts";
import type { Recording } from "../recording/open.ts";
import { RedactionError } from "../recording/redaction.ts";
import { RunWriter } from "../recording/run.ts";
import { sealedClaimsOf } from "../recording/sealed-claims.ts";
import { whyNotComparable, whyNotSent } from "../target/comparable.ts";
import { overrideHeaders } from "../target/overrides.ts";
import { type OrderMode, Shadow, type ShadowResult, type WriteScope } from "../target/shadow.ts";
import { type Redaction, ShadowLog } from "../target/shadow-log.ts";
import type { Target } from "../target/target.ts";
import { ConcurrencySweep } from "./concurrency.ts";
import { departures, Places, type PlannedDeparture } from "./departures.ts";
import { LatenessRecord, latenessOf } from "./lateness.ts";
import { closedLoopSize, createSchedule, type Pace, thinkSpeedOf } from "./schedule.ts";
import type { Selection } from "./selection.ts";
import { lookAhead, mergeByStart, selectExchanges } from "./stream.ts";
import { warmUp, warmUpExchanges } from "./warm-up.ts";

export interface ReplayOptions {
  readonly recordings: readonly Pick<Recording, "exchanges" | "count">[];
  /** Opened and closed by the caller. */
  readonly candidate: Target;
  readonly controls: readonly Target[];
  /** Redacts with the rules and key of the recording, so that equal secrets become equal tokens. */
  readonly redaction: Redaction;
  /** What it makes of one value. */
  readonly tokenOf?: (value: string) => string;
  /** What the run's meta data says; `targets` as people named them. */
  readonly run: Pick<RunMeta, "id" | "targets" | "labels">;
  /** RUN directory; `force` replaces one that is there. */
  readonly out: { readonly directory: string; readonly force: boolean };
  readonly selection: Selection;
  readonly pace: Pace;
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
  readonly correlate: boolean;
  /** Send unsafe methods too: the targets' state may change. */
  readonly writes: boolean;
  /** Replace (or add) header fields of every request that is sent. */
  readonly headers: HeaderList;
  readonly seed: number;
  /** Lateness p99 above it makes the replay invalid. */
  readonly maxLateness: Milliseconds;
  /** Greatest time that a request waits for its predecessors. */
  readonly holdMs: number;
  /** Probes of the whole replay, each of 2 × 9 requests; 0 = none. */
  readonly maxProbes: number;
  /** The user's: what they hide is not probed. */
  readonly rules?: readonly Rule[];
  readonly clock: Clock;
  /** Stops the schedule; what is under way gets two more seconds. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  readonly sent: number;
  /** null = not known before the end. */
  readonly total: number | null;
  /** Lateness p99 so far. */
  readonly lateMs: number;
  readonly different: number;
}

export interface ReplayResult {
  readonly meta: RunMeta;
  readonly facts: ReplayFacts;
  /** Observations in the run. */
  readonly exchanges: number;
  readonly different: number;
  /** The target that nobody listens at: then nothing was sent. */
  readonly unreachable: "candidate" | "control" | null;
  readonly interrupted: boolean;
}

/** 2,000 requests: enough for the differences of one build, little beside the replay itself. */
export const defaultMaxProbes = 111;
/** Requests under way in an open loop; past it the schedule waits, which its lateness then shows. */
const maxUnderWay = 10_000;
/** After an interruption: long enough for most answers, short for a person who pressed Ctrl-C. */
const endGrace: Milliseconds = milliseconds(2000);

const never: AbortSignal = new AbortController().signal;

/** Replays recordings into a run. An empty selection gives a run without exchanges; unreachable targets end it
 * before anything is sent, with one observation that says so.
 * @throws PenumbraError for a RUN directory that cannot be used or a recording that cannot be read */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const started = startedMeta(options);
  const run = RunWriter.create(options.out.directory, started, { force: options.out.force });
  const replaying = new Replay(options, run);
  const finish = async (): Promise<RunMeta> => {
    const meta = {
      ...started,
      endedAt: timestamp(options.clock),
      interrupted: options.signal.aborted,
      replay: replaying.facts(),
    };
    await run.finish(meta);
    return meta;
  };

  let unreachable: ReplayResult["unreachable"];
  try {
    unreachable = await replaying.run();
  } catch (error) {
    // What was written so far is a readable run, whatever went wrong.
    await finish();
    throw error;
  }
  const meta = await finish();
  return {
    meta,
    facts: replaying.facts(),
    exchanges: replaying.observations,
    different: replaying.different,
    unreachable,
    interrupted: options.signal.aborted,
  };
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #shadow: Shadow;
  readonly #log: ShadowLog;
  readonly #places: Places;
  readonly #lateness = new LatenessRecord();
  readonly #recorded = new ConcurrencySweep();
  readonly #total: number | null;
  #failure: { readonly error: unknown } | null = null;
  readonly #stop = new AbortController();
  #scheduled = 0;
  #sent = 0;
  #dropped = 0;

  constructor(options: ReplayOptions, run: RunWriter) {
    this.#options = options;
    const { candidate, controls, order, writeScope, seed, clock, correlate, holdMs, tokenOf } = options;
    this.#shadow = new Shadow({ candidate, controls, order, writeScope, seed, clock, correlate, holdMs, tokenOf });
    this.#log = new ShadowLog({
      sink: run,
      redaction: options.redaction,
      exchangesAreRedacted: true,
      comparison: new LiveComparison({ maxProbes: options.maxProbes, rules: options.rules ?? [] }),
      probe: (id, request, times) => this.#shadow.probe(id, request, times),
    });
    this.#places = new Places(closedLoopSize(options.pace) ?? maxUnderWay);
    this.#total = totalOf(options);
  }

  get observations(): number {
    return this.#log.observations;
  }

  get different(): number {
    return this.#log.different;
  }

  /** Sends everything and waits for the answers; returns the target that is not there. */
  async run(): Promise<ReplayResult["unreachable"]> {
    const { recordings, selection, pace, seed, clock, signal } = this.#options;
    const stop = AbortSignal.any([signal, this.#stop.signal]);
    const exchanges = lookAhead(selectExchanges(mergeByStart(recordings), selection));
    const [beginning, all] = await peek(exchanges, warmUpExchanges);
    const [first] = beginning;
    if (first !== undefined) {
      const absent = await this.#absentTarget();
      if (absent !== null) {
        await exchanges.return(undefined);
        this.#writeUnreachable(first, absent);
        return absent;
      }
      if (closedLoopSize(pace) === null) await warmUp(beginning, { redaction: this.#options.redaction, clock, signal: stop });
    }
    const schedule = createSchedule(pace, seed);
    for await (const departure of departures(all, { schedule, places: this.#places, clock, signal: stop })) this.#depart(departure);
    await this.#settle(signal);
    if (this.#failure !== null) throw this.#failure.error;
    return null;
  }

  facts(): ReplayFacts {
    const lateness = this.#lateness.summary();
    const { orderViolations, maxInFlight } = this.#shadow;
    return {
      valid: lateness.p99 <= this.#options.maxLateness && this.#dropped === 0 && orderViolations === 0,
      scheduled: this.#scheduled,
      sent: this.#sent,
      dropped: this.#dropped,
      lateness,
      orderViolations,
      maxConcurrency: { recorded: this.#recorded.max, achieved: maxInFlight },
    };
  }

  #depart({ exchange, due }: PlannedDeparture): void {
    this.#scheduled += 1;
    this.#recorded.add(exchange);
    const request = overrideHeaders(exchange.request, this.#options.headers);
    const refusal = whyNotSent(request, this.#options);
    if (refusal === null) void this.#send(exchange, request, due).catch((error: unknown) => this.#fail(error));
    else this.#observe(exchange, request, null, refusal);
  }

  /** The life of one exchange that is sent. */
  async #send(exchange: Exchange, request: HttpRequest, due: MonotonicMs | null): Promise<void> {
    // 1. It takes its place and is handed to the shadow, which holds it until its predecessors are answered.
    this.#places.take();
    const { id, lane, at, outcome, connection = null } = exchange;
    const thinkSpeed = thinkSpeedOf(this.#options.pace);
    let waiting = false;
    let held = false;
    const submitted = this.#shadow.submit({
      id,
      lane,
      connection,
      startedAt: at,
      request,
      thinkSpeed,
      onRelease: () => {
        held = waiting;
      },
    });
    waiting = true;

    // 2. The recorded answer is known already, so causes and values can be told from the recording.
    this.#shadow.primaryFinished(id, outcome, endOf(exchange), sealedClaimsOf(exchange));

    // 3. Both targets have answered, or not.
    const result = await submitted;
    this.#places.giveBack();
    this.#account(result, due, held);

    // 4. What came of it goes to the run; a difference may be probed at once.
    this.#observe(exchange, request, result, whyNotComparable({ ...exchange, request }, result));
  }

  #account(result: ShadowResult, due: MonotonicMs | null, held: boolean): void {
    const trials = [result.candidate, ...result.controls];
    if (trials.every(({ outcome }) => outcome.kind === "skipped")) {
      // Everybody's breaker was open: the schedule came, the request did not go.
      if (result.candidate.outcome.kind === "skipped" && result.candidate.outcome.detail === "breaker_open") this.#dropped += 1;
      return;
    }
    this.#sent += 1;
    const lateness = latenessOf({ due, released: held ? result.releasedAt : null, sent: result.sentAt });
    if (lateness !== null) this.#lateness.add(lateness);
  }

  #observe(exchange: Exchange, request: HttpRequest, sent: ShadowResult | null, reason: NotComparableReason | null): void {
    try {
      this.#log.write({ exchange, request, sent, reason });
    } catch (error) {
      if (!(error instanceof RedactionError)) throw error;
      // Answers that cannot be redacted are never stored: the exchange counts as dropped, which makes the replay invalid.
      this.#dropped += 1;
      this.#log.write({ exchange, request, sent: null, reason: "interrupted" });
    }
    this.#options.onProgress?.({
      sent: this.#sent,
      total: this.#total,
      lateMs: this.#lateness.quantile(0.99),
      different: this.#log.different,
    });
  }

  /** Waits for what is under way; after an interruption only for a while, and then says what was cut short. */
  async #settle(signal: AbortSignal): Promise<void> {
    await this.#places.empty(signal);
    if (!signal.aborted) await Promise.race([this.#log.idle(), aborted(signal)]);
    if (!signal.aborted) return;
    this.#log.close();
    const cancel = this.#options.clock.after(endGrace, () => this.#shadow.abort("interrupted"), { unref: true });
    await this.#places.empty(never);
    cancel();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort();
  }

  async #absentTarget(): Promise<ReplayResult["unreachable"]> {
    const { candidate, controls } = this.#options;
    const [candidateIsThere, ...controlsAreThere] = await Promise.all([candidate, ...controls].map((target) => target.reachable()));
    if (candidateIsThere === false) return "candidate";
    return controlsAreThere.includes(false) ? "control" : null;
  }

  /** One observation that says why nothing was sent: counted as not comparable, so that the totals hold no answer
   * that nobody gave, and the report shows the refusal beside the request that would have come first. */
  #writeUnreachable(exchange: Exchange, absent: "candidate" | "control"): void {
    this.#scheduled = 1;
    const refused: Trial = { outcome: { kind: "refused", tookMs: milliseconds(0), detail: "nothing listens at the address" } };
    const notAsked: Trial = { outcome: { kind: "skipped", tookMs: milliseconds(0), detail: "breaker_open" } };
    const sent = {
      candidate: absent === "candidate" ? refused : notAsked,
      controls: this.#options.controls.map(() => (absent === "control" ? refused : notAsked)),
      afterGap: false,
      sentFirst: null,
    };
    this.#log.write({ exchange, request: exchange.request, sent, reason: "breaker_open" });
  }
}

function startedMeta({ run, seed, clock }: ReplayOptions): RunMeta {
  return {
    ...run,
    format: runFormat,
    startedAt: timestamp(clock),
    endedAt: null,
    tool: toolVersion,
    seed,
    kind: "replay",
    interrupted: false,
    replay: null,
  };
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

function endOf({ at, outcome }: Exchange): EpochMs {
  return epochMs(at + outcome.tookMs);
}

/** Known only where every exchange of every recording is taken. */
function totalOf({ recordings, selection }: ReplayOptions): number | null {
  const { from, to, filters, limit } = selection;
  if (from !== null || to !== null || filters.length > 0) return null;
  let total = 0;
  for (const recording of recordings) {
    const count = recording.count();
    if (count === null) return limit;
    total += count;
  }
  return limit === null ? total : Math.min(limit, total);
}

/** Looks at the first elements without taking them out of the stream. */
async function peek<T>(stream: AsyncGenerator<T>, count: number): Promise<readonly [beginning: readonly T[], all: AsyncGenerator<T>]> {
  const beginning: T[] = [];
  while (beginning.length < count) {
    const next = await stream.next();
    if (next.done === true) break;
    beginning.push(next.value);
  }
  const all = async function* (): AsyncGenerator<T> {
    yield* beginning;
    yield* stream;
  };
  return [beginning, all()];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
