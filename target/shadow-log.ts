/** From answers to a run: what live mirror and replay do with every exchange once its answers are known.
 *
 *    exchange ─┐                                        ┌─► sink (the run's log)
 *    trials ───┼─ clean of secrets ─ redact ─► Observation ┤
 *    reason ───┘   that were put in                     └─► comparison ── "probe" ─► Prober ─► clean, redact ─► sink
 *
 * Nothing reaches the sink or the comparison that has not passed redaction, so that judging the run again from
 * the disk sees what the live comparison saw. Sink, redaction and comparison are small interfaces: the folders that
 * implement them are above this one. */

import type { Exchange, HttpRequest, Outcome } from "../model/exchange.ts";
import type { NotComparableReason, Observation, RunEntry, SentFirst, Trial } from "../model/observation.ts";
import { ProbeWaiting } from "./probe-waiting.ts";
import { type ProbeAnswers, Prober, type ProbeSender } from "./prober.ts";
import { type Cleaner, nothingPutIn, type PutIn, type SentSecrets } from "./sent-secrets/sent-secrets.ts";

export interface RunSink {
  append(entry: RunEntry): void;
}

/** Every method throws when it cannot redact: the exchange must then not be stored. */
export interface Redaction {
  exchange(exchange: Exchange): Exchange;
  outcome(request: HttpRequest, outcome: Outcome): Outcome;
  target(target: string): string;
}

export interface LiveComparing {
  observe(observation: Observation): { readonly differs: boolean; readonly probe: boolean };
}

export interface ShadowLogOptions {
  readonly sink: RunSink;
  readonly redaction: Redaction;
  /** Recordings are redacted already; live exchanges are not. */
  readonly exchangesAreRedacted: boolean;
  readonly comparison: LiveComparing;
  readonly probe: ProbeSender;
  /** What was put into requests and may be echoed; absent = nothing is put in. */
  readonly secrets?: SentSecrets | undefined;
}

interface Sent {
  readonly candidate: Trial;
  readonly controls: readonly Trial[];
  readonly afterGap: boolean;
  readonly sentFirst: SentFirst | null;
  readonly putIn?: readonly PutIn[];
}

/** What became of one exchange. */
export interface Observed {
  readonly exchange: Exchange;
  /** The request that was sent or would have been, before correlation. */
  readonly request: HttpRequest;
  /** null = nothing was sent; then there is a reason. */
  readonly sent: Sent | null;
  readonly reason: NotComparableReason | null;
}

/** Appends observations and probes to the run. */
export class ShadowLog {
  readonly #options: ShadowLogOptions;
  readonly #prober: Prober<Observed>;
  readonly #probeWaiting = new ProbeWaiting();
  #observations = 0;
  #different = 0;
  #probes = 0;
  #closed = false;

  constructor(options: ShadowLogOptions) {
    this.#options = options;
    this.#prober = new Prober<Observed>({
      probe: options.probe,
      onProbe: (observed, answers) => this.#writeProbe(observed, answers),
    });
  }

  get observations(): number {
    return this.#observations;
  }

  /** Observations in which the candidate differed from the primary. */
  get different(): number {
    return this.#different;
  }

  get probes(): number {
    return this.#probes;
  }

  /** Writes one observation; its probe, when the comparison asks for one, begins right after it.
   * @throws what redaction or the sink throws; nothing was written then */
  write(observed: Observed): void {
    const observation = this.#observation(observed);
    this.#options.sink.append({ kind: "observation", observation });
    this.#observations += 1;
    const { differs, probe } = this.#options.comparison.observe(observation);
    if (differs) this.#different += 1;
    if (!probe || observed.sent === null || !this.#probeWaiting.take(observed.sent.candidate)) return;
    this.#prober.offer(observed, observed.exchange.id, observed.request);
  }

  /** Takes in what an earlier part of the run has written: what it asked about is not asked again. */
  recall(observation: Observation): void {
    this.#observations += 1;
    if (this.#options.comparison.observe(observation).differs) this.#different += 1;
  }

  /** Begins no more probes; the answers of those under way are not written, since the run may have ended. */
  close(): void {
    this.#closed = true;
    this.#prober.close();
  }

  /** Resolves when no probe is under way or waiting. */
  idle(): Promise<void> {
    return this.#prober.idle();
  }

  #observation({ exchange, request, sent, reason }: Observed): Observation {
    const { redaction, exchangesAreRedacted } = this.#options;
    const cleaner = this.#cleaner(exchange, sent?.putIn);
    const redactTrial = (trial: Trial): Trial => ({
      outcome: redaction.outcome(request, cleaner.outcome(trial.outcome)),
      // What correlation put into the target are values of this run's answers: as secret as the recorded ones.
      ...(trial.sentTarget === undefined ? {} : { sentTarget: redaction.target(cleaner.target(trial.sentTarget)) }),
    });
    // The recorded answer too: it may hold in clear what its request held under a name, and is compared with the others.
    const cleaned = cleaner.exchange(exchange);
    return {
      exchange: exchangesAreRedacted ? cleaned : redaction.exchange(cleaned),
      candidate: sent === null ? null : redactTrial(sent.candidate),
      controls: sent === null ? [] : sent.controls.map(redactTrial),
      ...(reason === null ? {} : { notComparable: reason }),
      ...(sent?.afterGap === true ? { afterGap: true } : {}),
      ...(sent === null || sent.sentFirst === null ? {} : { sentFirst: sent.sentFirst }),
    };
  }

  #cleaner({ request }: Exchange, putIn: readonly PutIn[] = []): Cleaner {
    return this.#options.secrets?.without(request, putIn) ?? nothingPutIn;
  }

  #writeProbe({ exchange, request }: Observed, { control, candidate, putIn }: ProbeAnswers): void {
    if (this.#closed) return;
    const cleaner = this.#cleaner(exchange, putIn);
    const redact = (outcome: Outcome): Outcome => this.#options.redaction.outcome(request, cleaner.outcome(outcome));
    this.#options.sink.append({
      kind: "probe",
      probe: { exchangeId: exchange.id, control: control.map(redact), candidate: candidate.map(redact), freshState: false },
    });
    this.#probes += 1;
  }
}
