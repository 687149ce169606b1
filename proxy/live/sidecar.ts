/** The live process, put together.
 *
 *    client ──► Entrance (splice or gateway) ◄──► primary
 *                  └──► sampling ──► HandOver ──pipe──► observer (Supervisor)
 *    operator ──► admin         └──► Ledger
 */

import type { ChildProcess } from "node:child_process";
import type { AddressInfo, Server } from "node:net";
import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Random } from "../../model/random.ts";
import { type Bytes, bytes, type Milliseconds, milliseconds } from "../../model/units.ts";
import { type AdminOptions, createAdmin } from "./admin.ts";
import { noneUnobserved, type WatchContext } from "./connection-watch.ts";
import type { Entrance, EntranceEvent, EntranceSurroundings, TlsIdentity } from "./entrance.ts";
import { HandOver } from "./hand-over.ts";
import { HeadView } from "./head-view.ts";
import { HeldConnections } from "./held-connections.ts";
import type { LaneKey } from "./lane-key.ts";
import { Ledger } from "./ledger.ts";
import { LoadGuard } from "./load-guard.ts";
import { sidecarMetrics } from "./metrics.ts";
import { Sampler, type Sampling } from "./sampling.ts";
import type { SamplingRule } from "./sampling-rules.ts";
import type { SidecarCounters } from "./sidecar-counters.ts";
import { type StopResult, Supervisor, type SupervisorEvent } from "./supervisor.ts";

export type SidecarEvent =
  | SupervisorEvent
  | EntranceEvent
  | { readonly name: "scan.fault"; readonly error: unknown }
  | { readonly name: "sampling.share"; readonly share: number; readonly latestMs: number }
  | { readonly name: "drain.begun"; readonly connections: number }
  | { readonly name: "drain.ended"; readonly cut: number; readonly observer: StopResult };

export interface SidecarOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** How clients are served: the splice's entrance or the gateway's. */
  readonly entrance: (surroundings: EntranceSurroundings) => Entrance;
  readonly sampling: Sampling;
  /** Requests that are sampled at other rates; absent = none. */
  readonly samplingRules?: readonly SamplingRule[];
  readonly laneKey?: LaneKey;
  /** 16 bytes for the keyed hash of lanes; replicas with the same key decide alike. */
  readonly key: Uint8Array;
  /** Bytes that may wait for the observer. Default 64 MiB. */
  readonly budget?: Bytes;
  /** Sampling is halved while the event loop is later than this; 0 = never. Default 50 ms. */
  readonly maxLoopDelay?: Milliseconds;
  readonly admin: AdminOptions | null;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes what the sidecar will write to, once its addresses are its own and before anybody is served. What it throws ends the start. */
  readonly claim?: () => Promise<void>;
  /** Starts the observer process with a pipe as file descriptor 3; the epoch names this life of the sidecar. */
  readonly spawnObserver: (epoch: string) => ChildProcess;
  readonly log: (event: SidecarEvent) => void;
}

export interface DrainOptions {
  /** Not ready, but still accepting: time for a load balancer to look away. Default 0. */
  readonly delay?: Milliseconds;
  /** For exchanges in flight; what is left then is cut. Default 10 s. */
  readonly bound?: Milliseconds;
  /** For the observer to end what is under way and flush; then it is killed. Default 20 s. */
  readonly observerBound?: Milliseconds;
}

export interface DrainResult {
  /** Connections that were still at work, or not observed, at the bound. */
  readonly cut: number;
  readonly observer: StopResult;
}

export interface Sidecar {
  readonly address: AddressInfo;
  readonly adminAddress: AddressInfo | null;
  readonly ledger: Ledger;
  /** null = ready for traffic, else why not. */
  notReady(): string | null;
  counters(): SidecarCounters;
  sampling(): Sampling;
  setSampling(sampling: Sampling): void;
  setSamplingRules(rules: readonly SamplingRule[]): void;
  /** New connections get this certificate.
   * @throws PenumbraError BAD_CERTIFICATE, and the old one stays */
  renewCertificate(tls: TlsIdentity): void;
  /** Resets every connection at once: for an end without a drain. */
  cut(): void;
  /** Process id of the observer, null while there is none. */
  observerPid(): number | null;
  /** Ends in order: not ready, stop accepting, finish what is in flight, let the observer flush. Never rejects;
   * a second call returns the first one's promise. */
  drain(options?: DrainOptions): Promise<DrainResult>;
}

const defaultBudget: Bytes = bytes(64 * 1024 * 1024);
/** What a user begins to notice. */
const defaultMaxLoopDelay: Milliseconds = milliseconds(50);
const defaultDrainBound: Milliseconds = milliseconds(10_000);
const defaultObserverBound: Milliseconds = milliseconds(20_000);
/** The first requests should be copied as well, but service must not wait long for an observer. */
const observerStartBound: Milliseconds = milliseconds(5000);
/** Takes the addresses, then what `claim` takes, starts the observer, and serves.
 * @throws PenumbraError for what an operator can put right; nothing listens then, and no observer was started */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { clock, log } = options;
  const ledger = new Ledger(newEpoch(options));
  const sampler = new Sampler({
    key: options.key,
    epoch: ledger.epoch,
    laneKey: options.laneKey ?? { kind: "usual" },
    sampling: options.sampling,
    ...(options.samplingRules === undefined ? {} : { rules: options.samplingRules }),
  });
  const handOver = new HandOver(ledger, options.budget ?? defaultBudget, clock);
  const samplingNow = (): SidecarCounters["sampling"] => ({ ...sampler.sampling, share: sampler.share });
  const supervisor = new Supervisor({
    spawnObserver: () => options.spawnObserver(ledger.epoch),
    handOver,
    ledger,
    sampling: samplingNow,
    clock,
    log,
  });
  const unobserved = noneUnobserved();
  const fault = (error: unknown): void => log({ name: "scan.fault", error });
  const context: WatchContext = { clock, ledger, sampler, handOver, view: new HeadView(), unobserved, fault };
  const entrance = options.entrance({ context, log });

  let phase: "starting" | "serving" | "draining" = "starting";
  const notReady = (): string | null => (phase === "serving" ? entrance.notReady : phase);
  const counters = (): SidecarCounters => ({
    ledger: ledger.snapshot(),
    connections: {
      accepted: entrance.accepted,
      open: entrance.open,
      unobserved: { ...unobserved },
      primaryFailures: entrance.primaryFailures,
      acceptFailures: { ...entrance.acceptFailures },
    },
    backlogBytes: handOver.backlog,
    observer: { state: supervisor.state, restarts: supervisor.restarts },
    sampling: samplingNow(),
  });
  const setSampling = (sampling: Sampling): void => {
    sampler.sampling = sampling;
  };
  const sampling = (): Sampling => sampler.sampling;
  const admin =
    options.admin === null
      ? null
      : createAdmin(options.admin, {
          notReady,
          counters,
          sampling,
          setSampling,
          metrics: sidecarMetrics(counters, () => supervisor.figures),
        });

  const guard = new LoadGuard({
    clock,
    bound: options.maxLoopDelay ?? defaultMaxLoopDelay,
    changed: (share, worst) => {
      sampler.share = share;
      log({ name: "sampling.share", share, latestMs: Math.round(worst) });
    },
  });
  const held = new HeldConnections(entrance.server);
  try {
    await listen(entrance.server, options.listen.host, options.listen.port);
    if (admin !== null && options.admin !== null) await listen(admin, options.admin.host, options.admin.port);
    await options.claim?.();
  } catch (error) {
    held.refuse();
    entrance.server.close();
    admin?.close();
    throw error;
  }
  supervisor.start();
  await supervisor.untilReady(observerStartBound);
  phase = "serving";
  held.begin();
  guard.start();

  const drainOnce = async (drain: DrainOptions): Promise<DrainResult> => {
    phase = "draining";
    guard.stop();
    log({ name: "drain.begun", connections: entrance.open });
    if (drain.delay !== undefined) await new Promise<void>((resolve) => clock.after(drain.delay ?? milliseconds(0), resolve));
    const cut = await entrance.drain(drain.bound ?? defaultDrainBound);
    const observer = await supervisor.stop(drain.observerBound ?? defaultObserverBound);
    admin?.close();
    admin?.closeAllConnections();
    log({ name: "drain.ended", cut, observer });
    return { cut, observer };
  };
  let drained: Promise<DrainResult> | null = null;
  return {
    address: entrance.server.address() as AddressInfo,
    adminAddress: admin === null ? null : (admin.address() as AddressInfo),
    ledger,
    notReady,
    counters,
    sampling,
    setSampling,
    setSamplingRules: (rules) => {
      sampler.rules = rules;
    },
    renewCertificate: (tls) => entrance.renewCertificate(tls),
    cut: () => entrance.cut(),
    observerPid: () => supervisor.pid,
    drain: (drain = {}) => {
      drained ??= drainOnce(drain);
      return drained;
    },
  };
}

/** Unique across instances and restarts: the start in milliseconds and 32 random bits, in hex. */
function newEpoch({ clock, random }: SidecarOptions): string {
  const randomBits = 2 ** 32;
  return Math.floor(clock.now()).toString(16) + random.below(randomBits).toString(16).padStart(8, "0");
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const isTaken = error.code === "EADDRINUSE";
      const what = isTaken ? "is in use" : `cannot be used (${error.code ?? error.message})`;
      const hint = isTaken
        ? "stop what listens there or choose another port"
        : "give an address of this machine, and a port that you may use";
      reject(new PenumbraError("ADDRESS_UNUSABLE", `address ${host}:${port} ${what}`, hint, error));
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
