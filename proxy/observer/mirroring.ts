/** The mirror with all that it needs: targets, shadow, run, comparison, probes; opened and ended as one.
 *
 *    Mirror ──► Shadow ──► candidate, controls
 *      └──────► ShadowLog ──► RUN
 *                  └──► LiveComparison ──► probes within ProbeBudget                                          */

import type { GivenEndpoint } from "../../diff/given-endpoints.ts";
import { LiveComparison } from "../../diff/live-comparison.ts";
import type { Rule } from "../../diff/rules/rule.ts";
import { SharedState } from "../../diff/shared-state.ts";
import { type Clock, sleep } from "../../model/clock.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import type { LoopGuard } from "../../target/loop-guard.ts";
import { putInBy, type SecretRules } from "../../target/sent-secrets/header-secrets.ts";
import { SentSecrets } from "../../target/sent-secrets/sent-secrets.ts";
import { type OrderMode, Shadow, type WriteScope } from "../../target/shadow.ts";
import { type LiveComparing, type Redaction, ShadowLog } from "../../target/shadow-log.ts";
import { Target } from "../../target/target.ts";
import type { MirrorDropReason } from "../handover/reasons.ts";
import { type CredentialPolicy, Credentials } from "./credentials.ts";
import type { Figures } from "./figures.ts";
import { type LiveRun, type LiveRunOptions, openLiveRun } from "./live-run.ts";
import { Mirror, type MirrorSettings } from "./mirror.ts";
import { MirroredTarget } from "./mirrored-target.ts";
import { type ObserverLog, problemOf } from "./observer-log.ts";
import { ProbeBudget } from "./probe-budget.ts";
import { RepeatedWarning } from "./repeated-warning.ts";

/** Where copies go and where the run is written; plain JSON. */
export interface MirroredTargets {
  readonly run: Omit<LiveRunOptions, "targets" | "labels">;
  /** As people named it, for the report. */
  readonly primary: string;
  readonly candidate: string;
  readonly controls: readonly string[];
  /** An answer gets this much at least, and three times as long as the primary took. */
  readonly timeoutMs: number;
  /** Longer answers are cut. */
  readonly answerCap: number;
  readonly credentials: CredentialPolicy;
  readonly order: OrderMode;
  readonly writeScope: WriteScope;
  readonly correlate: boolean;
  readonly holdMs: number;
  readonly mirror: MirrorSettings;
  /** The user's: what they hide is not probed. */
  readonly rules?: readonly Rule[];
  /** The user's, by which requests are named before any are inferred. */
  readonly endpoints?: readonly GivenEndpoint[];
}

export interface MirroringOptions {
  readonly shadow: MirroredTargets;
  readonly labels: Readonly<Record<string, string>>;
  /** Answer bodies over it are kept as length, hash, first and last part, like the primary's. */
  readonly bodyCap: number;
  readonly redaction: Redaction & SecretRules;
  readonly guard: LoopGuard;
  readonly dispose: (sequence: number, result: "done" | MirrorDropReason) => void;
  /** Counts what is compared. */
  readonly figures: Figures;
  readonly log: ObserverLog;
  readonly clock: Clock;
}

/** How long copies that are under way may still take when the live process is done. */
const endWithin: Milliseconds = milliseconds(15_000);
/** Enough to convince by themselves when the second of two targets always answers differently (diff/order-canary.ts). */
const writeTrials = 20;
/** Predecessors that all take as long as they may: a copy that they hold up for longer says nothing any more. */
const longestHoldTimeouts = 3;
/** Probes are bounded by the minute (ProbeBudget), not by the run. */
const unboundedProbes = Number.MAX_SAFE_INTEGER;

export class Mirroring {
  readonly mirror: Mirror;
  readonly #options: MirroringOptions;
  readonly #run: LiveRun;
  readonly #targets: readonly Target[];
  readonly #shadow: Shadow;
  readonly #log: ShadowLog;
  readonly #budget: ProbeBudget;

  /** @throws PenumbraError for a run directory or a target address that cannot be used */
  static async open(options: MirroringOptions): Promise<Mirroring> {
    const { shadow, labels, bodyCap, clock } = options;
    const { primary, candidate, controls, timeoutMs, answerCap } = shadow;
    // More requests than this are never under way, and fewer connections would make some wait unseen.
    const connections = shadow.mirror.maxInFlight;
    const targetAt = (name: string, url: string): Target =>
      new Target({ name, url, timeoutMs, answerCapBytes: answerCap, bodyCap, connections, clock });
    const targets = { candidate: targetAt("candidate", candidate), controls: controls.map((url) => targetAt("control", url)) };
    const run = await openLiveRun({ ...shadow.run, labels, targets: { primary, candidate, controls } }, clock);
    const mirroring = new Mirroring(options, run, targets);
    // Told in the background: a target may come later, and copies are counted meanwhile.
    for (const target of mirroring.#targets) void mirroring.#tellProblem(target);
    return mirroring;
  }

  private constructor(
    options: MirroringOptions,
    run: LiveRun,
    targets: { readonly candidate: Target; readonly controls: readonly Target[] },
  ) {
    const { shadow: settings, redaction, guard, dispose, log, clock } = options;
    const { order, writeScope, correlate, holdMs, timeoutMs } = settings;
    const { seed } = settings.run;
    const problems = new RepeatedWarning("mirror.error", log, clock);
    this.#options = options;
    this.#run = run;
    this.#targets = [targets.candidate, ...targets.controls];
    const credentials = new Credentials(settings.credentials);
    const mirrored = (target: Target): MirroredTarget => new MirroredTarget({ target, credentials, guard });
    const shadow = new Shadow({
      ...{ candidate: mirrored(targets.candidate), controls: targets.controls.map(mirrored) },
      ...{ order, writeScope, seed, clock, correlate, holdMs, writeTrials },
      patienceMs: timeoutMs,
      longestHoldMs: longestHoldTimeouts * timeoutMs,
    });
    const budget = new ProbeBudget(clock);
    this.#shadow = shadow;
    this.#budget = budget;
    this.#log = new ShadowLog({
      sink: run,
      redaction,
      exchangesAreRedacted: false,
      // Users' own credentials may be shown to them by the primary too; the operator's are seen by the targets only.
      secrets:
        settings.credentials.kind === "replace" ? new SentSecrets({ always: putInBy(settings.credentials.headers, redaction) }) : undefined,
      comparison: this.#comparison(),
      // One probe asks the candidate and one control.
      probe: async (id, request, times) => {
        if (shadow.isFailing || !(await budget.take(2 * times)) || shadow.isFailing) return null;
        return await shadow.probe(id, request, times, (send) =>
          this.mirror.probing(() => (shadow.isFailing ? Promise.resolve(null) : send())),
        );
      },
    });
    this.mirror = new Mirror({
      shadow,
      log: this.#log,
      settings: settings.mirror,
      guard,
      credentials,
      clock,
      dispose,
      onSent: (sends) => budget.mirrored(sends),
      onError: (id, error) => problems.tell(problemOf(error), { id }),
    });
  }

  /** Never rejects. */
  async #tellProblem(target: Target): Promise<void> {
    const problem = await target.problem();
    if (problem === null) return;
    const { what, next } = problem;
    this.#options.log.warn("mirror.target-unreachable", { target: target.name, url: target.url.origin, problem: `${what}; ${next}` });
  }

  /** Decides what is probed, and stops writes as soon as the targets are seen to share a state. */
  #comparison(): LiveComparing {
    const { rules = [], endpoints = [] } = this.#options.shadow;
    const live = new LiveComparison({ maxProbes: unboundedProbes, rules, endpoints });
    const shared = new SharedState();
    let told = false;
    return {
      observe: (observation) => {
        shared.observe(observation);
        if (!shared.needsTrials) this.#shadow.endWriteTrials();
        if (shared.found !== null && !told) {
          told = true;
          this.mirror.stopWrites();
          this.#shadow.stopWrites("shared_state");
          this.#options.log.warn("mirror.writes-stopped", { problem: `the targets share a state: ${shared.found}` });
        }
        const result = live.observe(observation);
        this.#options.figures.observed(observation, result);
        for (const { signature, e } of result.alarms ?? []) this.#options.log.warn("difference.alarm", { ...signature, e });
        return result;
      },
    };
  }

  get probes(): number {
    return this.#log.probes;
  }

  /** Lets what is under way end within a bound, disposes of the rest and finishes the run. */
  async end(): Promise<void> {
    const { clock, log } = this.#options;
    this.#budget.endPatience();
    const inTime = await Promise.race([this.#quiet(), sleep(clock, endWithin).then(() => false)]);
    this.#budget.close();
    this.mirror.close();
    this.#log.close();
    this.#shadow.abort("interrupted");
    await this.mirror.sendsEnded();
    this.mirror.abandonRest();
    // Not interrupted: a live run ends when its sidecar does, and what was still under way is counted by its reason.
    try {
      this.#run.finish();
    } catch (error) {
      // A full disk: the run stays unfinished, and says so to whoever judges it.
      log.warn("run.unfinished", { problem: problemOf(error) });
    }
    await Promise.all(this.#targets.map((target) => target.close()));
    const { submitted, done } = this.mirror.counters;
    log.info("mirror.ended", { submitted, done, different: this.#log.different, probes: this.#log.probes, inTime });
  }

  /** Resolves to true when nothing is under way. A fault of a probe is told; it costs the run that probe only. */
  async #quiet(): Promise<boolean> {
    await this.mirror.idle();
    try {
      await this.#log.idle();
    } catch (error) {
      this.#options.log.warn("probe.error", { problem: problemOf(error) });
    }
    return true;
  }
}
