/** One trial: steady load through the real command line, first without the fault and then with it.
 *
 *    users ══► penumbra proxy ══► primary         calm ──► fault begins ──► load goes on ──► fault ends ──► drain ──► verify
 *                    └──► observer ──► candidate, control, recording, run                                                  */

import { join } from "node:path";
import { type RunningSidecar, runPenumbra, startSidecarProcess } from "../../../cli/demo/penumbra.ts";
import type { LedgerSnapshot } from "../../../proxy/live/ledger.ts";
import type { SidecarCounters } from "../../../proxy/live/sidecar-counters.ts";
import { openRun } from "../../../recording/run.ts";
import type { Verification } from "../../../recording/verify.ts";
import { childrenOf } from "../../support/processes.ts";
import type { SmallDisk } from "./full-disk.ts";
import { Load, type LoadOptions, type LoadResult } from "./load.ts";
import { peakMemory, type Scrutinised, Scrutiny } from "./scrutiny.ts";
import { Targets } from "./targets.ts";
import type { TargetName } from "./targets-child.ts";
import { usualMix } from "./traffic.ts";

export interface Fault {
  /** As the table shows it. */
  readonly name: string;
  /** Options of the sidecar besides the usual ones; `scratch` is a directory of the trial's own. */
  readonly options?: (scratch: string) => readonly string[];
  /** Where the recording and the run are made, when not in the scratch directory. */
  readonly disk?: (scratch: string) => SmallDisk;
  /** More users while the fault lasts; they must not notice anything either, but only the steady ones are timed. */
  readonly alongside?: Omit<LoadOptions, "url">;
  /** For faults that take longer than the others to show. */
  readonly leastMs?: number;
  /** Makes it happen.
   * @returns how it ends; null = it stays */
  readonly begin: (world: World) => Promise<Ending> | Ending;
  /** The load goes on until the sidecar is its old self again. */
  readonly healed?: (world: World) => boolean;
  /** Whether the fault was really there: a trial in which nothing went wrong proves nothing. */
  readonly showed: (trial: Trial) => boolean;
}

export type Ending = (() => void) | null;

/** What a fault may reach. */
export interface World {
  readonly scratch: string;
  readonly sidecar: RunningSidecar;
  readonly targets: Targets;
  readonly disk: SmallDisk | null;
  /** The latest `/counters`. */
  readonly counters: () => SidecarCounters;
  /** Process ids of the observers that run now. */
  readonly observers: () => readonly number[];
}

/** Everything that was seen. */
export interface Trial {
  readonly fault: string;
  readonly calm: LoadResult;
  readonly faulty: LoadResult;
  /** Once the fault has ended. */
  readonly after: LoadResult;
  readonly healed: boolean;
  readonly scrutinised: Scrutinised;
  /** Of the live process, in bytes; null where the system does not tell. */
  readonly peakMemory: number | null;
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly verified: Verification & { readonly exitCode: number | null };
  /** The ledger after the drain, as the recording keeps it; null when it could not be kept. */
  readonly finalLedger: LedgerSnapshot | null;
  /** How many requests candidate and control treated as they had been told to. */
  readonly misbehaved: Readonly<Record<TargetName, number>>;
  /** How often a target's outcome was of a kind, in the run. */
  readonly outcomes: Readonly<Record<TargetName, Readonly<Record<string, number>>>>;
}

export interface TrialSetting {
  readonly primaryUrl: string;
  /** An empty directory. */
  readonly scratch: string;
  readonly calmMs: number;
  readonly faultMs: number;
}

/** The load goes on in pieces of this length after a fault, until the sidecar has healed; a minute at most. */
const afterMs = 500;
const mostAfters = 120;
const clients = 20;
const perSecond = 80;
/** Short enough that hung targets time out within a trial, and that a drain need not wait for them long. */
const mirrorTimeout = "700ms";
const budget = "16MiB";

export async function runTrial(fault: Fault, setting: TrialSetting): Promise<Trial> {
  // 1. The world: targets, sidecar, users.
  const { scratch } = setting;
  await using left = new AsyncDisposableStack();
  const disk = fault.disk?.(scratch) ?? null;
  left.defer(() => disk?.remove());
  const place = disk?.place ?? scratch;
  const [recording, run] = [join(place, "recording"), join(place, "run")];
  const targets = await Targets.start();
  left.defer(() => targets.stop());
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", setting.primaryUrl],
    ...["--candidate", targets.url("candidate"), "--control", targets.url("control"), "--mirror-timeout", mirrorTimeout],
    ...["--record", recording, "--run", run, "--sample", "100%", "--key-file", join(scratch, "key"), "--budget", budget],
    ...(fault.options?.(scratch) ?? []),
  ]);
  const pid = sidecar.process.pid ?? 0;
  left.defer(async () => {
    // Nothing is left of a trial that broke off; after one that did not, they are gone already.
    if (sidecar.process.exitCode === null) for (const each of [pid, ...childrenOf(pid)]) process.kill(each, "SIGKILL");
    await sidecar.ended;
  });
  const load = await Load.start({ url: sidecar.url, clients, perSecond, mix: usualMix });
  left.defer(() => load.stop());
  const scrutiny = await Scrutiny.start(sidecar.adminUrl ?? "");

  // 2. The same load without the fault and with it.
  const calm = await load.run(setting.calmMs);
  const world: World = { scratch, sidecar, targets, disk, counters: () => scrutiny.counters, observers: () => childrenOf(pid) };
  let end = await fault.begin(world);
  left.defer(() => end?.());
  const faulty = await underFault(fault, setting, load, sidecar.url);
  end?.();
  end = null;
  const after = [await load.run(afterMs)];
  let healed = fault.healed?.(world) ?? true;
  while (!healed && after.length < mostAfters) {
    after.push(await load.run(afterMs));
    healed = fault.healed?.(world) ?? true;
  }

  // 3. The end in order, and what was kept.
  const scrutinised = await scrutiny.stop();
  const memory = peakMemory(pid);
  load.stop();
  const ended = await sidecar.stop();
  const misbehaved = await targets.misbehaved();
  const verification = await runPenumbra(["verify", recording, "--json"]);
  const verified = { ...(JSON.parse(verification.stdout) as Verification), exitCode: verification.code };
  const ledger = verified.ledgers.findLast(({ isFinal }) => isFinal)?.snapshot;
  const outcomes = await outcomesOf(run);
  return {
    fault: fault.name,
    calm,
    faulty,
    after: joined(after),
    healed,
    scrutinised,
    peakMemory: memory,
    exitCode: ended.code,
    stderr: ended.stderr,
    verified,
    finalLedger: ledger === undefined ? null : (ledger as unknown as LedgerSnapshot),
    outcomes,
    misbehaved,
  };
}

async function underFault({ alongside, leastMs }: Fault, { faultMs }: TrialSetting, load: Load, url: string): Promise<LoadResult> {
  const lasts = Math.max(faultMs, leastMs ?? 0);
  if (alongside === undefined) return load.run(lasts);
  const others = await Load.start({ ...alongside, url });
  const [timed, more] = await Promise.all([load.run(lasts), others.run(lasts)]);
  others.stop();
  return joined([timed, { ...more, took: [] }]);
}

function joined(results: readonly LoadResult[]): LoadResult {
  return {
    requests: results.reduce((total, { requests }) => total + requests, 0),
    failures: results.flatMap(({ failures }) => failures),
    took: results.flatMap(({ took }) => took),
  };
}

async function outcomesOf(directory: string): Promise<Trial["outcomes"]> {
  const counts: Record<TargetName, Record<string, number>> = { candidate: {}, control: {} };
  const count = (target: TargetName, kind: string): void => {
    counts[target][kind] = (counts[target][kind] ?? 0) + 1;
  };
  for await (const entry of (await openRun(directory)).entries()) {
    if (entry.kind !== "observation") continue;
    const { candidate, controls } = entry.observation;
    if (candidate !== null) count("candidate", candidate.outcome.kind);
    for (const control of controls) count("control", control.outcome.kind);
  }
  return counts;
}
