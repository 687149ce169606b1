/** Sends recorded exchanges to a candidate and its controls, at their recorded times and in their recorded
 * causal order, and writes what came of each to a run.
 *
 *    recordings ─ merge ─ select ─ look-ahead ─ departures ─► Shadow ─► ShadowLog ─► run
 *                                                  due times    order, correlation    redaction, comparison, probes
 *
 * `#send` is the life of one exchange. Everything that is kept about the whole replay is of bounded size. */

import type { GivenEndpoint } from "../diff/given-endpoints.ts";
import { LiveComparison } from "../diff/live-comparison.ts";
import type { Rule } from "../diff/rules/rule.ts";
import type { Clock } from "../model/clock.ts";
import { type Exchange, type HeaderList, type HttpRequest, isSafeMethod, type Outcome } from "../model/exchange.ts";
import { runFormat, toolVersion } from "../model/format.ts";
import type { NotComparableReason, ReplayFacts, RunMeta, Trial } from "../model/observation.ts";
import { type EpochMs, epochMs, type Milliseconds, type MonotonicMs, milliseconds } from "../model/units.ts";
import type { Recording } from "../recording/open.ts";
import { RedactionError } from "../recording/redaction.ts";
import { type Run, RunWriter } from "../recording/run.ts";
import { sealedClaimsOf } from "../recording/sealed-claims.ts";
import { WriteIntents, writeIntents } from "../recording/write-intents.ts";
import { whyNotComparable, whyNotSent } from "../target/comparable.ts";
import type { ConnectionProblem } from "../target/connection-problem.ts";
import { overrideHeaders } from "../target/overrides.ts";
import type { SecretRules } from "../target/sent-secrets/header-secrets.ts";
import { type OrderMode, Shadow, type ShadowResult, type WriteScope } from "../target/shadow.ts";
import { type Observed, type Redaction, ShadowLog } from "../target/shadow-log.ts";
import type { Target } from "../target/target.ts";
import { ConcurrencySweep } from "./concurrency.ts";
import { ConcurrencyCurve } from "./concurrency-curve.ts";
import { ReplayCredentials, type Reveal } from "./credentials.ts";
import { departures, Places, type PlannedDeparture } from "./departures.ts";
import { unknownOutcome, withoutDoubtful } from "./doubtful-writes.ts";
import { LatenessRecord, latenessOf } from "./lateness.ts";
import { exchangeKey } from "./logged-exchanges.ts";
import type { Logins } from "./logins.ts";
import { type Copy, type Multiplication, multiply, once } from "./multiply.ts";
import { ResponseTimes } from "./response-times.ts";
import { type DonePart, donePartOf, mergedFacts, unseen } from "./resume.ts";
import { closedLoopSize, createSchedule, type Pace, thinkSpeedOf } from "./schedule.ts";
import type { Selection } from "./selection.ts";
import { announced, lookAhead, mergeByStart, selectExchanges } from "./stream.ts";
import { countUnsent, whyUnsent } from "./unsent.ts";
import { warmUp, warmUpExchanges } from "./warm-up.ts";

export interface ReplayOptions {
  readonly recordings: readonly Pick<Recording, "exchanges" | "count">[];
  /** Opened and closed by the caller. */
  readonly candidate: Target;
  readonly controls: readonly Target[];
  /** Redacts with the rules and key of the recording, so that equal secrets become equal tokens. */
  readonly redaction: Redaction;
  /** Segments hold tokens in place of secrets already; absent = so they are. */
  readonly exchangesAreRedacted?: boolean;
  /** What it makes of one value. */
  readonly tokenOf?: (value: string) => string;
  /** What it takes for secrets and puts in their place; absent = secrets that are put in are not looked for in what is stored. */
  readonly secretRules?: SecretRules;
  /** What the run's meta data says; `targets` as people named them. */
  readonly run: Pick<RunMeta, "id" | "targets" | "labels" | "plan" | "recordings">;
  /** RUN directory; `force` replaces one that is there. */
  readonly out: { readonly directory: string; readonly force: boolean };
  /** The interrupted run in that directory, to go on with it. */
  readonly resume?: Run | undefined;
  readonly selection: Selection;
  /** Absent = every exchange once. */
  readonly multiplication?: Multiplication;
  readonly pace: Pace;
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
  readonly correlate: boolean;
  /** Send unsafe methods too: the targets' state may change. */
  readonly writes: boolean;
  /** Replace (or add) header fields of every request that is sent. */
  readonly headers: HeaderList;
  /** Logs lanes in at the targets, ahead of their requests; absent = nobody is logged in. */
  readonly logins?: Logins | null;
  /** Puts real values in the place of tokens in what is sent; absent = tokens are sent. */
  readonly reveal?: Reveal | null;
  /** Tokens that it met and has no value for; absent = there is no vault. */
  readonly unknownTokens?: (() => number) | null;
  readonly seed: number;
  /** Lateness p99 above it makes the replay invalid. */
  readonly maxLateness: Milliseconds;
  /** Greatest time that a request waits for its predecessors. */
  readonly holdMs: number;
  /** Probes of the whole replay, each of 2 × 9 requests; 0 = none. */
  readonly maxProbes: number;
  /** The user's: what they hide is not probed. */
  readonly rules?: readonly Rule[];
  /** The user's, by which requests are named before any are inferred. */
  readonly endpoints?: readonly GivenEndpoint[];
  readonly clock: Clock;
  /** Stops the schedule; what is under way gets two more seconds. */
  readonly signal: AbortSignal;
  /** Called at every observation; what is not looked at costs nothing. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  readonly sent: number;
  /** Of this part, where another went before; null = not known before the end. */
  readonly total: number | null;
  /** Since the first departure. */
  readonly elapsedMs: number;
  /** Lateness p99 so far. */
  readonly lateMs: number;
  readonly different: number;
}

export interface Unreachable extends ConnectionProblem {
  readonly target: "candidate" | "control";
  readonly url: string;
}

export interface ReplayResult {
  readonly meta: RunMeta;
  readonly facts: ReplayFacts;
  /** Observations in the run. */
  readonly exchanges: number;
  readonly different: number;
  /** The target to which no connection came about: then nothing was sent. */
  readonly unreachable: Unreachable | null;
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
  const { resume } = options;
  const started = resume === undefined ? startedMeta(options) : resume.meta;
  const { directory, force } = options.out;
  const run = resume === undefined ? RunWriter.create(directory, started, { force }) : RunWriter.continue(directory);
  const intents = new WriteIntents(directory);
  const replaying = new Replay(options, run, intents);
  const finish = async (cutShort: boolean): Promise<RunMeta> => {
    const meta = {
      ...started,
      endedAt: timestamp(options.clock),
      interrupted: cutShort || options.signal.aborted,
      replay: replaying.facts(),
      ...(Object.keys(replaying.unsent).length === 0 ? {} : { lost: replaying.unsent }),
    };
    let isWhole = false;
    try {
      await run.finish(meta);
      isWhole = !meta.interrupted;
    } finally {
      // After the log has every answer: until then the intents are all that is known.
      intents.close(isWhole);
    }
    return meta;
  };

  let unreachable: ReplayResult["unreachable"];
  try {
    unreachable = await replaying.run();
  } catch (error) {
    // What was written so far is a readable run, whatever went wrong, and can be gone on with.
    await finish(true);
    throw error;
  }
  const meta = await finish(resume !== undefined && unreachable !== null);
  return {
    meta,
    facts: replaying.facts(),
    exchanges: replaying.observations,
    different: replaying.different,
    unreachable,
    interrupted: options.signal.aborted,
  };
}

class Replay implements ReplayProgress {
  readonly #options: ReplayOptions;
  readonly #shadow: Shadow;
  readonly #log: ShadowLog;
  readonly #intents: WriteIntents;
  readonly #places: Places;
  readonly #lateness = new LatenessRecord();
  readonly #recorded = new ConcurrencySweep();
  readonly #curve = new ConcurrencyCurve();
  readonly #times = new ResponseTimes();
  /** T0, by which the curve counts. */
  #firstDeparture: MonotonicMs | null = null;
  readonly #total: number | null;
  #failure: { readonly error: unknown } | null = null;
  readonly #stop = new AbortController();
  /** Of the run that this one goes on with. */
  #done: DonePart | null = null;
  /** Planned exchanges that are not in the log, since a target was not there. */
  #unsent: ReadonlyMap<NotComparableReason, number> | null = null;
  readonly #underWay = new Set<string>();
  #scheduled = 0;
  #sent = 0;
  #dropped = 0;

  constructor(options: ReplayOptions, run: RunWriter, intents: WriteIntents) {
    this.#options = options;
    this.#intents = intents;
    const { candidate, controls, order, writeScope, seed, clock, correlate, holdMs, tokenOf } = options;
    const credentials = credentialsOf(options);
    this.#shadow = new Shadow({ candidate, controls, order, writeScope, seed, clock, correlate, holdMs, credentials, tokenOf });
    this.#log = new ShadowLog({
      sink: run,
      redaction: options.redaction,
      exchangesAreRedacted: options.exchangesAreRedacted ?? true,
      comparison: new LiveComparison({ maxProbes: options.maxProbes, rules: options.rules ?? [], endpoints: options.endpoints ?? [] }),
      probe: (id, request, times) => this.#shadow.probe(id, request, times),
      secrets: credentials?.secrets,
    });
    this.#places = new Places(closedLoopSize(options.pace) ?? maxUnderWay);
    this.#total = totalOf(options);
  }

  get observations(): number {
    return this.#log.observations;
  }

  get unsent(): Readonly<Record<string, number>> {
    return Object.fromEntries([...(this.#unsent ?? [])].filter(([, count]) => count > 0));
  }

  get different(): number {
    return this.#log.different;
  }

  get sent(): number {
    return this.#sent;
  }

  get total(): number | null {
    return this.#total === null ? null : this.#total - (this.#done?.scheduled ?? 0);
  }

  get lateMs(): number {
    return this.#lateness.quantile(0.99);
  }

  get elapsedMs(): number {
    return this.#firstDeparture === null ? 0 : this.#options.clock.monotonic() - this.#firstDeparture;
  }

  /** Sends everything and waits for the answers; returns the target that is not there. */
  async run(): Promise<ReplayResult["unreachable"]> {
    const { pace, seed, clock, signal, resume } = this.#options;
    // Looked at in every turn of a wait, where a signal that is composed of others is slow.
    const stop = this.#stop.signal;
    if (signal.aborted) this.#stop.abort();
    signal.addEventListener("abort", () => this.#stop.abort(), { once: true });
    if (resume !== undefined) this.#done = await donePartOf(resume.entries(), writeIntents(resume.directory));
    const exchanges = lookAhead(announced(this.#exchanges(), (exchange) => this.#beginLogin(exchange)));
    const [beginning, all] = await peek(exchanges, warmUpExchanges);
    const [first] = beginning;
    if (first !== undefined) {
      const absent = await this.#absentTarget();
      if (absent !== null) {
        await exchanges.return(undefined);
        if (resume === undefined) await this.#writeUnreachable(first, absent);
        return absent;
      }
      await this.#options.logins?.ready(beginning.filter((exchange) => this.#isSent(exchange)));
      if (closedLoopSize(pace) === null) await warmUp(beginning, { redaction: this.#options.redaction, clock, signal: stop });
    }
    const schedule = createSchedule(pace, seed);
    try {
      for await (const departure of departures(all, { schedule, places: this.#places, clock, signal: stop })) this.#depart(departure);
    } catch (error) {
      // A recording that turns out to be damaged: what is under way belongs to the run none the less.
      this.#fail(error);
    }
    await this.#settle(signal);
    if (this.#failure !== null) throw this.#failure.error;
    return null;
  }

  /** What is to be sent, in order. */
  #exchanges(): AsyncGenerator<Copy> {
    const { recordings, selection, multiplication = once, resume } = this.#options;
    const all = multiply(() => selectExchanges(mergeByStart(recordings), selection), multiplication);
    if (resume === undefined || this.#done === null) return all;
    const left = unseen(all, resume.entries(), {
      done: this.#done,
      recall: (exchange, observation) => {
        const { candidate, controls } = observation;
        this.#recall(exchange, candidate === null ? [] : [candidate, ...controls].map((trial) => trial.outcome));
        this.#log.recall(observation);
      },
    });
    return withoutDoubtful(left, { doubtful: this.#done.doubtful, keep: (exchange) => this.#keepDoubtful(exchange) });
  }

  #recall(exchange: Copy, answers: readonly Outcome[]): void {
    const { id, lane, at, request, outcome, connection = null, copy } = exchange;
    this.#shadow.recall({ id, lane, connection, startedAt: at, request, copy }, outcome, endOf(exchange), answers);
  }

  /** It may have taken effect: it is not sent again, and its scope is diverged. */
  #keepDoubtful(exchange: Copy): void {
    const controls = this.#options.controls.map(() => ({ outcome: unknownOutcome }));
    const sent = { candidate: { outcome: unknownOutcome }, controls, correlationMiss: false, afterGap: false, sentFirst: null };
    this.#scheduled += 1;
    this.#sent += 1;
    this.#recall(exchange, [unknownOutcome, ...controls.map(({ outcome }) => outcome)]);
    this.#observe(exchange, exchange.request, sent, whyNotComparable(exchange, sent));
  }

  facts(): ReplayFacts {
    const rest = this.#factsOfThisPart();
    return this.#done === null ? rest : mergedFacts(this.#options.resume?.meta.replay ?? null, this.#done, rest);
  }

  #factsOfThisPart(): ReplayFacts {
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
      concurrency: this.#curve.steps(),
      answerTimes: this.#times.summary(),
      ...this.#credentialFacts(),
    };
  }

  #credentialFacts(): Pick<ReplayFacts, "logins" | "unknownTokens"> {
    const { logins = null, unknownTokens = null } = this.#options;
    return {
      // Where nobody listens, nobody can log in.
      ...(logins === null || this.#unsent !== null ? {} : { logins: { asked: logins.summary.asked, failed: logins.summary.failures } }),
      ...(unknownTokens === null ? {} : { unknownTokens: unknownTokens() }),
    };
  }

  #depart({ exchange, due }: PlannedDeparture<Copy>): void {
    this.#scheduled += 1;
    // What production had: its other copies are this replay's own.
    if (exchange.copy === 0) this.#curve.addRecorded(this.#sinceFirst(due), this.#recorded.add(exchange));
    const request = overrideHeaders(exchange.request, this.#options.headers);
    const refusal = whyNotSent(request, this.#options);
    if (refusal !== null) return this.#observe(exchange, request, null, refusal);
    // Again, since a lane that was not used for long may have been forgotten meanwhile.
    this.#beginLogin(exchange);
    void this.#send(exchange, request, due).catch((error: unknown) => this.#fail(error));
  }

  /** Logins take time of their own, which is no lateness: they begin when the exchange is read. */
  #beginLogin(exchange: Exchange): void {
    if (this.#isSent(exchange)) this.#options.logins?.begin(exchange);
  }

  #isSent({ request }: Exchange): boolean {
    return whyNotSent(request, this.#options) === null;
  }

  /** The life of one exchange that is sent. */
  async #send(exchange: Copy, request: HttpRequest, due: MonotonicMs | null): Promise<void> {
    // 1. It takes its place and is handed to the shadow, which holds it until its predecessors are answered.
    this.#places.take();
    const { lane, at, outcome, connection = null, copy } = exchange;
    const id = this.#freeId(exchange.id);
    const thinkSpeed = thinkSpeedOf(this.#options.pace);
    let waiting = false;
    let held = false;
    const submitted = this.#shadow.submit({
      id,
      lane,
      connection,
      startedAt: at,
      request,
      copy,
      thinkSpeed,
      onRelease: () => {
        held = waiting;
        if (!isSafeMethod(request.method)) this.#noteIntent(exchangeKey(exchange));
      },
    });
    waiting = true;

    // 2. The recorded answer is known already, so causes and values can be told from the recording.
    this.#shadow.primaryFinished(id, outcome, endOf(exchange), sealedClaimsOf(exchange));

    // 3. Both targets have answered, or not.
    const result = await submitted;
    this.#underWay.delete(id);
    this.#places.giveBack();
    if (isLeftToSend(request, result)) {
      // As if it had not been due yet: whoever goes on with the run sends it.
      this.#scheduled -= 1;
      return;
    }
    this.#account(result, due, held);

    const credentialsWithheld = this.#options.logins?.hasFailed(exchange) === true;

    // 4. What came of it goes to the run; a difference may be probed at once.
    this.#observe(exchange, request, result, whyNotComparable({ ...exchange, request }, { ...result, credentialsWithheld }));
  }

  /** Ids are unique within a recording; of two recordings, or of one that breaks the rule, two may be under way together. */
  #freeId(id: string): string {
    let free = id;
    for (let more = 2; this.#underWay.has(free); more++) free = `${id} (${more})`;
    this.#underWay.add(free);
    return free;
  }

  /** A write of which nobody would know that it left must not leave: it would be sent twice. */
  #noteIntent(key: string): void {
    try {
      this.#intents.note(key);
    } catch (error) {
      this.#shadow.stopWrites("interrupted");
      this.#fail(error);
    }
  }

  #account(result: ShadowResult, due: MonotonicMs | null, held: boolean): void {
    const trials = [result.candidate, ...result.controls];
    if (trials.every(({ outcome }) => outcome.kind === "skipped")) {
      // Everybody's breaker was open: the schedule came, the request did not go.
      if (result.candidate.outcome.kind === "skipped" && result.candidate.outcome.detail === "breaker_open") this.#dropped += 1;
      return;
    }
    this.#sent += 1;
    this.#times.add(result, due);
    this.#curve.addAchieved(this.#sinceFirst(result.sentAt), result.underWay);
    const lateness = latenessOf({ due, released: held ? result.releasedAt : null, sent: result.sentAt });
    if (lateness !== null) this.#lateness.add(lateness);
  }

  /** Since the first departure; on a closed loop nothing is due but now. */
  #sinceFirst(at: MonotonicMs | null): Milliseconds {
    const moment = at ?? this.#options.clock.monotonic();
    this.#firstDeparture ??= moment;
    return milliseconds(moment - this.#firstDeparture);
  }

  #observe(exchange: Exchange, request: HttpRequest, sent: Observed["sent"], reason: NotComparableReason | null): void {
    try {
      this.#log.write({ exchange, request, sent, reason });
    } catch (error) {
      if (!(error instanceof RedactionError)) throw error;
      // Answers that cannot be redacted are never stored: the exchange counts as dropped, which makes the replay invalid.
      this.#dropped += 1;
      this.#log.write({ exchange, request, sent: null, reason: "interrupted" });
    }
    this.#options.onProgress?.(this);
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

  async #absentTarget(): Promise<Unreachable | null> {
    const { candidate, controls } = this.#options;
    const targets = [candidate, ...controls];
    const problems = await Promise.all(targets.map((target) => target.problem()));
    for (const [index, target] of targets.entries()) {
      const problem = problems[index] ?? null;
      if (problem !== null) return { ...problem, target: index === 0 ? "candidate" : "control", url: target.url.origin };
    }
    return null;
  }

  /** One observation that says why nothing was sent: counted as not comparable, so that the totals hold no answer
   * that nobody gave, and the report shows the refusal beside the request that would have come first. The others are counted. */
  async #writeUnreachable(exchange: Exchange, { target: absent, what }: Unreachable): Promise<void> {
    const reason = whyUnsent(exchange.request, this.#options);
    const planned = new Map(await countUnsent(this.#options));
    this.#scheduled = [...planned.values()].reduce((sum, count) => sum + count, 0);
    this.#unsent = new Map(planned).set(reason, (planned.get(reason) ?? 1) - 1);
    const refused: Trial = { outcome: { kind: "refused", tookMs: milliseconds(0), detail: what } };
    const notAsked: Trial = { outcome: { kind: "skipped", tookMs: milliseconds(0), detail: "breaker_open" } };
    const sent = {
      candidate: absent === "candidate" ? refused : notAsked,
      controls: this.#options.controls.map(() => (absent === "control" ? refused : notAsked)),
      afterGap: false,
      sentFirst: null,
    };
    this.#log.write({ exchange, request: exchange.request, sent, reason });
  }
}

/** What stands in place of credentials in what is sent; undefined = nothing does. */
export function credentialsOf(
  options: Pick<ReplayOptions, "logins" | "reveal" | "headers" | "secretRules" | "exchangesAreRedacted">,
): ReplayCredentials | undefined {
  const { logins = null, reveal = null, headers, secretRules: rules = storesAll, exchangesAreRedacted = true } = options;
  if (logins === null && reveal === null && headers.length === 0 && exchangesAreRedacted) return undefined;
  return new ReplayCredentials({ logins, reveal, headers, rules, recordedInClear: !exchangesAreRedacted });
}

const storesAll: SecretRules = { substituteFor: () => null, namesSecret: () => false };

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
function totalOf({ recordings, selection, multiplication = once }: ReplayOptions): number | null {
  const { from, to, filters, limit } = selection;
  if (from !== null || to !== null || filters.length > 0) return null;
  const times = multiplication.amplify * multiplication.loop;
  let total = 0;
  for (const recording of recordings) {
    const count = recording.count();
    if (count === null) return limit === null ? null : limit * times;
    total += count;
  }
  return times * (limit === null ? total : Math.min(limit, total));
}

/** Looks at the first elements without taking them, or a fault among them, out of the stream. */
async function peek<T>(stream: AsyncGenerator<T>, count: number): Promise<readonly [beginning: readonly T[], all: AsyncGenerator<T>]> {
  const beginning: T[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    while (beginning.length < count) {
      const next = await stream.next();
      if (next.done === true) break;
      beginning.push(next.value);
    }
  } catch (error) {
    failure = { error };
  }
  const all = async function* (): AsyncGenerator<T> {
    yield* beginning;
    if (failure !== null) throw failure.error;
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

/** Whether an interruption cut it short before it could do anything: it never left, or it only reads. */
function isLeftToSend({ method }: HttpRequest, { candidate, controls }: ShadowResult): boolean {
  const outcomes = [candidate, ...controls].map(({ outcome }) => outcome);
  const isCut = (outcome: Outcome): boolean => outcome.kind !== "answered" && outcome.detail === "interrupted";
  return isSafeMethod(method) ? outcomes.some(isCut) : outcomes.every((outcome) => outcome.kind === "skipped" && isCut(outcome));
}
