/** Sends requests whose answers differed again, in the background, a bounded number at a time.
 *
 *    observation written ──► offer ──► waiting (bounded) ──► shadow.probe ──► onProbe
 *
 * Live mirror and replay share it. A probe is worth most right after its observation, while the state that
 * the request met is still there, so what cannot start soon is refused rather than queued for long. */

import type { HttpRequest, Outcome } from "../model/exchange.ts";
import { isSafeMethod } from "../model/exchange.ts";
import { probeTimes } from "../model/observation.ts";
import type { PutIn } from "./sent-secrets/sent-secrets.ts";

/** What one probe found, as the targets answered (not yet redacted). */
export interface ProbeAnswers {
  readonly control: readonly Outcome[];
  readonly candidate: readonly Outcome[];
  /** Secrets that were put into the request; absent = none. */
  readonly putIn?: readonly PutIn[];
}

/** Sends the request `times` times to control and candidate; null when it was given up before all were sent.
 * A rejection is a bug. */
export type ProbeSender = (id: string, request: HttpRequest, times: number) => Promise<ProbeAnswers | null>;

export interface ProberOptions<Subject> {
  readonly probe: ProbeSender;
  readonly onProbe: (subject: Subject, answers: ProbeAnswers) => void;
  readonly times?: number;
  readonly concurrency?: number;
  readonly maxWaiting?: number;
}

interface WaitingProbe<Subject> {
  readonly subject: Subject;
  readonly id: string;
  readonly request: HttpRequest;
}

/** One under way, one in the gaps: a probe must not load the targets that are being measured. */
const defaultConcurrency = 2;
const defaultMaxWaiting = 64;

export class Prober<Subject> {
  readonly #options: ProberOptions<Subject>;
  readonly #waiting: WaitingProbe<Subject>[] = [];
  #running = 0;
  #closed = false;
  #refused = 0;
  #failure: { readonly error: unknown } | null = null;
  #idleWaiters: (() => void)[] = [];

  constructor(options: ProberOptions<Subject>) {
    this.#options = options;
  }

  /** Probes that were asked for and came to nothing: unsafe method, too many waiting, closed, or given up by the sender. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes a request to probe; false when it is refused. */
  offer(subject: Subject, id: string, request: HttpRequest): boolean {
    const full = this.#waiting.length >= (this.#options.maxWaiting ?? defaultMaxWaiting);
    if (this.#closed || full || !isSafeMethod(request.method)) {
      this.#refused += 1;
      return false;
    }
    this.#waiting.push({ subject, id, request });
    this.#next();
    return true;
  }

  /** Begins no more probes; those under way still end. */
  close(): void {
    this.#closed = true;
    this.#refused += this.#waiting.length;
    this.#waiting.length = 0;
    this.#settle();
  }

  /** Resolves when nothing waits or runs; rejects with the first bug met in a probe. */
  async idle(): Promise<void> {
    while (this.#running > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve);
      });
    }
    if (this.#failure !== null) throw this.#failure.error;
  }

  #next(): void {
    while (this.#running < (this.#options.concurrency ?? defaultConcurrency)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      void this.#run(next);
    }
  }

  /** Never rejects: a bug is kept for `idle`. */
  async #run({ subject, id, request }: WaitingProbe<Subject>): Promise<void> {
    try {
      const answers = await this.#options.probe(id, request, this.#options.times ?? probeTimes);
      if (answers === null) this.#refused += 1;
      else this.#options.onProbe(subject, answers);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#running -= 1;
    this.#next();
    this.#settle();
  }

  #settle(): void {
    if (this.#running > 0 || this.#waiting.length > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
