/** Sends copies of requests to candidate and controls, so that what differs is the builds and not the circumstances:
 * in production's order, at the same moment, each target in its own words.
 *
 *    submit ─► predecessors answered? ─► alias held for? ─► think time ─► rewrite per target ─┬─► candidate
 *                                                                                             └─► controls
 *    primaryFinished ────────────────────────► learn aliases, mark divergence, let successors go ◄──┘
 *
 * Live mirror and replay share it. An exchange is finished for its successors when all targets have answered and, so
 * that aliases can be learnt, the recorded answer is known: B is sent only after A's answers arrived at every target. */

import { type Clock, sleep } from "../model/clock.ts";
import { type HttpRequest, isSafeMethod, type Outcome } from "../model/exchange.ts";
import type { NotComparableReason, SentFirst, Trial } from "../model/observation.ts";
import { seededRandom, shuffled } from "../model/random.ts";
import type { SealedClaims } from "../model/sealed-claims.ts";
import { type EpochMs, epochMs, type MonotonicMs, milliseconds } from "../model/units.ts";
import { BoundedMap } from "./bounded-map.ts";
import { type Asked, Correlation, type Lesson, type Rewritten } from "./correlation.ts";
import type { CredentialSource, LaneCredentials } from "./credentials.ts";
import { Divergence } from "./divergence.ts";
import { EarlyEnd } from "./early-end.ts";
import { GuardedTarget, type ShadowTarget } from "./guarded-target.ts";
import { Order, type OrderMode, type WriteScope } from "./order.ts";
import { PrimaryPatience } from "./patience.ts";
import type { ProbeAnswers } from "./prober.ts";
import { RequestTemplate } from "./request-template.ts";
import { scopeOf } from "./scope.ts";
import type { PutIn } from "./sent-secrets/sent-secrets.ts";
import { Slots } from "./slots.ts";
import { thinkTime } from "./think-time.ts";
import { WriteOverlap } from "./write-overlap.ts";
import { type Turn, WriteTrials } from "./write-trials.ts";

export type { ShadowTarget } from "./guarded-target.ts";
export type { OrderMode, WriteScope } from "./order.ts";

export interface ShadowOptions {
  readonly candidate: ShadowTarget;
  readonly controls: readonly ShadowTarget[];
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
  readonly seed: number;
  readonly clock: Clock;
  readonly correlate: boolean;
  /** What the recording's redaction makes of a value; absent = nothing is redacted. */
  readonly tokenOf?: ((value: string) => string) | undefined;
  /** How long a request waits at most for the alias of a value whose producer was still answering when it began. */
  readonly holdMs: number;
  /** Answers get this much at least, and more where the primary took long; absent = every target's own timeout. */
  readonly patienceMs?: number;
  /** A request that its predecessors hold up for longer is skipped as `stale`; absent = it waits as long as it takes. */
  readonly longestHoldMs?: number;
  /** Put on each request right before it leaves; absent = it leaves as it is. */
  readonly credentials?: CredentialSource | undefined;
  /** So many writes go to one target at a time at first; needs a control. Absent = none. */
  readonly writeTrials?: number;
}

export interface Submission {
  readonly id: string;
  readonly lane: string | null;
  readonly connection: string | null;
  /** When the recorded request began. */
  readonly startedAt: EpochMs;
  readonly request: HttpRequest;
  /** Which of several copies of the recorded traffic that run side by side: each names things for itself. Absent = the only one. */
  readonly copy?: number | undefined;
  /** Keeps the recorded pause between a predecessor's end and this start, divided by this; absent = no pause. */
  readonly thinkSpeed?: number | undefined;
  /** Called when nothing holds the request back any more, right before it is sent. */
  readonly onRelease?: (() => void) | undefined;
}

/** What the targets answered holds what was put in, as far as they echo it. */
export interface ShadowResult {
  readonly candidate: Trial;
  readonly controls: Trial[];
  /** Secrets that credentials put into the request, at any target. */
  readonly putIn: readonly PutIn[];
  /** The targets' states may have differed: an earlier write took effect on one of them only. */
  readonly afterGap: boolean;
  /** The request names something that a target should have named before and did not. */
  readonly correlationMiss: boolean;
  /** Which of candidate and first control it was sent to first; null without a control, when it was not sent, and of a write
   * that overlapped with another. */
  readonly sentFirst: SentFirst | null;
  /** When the last predecessor had finished and the think time was over. */
  readonly releasedAt: MonotonicMs;
  readonly sentAt: MonotonicMs;
  /** Requests at the targets when it was sent, itself included; 0 when it was not. */
  readonly underWay: number;
}

/** Begins a send when there is room for it; null when it is not to be made any more. */
export type Admission = <T>(send: () => Promise<T>) => Promise<T | null>;

interface Primary {
  readonly outcome: Outcome;
  readonly endedAt: EpochMs;
  readonly claims?: SealedClaims | undefined;
}

interface Deliveries {
  readonly deliveries: readonly Delivery[];
  readonly underWay: number;
  readonly sentFirst: SentFirst | null;
}

interface Words extends Rewritten {
  readonly putIn: readonly PutIn[];
}

interface Delivery {
  readonly rewritten: Words;
  readonly outcome: Outcome;
}

/** One exchange while its shadow work is unfinished. */
interface Work {
  /** Among the unfinished. */
  slot: number;
  readonly submission: Submission;
  readonly asked: Asked;
  readonly submittedAt: MonotonicMs;
  readonly patience: PrimaryPatience | undefined;
  /** null = none are put on, or they are still being fetched. */
  credentials: LaneCredentials | null;
  /** null = nothing is. */
  readonly fetching: Promise<LaneCredentials> | null;
  primary: Primary | null;
  lesson: Lesson | null;
  /** In the order of the targets; null = not answered yet. */
  deliveries: readonly Delivery[] | null;
  readonly finished: PromiseWithResolvers<MonotonicMs>;
}

/** The recorded answer may be announced just before its request is submitted; nobody is earlier than that. */
const maxEarlyPrimaries = 64;
/** Far more than production answers at a time: what is over it will never be announced. */
const maxAwaitingPrimary = 10_000;
/** Requests that may still be probed in their own lane's words. */
const maxRecent = 4096;
/** Candidate and first control. */
const probedTargets = 2;
/** Sends at a time of one probe: enough to be quick, too few to be load. */
const probeConcurrency = 4;

export class Shadow {
  readonly #options: ShadowOptions;
  readonly #targets: readonly GuardedTarget[];
  readonly #order: Order;
  /** By copy. */
  readonly #correlations = new Map<number, Correlation>();
  readonly #divergence = new Divergence();
  readonly #trials: WriteTrials;
  readonly #writes = new WriteOverlap();
  readonly #works = new Slots<Work>();
  /** By id. */
  readonly #slots = new Map<string, number>();
  readonly #earlyPrimaries = new BoundedMap<Primary>(maxEarlyPrimaries);
  readonly #recent = new BoundedMap<Pick<Asked, "lane" | "startedAt"> & Pick<Submission, "copy">>(maxRecent);
  /** Answered by the targets, recorded answer not known yet. */
  readonly #awaitingPrimary = new Set<Work>();
  readonly #end = new EarlyEnd<NotComparableReason>();
  /** Of writes that were not sent yet; what is on the wire then may still end. */
  readonly #writeEnd = new EarlyEnd<NotComparableReason>();
  #pending = 0;
  #held = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #orderViolations = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: ShadowOptions) {
    this.#options = options;
    this.#targets = [options.candidate, ...options.controls].map((target) => new GuardedTarget(target, options.clock));
    this.#order = new Order(options.order, options.writeScope);
    this.#trials = new WriteTrials(options.controls.length === 0 ? 0 : (options.writeTrials ?? 0));
  }

  /** Requests that are at the targets now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most that ever were. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** Requests that wait for predecessors, aliases or think time. */
  get held(): number {
    return this.#held;
  }

  /** Requests that were sent before a predecessor had finished. Must be 0: counted at every send. */
  get orderViolations(): number {
    return this.#orderViolations;
  }

  /** Aliases that were given up for want of room. */
  get evictedAliases(): number {
    return [...this.#correlations.values()].reduce((sum, { evicted }) => sum + evicted, 0);
  }

  /** Path scopes in which the targets' states may differ. */
  get divergedScopes(): readonly string[] {
    return this.#divergence.scopes;
  }

  /** The life of one copy. Never rejects; what was not sent has outcome `skipped`. Sends at once, before it returns,
   * when nothing holds the request back. */
  async submit(submission: Submission): Promise<ShadowResult> {
    const work = this.#admit(submission);
    try {
      // 1. Everything that production's order puts before it is answered by all targets, and learnt from.
      const end = this.#endOf(work);
      const waited = this.#mustWait(work) ? await this.#hold(this.#predecessorsOf(work), end) : "released";
      const turn = waited === "released" && this.#needsTurn(work) ? await this.#takeTurn(end) : null;
      if (end.reason !== null) return this.#skip(work, end.reason);
      if (waited === "too late") return this.#skip(work, "stale");

      // 2. It goes to all targets at the same moment, each in its own words.
      const releasedAt = this.#now();
      submission.onRelease?.();
      const divergedBefore = this.#divergence.has(submission.request);
      const words = this.#targets.map((_, index) => this.#words(index, work.asked, submission.copy, work.credentials));
      const sentAt = this.#now();
      const { deliveries, sentFirst, underWay } = await this.#deliver(work, words, turn);

      // 3. What the answers teach; then its successors may go.
      const afterGap = divergedBefore || this.#divergence.has(submission.request);
      this.#divergence.observe(
        submission.request,
        deliveries.map(({ outcome }) => outcome),
      );
      work.deliveries = deliveries;
      this.#settle(work);
      return { ...resultOf(deliveries), afterGap, sentFirst, releasedAt, sentAt, underWay };
    } finally {
      this.#pending -= 1;
      this.#wakeIdle();
    }
  }

  /** The recorded answer of an exchange, when it ended, and what redaction left of its claims. Live: when it has; replay: right at submit. An exchange whose
   * answer will never be known is announced too, with any outcome but `answered`. */
  primaryFinished(id: string, outcome: Outcome, endedAt: EpochMs, claims?: SealedClaims): void {
    const primary = { outcome, endedAt, claims };
    const work = this.#workOf(id);
    if (work === undefined) {
      this.#earlyPrimaries.set(id, primary);
      return;
    }
    this.#learnPrimary(work, primary);
  }

  /** Takes in what an earlier part of the run has sent: what the targets' answers teach, without sending anything. */
  recall(
    { id, lane, connection, startedAt, request, copy }: Submission,
    primary: Outcome,
    endedAt: EpochMs,
    answers: readonly Outcome[],
  ): void {
    this.#divergence.observe(request, answers);
    if (!this.#options.correlate) return;
    const correlation = this.#correlationOf(copy);
    const asked: Asked = { template: new RequestTemplate(request), lane: lane ?? connection ?? "", startedAt };
    const lesson = correlation.announce(id, asked, { outcome: primary, endedAt });
    if (lesson !== null) answers.forEach((outcome, index) => correlation.learn(index, lesson, outcome, request));
    correlation.forget(id, lesson);
  }

  /** Whether a target that is probed seems to be down or was seen to be: the same request sent again would only load it. */
  get isFailing(): boolean {
    return this.#targets.slice(0, probedTargets).some((target) => target.isFailing);
  }

  /** Sends a safe request `times` times to candidate and first control, shuffled, in each target's words.
   * @param admit called for each send, which it may put off or refuse
   * @returns null when not all were sent: the run ends, or a target takes no requests at present */
  async probe(id: string, request: HttpRequest, times: number, admit: Admission = atOnce): Promise<ProbeAnswers | null> {
    if (!isSafeMethod(request.method) || this.#isProbeCut) return null;
    const outcomes: [candidate: Outcome[], control: Outcome[]] = [[], []];
    const putIn = new Set<PutIn>();
    const { copy, ...context } = this.#recent.get(id) ?? { lane: "", startedAt: epochMs(Number.POSITIVE_INFINITY), copy: 0 };
    const asked: Asked = { template: new RequestTemplate(request), ...context };
    const indices = this.#targets.slice(0, probedTargets).flatMap((_, index) => Array<number>(times).fill(index));
    const credentials = (await this.#options.credentials?.of(asked.lane)) ?? null;
    const queue = shuffled(indices, seededRandom(this.#seedOf(`probe ${id}`)));
    let isWhole = true;
    const sender = async (): Promise<void> => {
      for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
        const target = this.#targetAt(index);
        const words = this.#words(index, asked, copy, credentials);
        for (const each of words.putIn) putIn.add(each);
        const outcome = await admit(() => this.#end.orElse(target.probe(words.request), skipped));
        if (outcome !== null) outcomes[index]?.push(outcome);
        if (outcome !== null && outcome.kind !== "skipped" && !this.#isProbeCut) continue;
        // What is left would tell nothing any more.
        isWhole = false;
        queue.length = 0;
      }
    };
    await Promise.all(Array.from({ length: probeConcurrency }, sender));
    return isWhole ? { candidate: outcomes[0], control: outcomes[1], putIn: [...putIn] } : null;
  }

  /** The trials of the first writes have shown what they can: writes go to all targets at once from now on. */
  endWriteTrials(): void {
    this.#trials.end();
  }

  /** Sends no write any more: those that wait are skipped with this reason, also at the second target of a trial. */
  stopWrites(reason: NotComparableReason): void {
    this.#writeEnd.end(reason);
  }

  /** Ends everything: what waits is skipped with this reason, what is under way is `aborted`. */
  abort(reason: NotComparableReason = "interrupted"): void {
    this.#end.end(reason);
    this.#writeEnd.end(reason);
  }

  /** Resolves when no submitted request waits or is under way. */
  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  /** The targets were put back to their first state: aliases and divergence are forgotten. */
  reset(): void {
    this.#correlations.clear();
    this.#divergence.reset();
  }

  #admit(submission: Submission): Work {
    const { id, lane, connection, startedAt, request, copy } = submission;
    const asked: Asked = { template: new RequestTemplate(request), lane: lane ?? connection ?? "", startedAt };
    const credentials = this.#options.credentials?.of(asked.lane) ?? null;
    const isFetched = !(credentials instanceof Promise);
    const work: Work = {
      slot: 0,
      submission,
      asked,
      submittedAt: this.#now(),
      patience: this.#options.patienceMs === undefined ? undefined : new PrimaryPatience(this.#options.patienceMs),
      credentials: isFetched ? credentials : null,
      fetching: isFetched ? null : credentials,
      primary: null,
      lesson: null,
      deliveries: null,
      finished: Promise.withResolvers(),
    };
    this.#pending += 1;
    work.slot = this.#works.add(work);
    this.#slots.set(id, work.slot);
    this.#recent.set(id, { lane: asked.lane, startedAt, copy });
    const producers = this.#options.correlate ? this.#correlationOf(copy).producersOf(asked) : [];
    this.#order.submit({
      id,
      lane,
      connection,
      startedAt,
      unsafe: !isSafeMethod(request.method),
      scope: scopeOf(request.target),
      producers,
    });
    const early = this.#earlyPrimaries.take(id);
    if (early !== undefined) this.#learnPrimary(work, early);
    return work;
  }

  #workOf(id: string): Work | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#works.at(slot);
  }

  #mustWait({ submission: { id }, fetching }: Work): boolean {
    return fetching !== null || this.#order.hasPredecessors(id) || this.#order.producersOf(id).length > 0;
  }

  async #predecessorsOf(work: Work): Promise<void> {
    const { id } = work.submission;
    // A producer that was still answering when this began is no predecessor: worth a bounded wait.
    const producers = this.#order.producersOf(id);
    const predecessors = new Set(producers.length === 0 ? [] : this.#order.predecessors(id));
    const streaming = producers.filter((other) => !predecessors.has(other));
    const blockers = this.#order.blockers(id).map((other) => this.#afterWork(work, other));
    await Promise.all([...blockers, ...streaming.map((other) => this.#holdFor(other)), this.#fetchCredentials(work)]);
    // Meanwhile the end of another may have been announced that came before this.
    for (let late = this.#order.blockers(id); late.length > 0; late = this.#order.blockers(id)) {
      await Promise.all(late.map((other) => this.#afterWork(work, other)));
    }
  }

  async #fetchCredentials(work: Work): Promise<void> {
    if (work.fetching !== null) work.credentials = await work.fetching;
  }

  /** Resolves when the other has finished and the recorded pause after it has passed. */
  async #afterWork(work: Work, other: string): Promise<void> {
    const before = this.#workOf(other);
    if (before === undefined) return;
    const finishedAt = await before.finished.promise;
    const { thinkSpeed, startedAt } = work.submission;
    if (thinkSpeed === undefined || before.primary === null) return;
    const pause = thinkTime({
      recordedMs: startedAt - before.primary.endedAt,
      speed: thinkSpeed,
      submittedAt: work.submittedAt,
      finishedAt,
    });
    if (pause > 0) await sleep(this.#options.clock, pause);
  }

  async #holdFor(other: string): Promise<void> {
    const producer = this.#workOf(other);
    if (producer === undefined) return;
    let cancel = (): void => undefined;
    const bound = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(milliseconds(this.#options.holdMs), resolve);
    });
    await Promise.race([producer.finished.promise, bound]);
    cancel();
  }

  /** Waits for what is before a request, within its bound. */
  async #hold(wait: Promise<void>, end: EarlyEnd<NotComparableReason>): Promise<"released" | "too late"> {
    const { clock, longestHoldMs } = this.#options;
    let cancel = (): void => undefined;
    const bound = new Promise<"too late">((resolve) => {
      if (longestHoldMs !== undefined) cancel = clock.after(milliseconds(longestHoldMs), () => resolve("too late"));
    });
    this.#held += 1;
    const released = end.orElse(wait, () => undefined).then(() => "released" as const);
    const ended = await Promise.race([released, bound]);
    this.#held -= 1;
    cancel();
    return ended;
  }

  #needsTurn({ submission }: Work): boolean {
    return !isSafeMethod(submission.request.method) && !this.#trials.isOver;
  }

  #endOf({ submission }: Work): EarlyEnd<NotComparableReason> {
    return isSafeMethod(submission.request.method) ? this.#end : this.#writeEnd;
  }

  /** After an early end nobody needs a turn any more. */
  async #takeTurn(end: EarlyEnd<NotComparableReason>): Promise<Turn | null> {
    this.#held += 1;
    const turn = await end.orElse<Turn | null>(this.#trials.enter(), () => null);
    this.#held -= 1;
    return turn;
  }

  async #deliver(work: Work, words: readonly Words[], turn: Turn | null): Promise<Deliveries> {
    const { id } = work.submission;
    if (this.#order.hasPredecessors(id)) this.#orderViolations += 1;
    this.#inFlight += 1;
    const underWay = this.#inFlight;
    this.#maxInFlight = Math.max(this.#maxInFlight, underWay);
    const stretch = isSafeMethod(work.submission.request.method) ? null : this.#writes.begin();
    const sent: Promise<Delivery>[] = [];
    // A fixed order would favour the target that is always asked first.
    const order = words.length === 1 ? [...words.entries()] : shuffled([...words.entries()], seededRandom(this.#seedOf(id)));
    for (const [index, rewritten] of order) {
      const { reason } = this.#endOf(work);
      const delivery =
        reason === null ? this.#send(index, rewritten, work.patience) : Promise.resolve({ rewritten, outcome: skipped(reason) });
      sent[index] = delivery;
      if (turn?.oneAtATime === true) await delivery;
    }
    const deliveries = await Promise.all(sent);
    turn?.leave(deliveries.every(({ outcome }) => outcome.kind === "answered"));
    this.#inFlight -= 1;
    const wasAlone = stretch?.end() ?? true;
    const first = order.find(([index]) => index < 2)?.[0] === 0 ? "candidate" : "control";
    return { deliveries, sentFirst: words.length < 2 || !wasAlone ? null : first, underWay };
  }

  #correlationOf(copy: number = 0): Correlation {
    const known = this.#correlations.get(copy);
    if (known !== undefined) return known;
    const fresh = new Correlation(this.#targets.length, { tokenOf: this.#options.tokenOf });
    this.#correlations.set(copy, fresh);
    return fresh;
  }

  #words(index: number, asked: Asked, copy: number | undefined, credentials: LaneCredentials | null): Words {
    const rewritten = this.#options.correlate
      ? this.#correlationOf(copy).rewrite(index, asked)
      : { request: asked.template.request, usedAliases: 0, unresolved: [] };
    // What credentials do to the target is left out of `sentTarget`: that is stored, and they are secret.
    if (credentials === null) return { ...rewritten, putIn: [] };
    return { ...rewritten, ...credentials.applied(index, rewritten.request, asked.template.request) };
  }

  #send(index: number, rewritten: Words, patience?: PrimaryPatience): Promise<Delivery> {
    const target = this.#targetAt(index);
    const skip = (reason: NotComparableReason): Delivery => ({ rewritten, outcome: skipped(reason) });
    if (this.#end.reason !== null) return Promise.resolve(skip(this.#end.reason));
    const startedAt = this.#now();
    const delivered = target.send(rewritten.request, patience).then((outcome): Delivery => ({ rewritten, outcome }));
    // It has left: what it does at the target is not known any more.
    return this.#end.orElse(delivered, (detail) => ({
      rewritten,
      outcome: { kind: "aborted", tookMs: milliseconds(this.#now() - startedAt), detail },
    }));
  }

  #targetAt(index: number): GuardedTarget {
    const target = this.#targets[index];
    if (target === undefined) throw new RangeError(`there is no target ${index}`);
    return target;
  }

  get #isProbeCut(): boolean {
    return this.#end.reason !== null || this.#targets.slice(0, probedTargets).some(({ isOpen }) => isOpen);
  }

  #learnPrimary(work: Work, primary: Primary): void {
    if (work.primary !== null) return;
    const { id, copy } = work.submission;
    work.primary = primary;
    work.patience?.primaryEnded(primary.outcome);
    this.#order.ended(id, primary.endedAt);
    const { outcome, endedAt, claims } = primary;
    if (this.#options.correlate) work.lesson = this.#correlationOf(copy).announce(id, work.asked, { outcome, endedAt, claims });
    this.#settle(work);
  }

  /** Finishes the exchange when both sides are known. */
  #settle(work: Work): void {
    const { primary, lesson, deliveries, submission } = work;
    if (deliveries === null) return;
    if (primary === null) {
      this.#await(work);
      return;
    }
    this.#awaitingPrimary.delete(work);
    if (lesson !== null) {
      const correlation = this.#correlationOf(submission.copy);
      deliveries.forEach(({ rewritten, outcome }, index) => correlation.learn(index, lesson, outcome, rewritten.request));
    }
    this.#finish(work);
  }

  /** Nothing waits for such an exchange: its end is not known. */
  #await(work: Work): void {
    this.#awaitingPrimary.add(work);
    for (const oldest of this.#awaitingPrimary) {
      if (this.#awaitingPrimary.size <= maxAwaitingPrimary) return;
      this.#awaitingPrimary.delete(oldest);
      this.#finish(oldest);
    }
  }

  #finish(work: Work): void {
    const { id, copy } = work.submission;
    this.#correlationOf(copy).forget(id, work.lesson);
    this.#works.remove(work.slot);
    if (this.#slots.get(id) === work.slot) this.#slots.delete(id);
    this.#order.finished(id);
    work.finished.resolve(this.#now());
  }

  #skip(work: Work, reason: NotComparableReason): ShadowResult {
    const now = this.#now();
    const rewritten = { request: work.submission.request, usedAliases: 0, unresolved: [], putIn: [] };
    const nothing: Delivery = { rewritten, outcome: skipped(reason) };
    this.#finish(work);
    return { ...resultOf(this.#targets.map(() => nothing)), afterGap: false, sentFirst: null, releasedAt: now, sentAt: now, underWay: 0 };
  }

  #wakeIdle(): void {
    if (this.#pending > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #seedOf(text: string): number {
    return this.#options.seed ^ hashOf(text);
  }

  #now(): MonotonicMs {
    return this.#options.clock.monotonic();
  }
}

function atOnce<T>(send: () => Promise<T>): Promise<T> {
  return send();
}

function skipped(reason: NotComparableReason): Outcome {
  return { kind: "skipped", tookMs: milliseconds(0), detail: reason };
}

function resultOf(deliveries: readonly Delivery[]): Pick<ShadowResult, "candidate" | "controls" | "correlationMiss" | "putIn"> {
  const trials = deliveries.map(
    ({ rewritten: { sentTarget }, outcome }): Trial => (sentTarget === undefined ? { outcome } : { outcome, sentTarget }),
  );
  const [candidate = { outcome: skipped("interrupted") }, ...controls] = trials;
  const correlationMiss = deliveries.some(({ rewritten }) => rewritten.unresolved.length > 0);
  return { candidate, controls, correlationMiss, putIn: deliveries.flatMap(({ rewritten }) => rewritten.putIn) };
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
