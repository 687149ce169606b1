/** Makes one experiment after the other: puts both targets back to their first state, sends a plan, and gives back the answers.
 *
 *    reset ──► fresh Shadow ──► group by group ──► without what was put in ──► redaction ──► see     (no answer is kept)
 *
 * It keeps to a budget of sends and of waiting, and ends early on an interruption or when a reset fails. */

import { runsForAlways } from "../../diff/dependence/decision.ts";
import type { Clock } from "../../model/clock.ts";
import type { ExperimentFacts } from "../../model/dependence.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange, HeaderList, HttpRequest } from "../../model/exchange.ts";
import type { Trial } from "../../model/observation.ts";
import { epochMs, type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { RedactionError } from "../../recording/redaction.ts";
import { sealedClaimsOf } from "../../recording/sealed-claims.ts";
import { whyNotComparable } from "../../target/comparable.ts";
import { overrideHeaders } from "../../target/overrides.ts";
import { type Cleaner, nothingPutIn } from "../../target/sent-secrets/sent-secrets.ts";
import { type OrderMode, Shadow, type ShadowResult, type ShadowTarget, type WriteScope } from "../../target/shadow.ts";
import type { Redaction } from "../../target/shadow-log.ts";
import type { ReplayCredentials } from "../credentials.ts";
import { waitUntil } from "../waiting.ts";
import type { Group, Plan } from "./plan.ts";

export interface LaboratoryOptions {
  readonly candidate: ShadowTarget;
  readonly control: ShadowTarget;
  /** Puts both targets back to the state that the replay began with.
   * @throws PenumbraError when it fails */
  readonly reset: () => Promise<void>;
  readonly redaction: Redaction;
  /** As in the replay. */
  readonly tokenOf?: (value: string) => string;
  /** What stands in place of credentials in the requests that are sent; absent = nothing does. */
  readonly credentials?: ReplayCredentials | undefined;
  readonly headers: HeaderList;
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
  readonly holdMs: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Greatest number of requests, both targets together. */
  readonly limit: number;
  /** Called before each experiment with the sends so far. */
  readonly onRun?: (sends: number) => void;
}

/** What both builds did with one request; null = it says nothing about the candidate. */
export interface Answers {
  readonly exchange: Exchange;
  readonly pair: { readonly candidate: Trial; readonly control: Trial } | null;
}

/** Candidate and control. */
const targets = 2;
/** In all, for requests that get no answer in time: experiments send an endpoint that hangs again and again with what surrounds it. */
const longestWaiting: Milliseconds = milliseconds(15 * 60 * 1000);
/** With less no question comes to an answer. */
const fewestSends = targets * 2 * runsForAlways;

export class Laboratory {
  readonly #options: LaboratoryOptions;
  #sends = 0;
  #waitedMs = 0;
  #allowed: number;
  #exhausted = false;
  #ended: Exclude<ExperimentFacts["ended"], "done"> | null = null;
  #detail: string | null = null;

  constructor(options: LaboratoryOptions) {
    this.#options = options;
    this.#allowed = options.limit;
  }

  get sends(): number {
    return this.#sends;
  }

  /** Whether the question that is asked now could not be asked to its end. */
  get isCut(): boolean {
    return this.#exhausted || this.#ended !== null;
  }

  /** Why there can be no more experiments at all; null = there can. */
  get ended(): ExperimentFacts["ended"] | null {
    return this.#ended;
  }

  get detail(): string | null {
    return this.#detail;
  }

  /** Begins another question, which may take half of what is left of the budget: the worst finding comes first, but not alone. */
  allowHalf(): void {
    const left = this.#options.limit - this.#sends;
    this.#exhausted = false;
    this.#allowed = this.#sends + Math.ceil(left / 2);
    if (left < fewestSends) this.#ended ??= "limit";
  }

  /** One experiment; false when there is no budget for it, or it came to no end.
   * @param see is given the answers in the order in which they came, which is that in which ids became known */
  async run(plan: Plan, see: (answers: Answers) => void): Promise<boolean> {
    const cost = targets * plan.reduce((sum, group) => sum + group.length, 0);
    if (this.#options.signal.aborted) this.#ended ??= "interrupted";
    if (this.#ended !== null) return false;
    if (this.#sends + cost > this.#allowed) {
      // A smaller experiment may still be made.
      this.#exhausted = true;
      return false;
    }
    this.#options.onRun?.(this.#sends);
    try {
      await this.#options.reset();
    } catch (error) {
      if (!(error instanceof PenumbraError)) throw error;
      this.#ended = this.#options.signal.aborted ? "interrupted" : "reset-failed";
      this.#detail = this.#ended === "interrupted" ? null : error.message;
      return false;
    }
    const shadow = this.#newShadow();
    for (const group of plan) {
      await this.#sendGroup(group, shadow, see);
      if (this.#options.signal.aborted) this.#ended = "interrupted";
      if (this.#ended !== null) return false;
    }
    return true;
  }

  #newShadow(): Shadow {
    const { candidate, control, order, writeScope, seed, clock, holdMs, tokenOf, credentials } = this.#options;
    return new Shadow({
      candidate,
      controls: [control],
      order,
      writeScope,
      seed: seed + this.#sends,
      clock,
      correlate: true,
      tokenOf,
      credentials,
      holdMs,
    });
  }

  async #sendGroup(group: Group, shadow: Shadow, see: (answers: Answers) => void): Promise<void> {
    const { clock, signal } = this.#options;
    const begun: MonotonicMs = clock.monotonic();
    const underWay: Promise<Milliseconds>[] = [];
    const interrupted = (): void => shadow.abort("interrupted");
    signal.addEventListener("abort", interrupted, { once: true });
    for (const { exchange, due } of group) {
      if (due > 0) await waitUntil(monotonicMs(begun + due), { clock, signal });
      if (signal.aborted) break;
      this.#sends += targets;
      underWay.push(
        this.#send(exchange, shadow).then(({ answers, waited }) => {
          see(answers);
          return waited;
        }),
      );
    }
    this.#wait(await Promise.all(underWay));
    signal.removeEventListener("abort", interrupted);
  }

  /** Those of a group wait at the same time: the longest counts. */
  #wait(waited: readonly number[]): void {
    this.#waitedMs += Math.max(0, ...waited);
    if (this.#waitedMs <= longestWaiting || this.#ended !== null) return;
    this.#ended = "limit";
    this.#detail = `experiments were given up after ${longestWaiting / 60_000} minutes of waiting for answers that did not come`;
  }

  async #send(exchange: Exchange, shadow: Shadow): Promise<{ readonly answers: Answers; readonly waited: Milliseconds }> {
    const { id, lane, connection = null, at, outcome } = exchange;
    const request = overrideHeaders(exchange.request, this.#options.headers);
    const submitted = shadow.submit({ id, lane, connection, startedAt: at, request });
    shadow.primaryFinished(id, outcome, epochMs(at + outcome.tookMs), sealedClaimsOf(exchange));
    const result = await submitted;
    return { answers: { exchange, pair: this.#pairOf(exchange, request, result) }, waited: waitedInVain(result) };
  }

  #pairOf(recorded: Exchange, request: HttpRequest, result: ShadowResult): Answers["pair"] {
    const [control] = result.controls;
    if (control === undefined || control.outcome.kind !== "answered" || result.afterGap) return null;
    if (whyNotComparable({ ...recorded, request }, result) !== null) return null;
    const cleaner = this.#options.credentials?.secrets.without(recorded.request, result.putIn) ?? nothingPutIn;
    try {
      const redacted = (trial: Trial): Trial => this.#redacted(request, trial, cleaner);
      return { candidate: redacted(result.candidate), control: redacted(control) };
    } catch (error) {
      if (!(error instanceof RedactionError)) throw error;
      // What cannot be redacted was not compared in the replay either.
      return null;
    }
  }

  #redacted(request: HttpRequest, { outcome, sentTarget }: Trial, cleaner: Cleaner): Trial {
    const { redaction } = this.#options;
    return {
      outcome: redaction.outcome(request, cleaner.outcome(outcome)),
      ...(sentTarget === undefined ? {} : { sentTarget: redaction.target(cleaner.target(sentTarget)) }),
    };
  }
}

function waitedInVain({ candidate, controls }: ShadowResult): Milliseconds {
  const waited = [candidate, ...controls].map(({ outcome }) => (outcome.kind === "timed-out" ? outcome.tookMs : 0));
  return milliseconds(Math.max(...waited));
}
