/** penumbra demo: a real shop in two versions, real concurrent traffic, a live comparison, a replay, a report.
 *    shoppers ──► sidecar ──► production (old)        then:  recording ──► candidate (new)
 *                    └──► candidate (new), control (old)              └──► control (old)      */

import { once } from "node:events";
import { join } from "node:path";
import { sleep, systemClock } from "../../model/clock.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { addToAcceptedFile } from "../accepted-file.ts";
import { command } from "../command.ts";
import { type Ended, startPenumbra, startSidecarProcess } from "../demo/penumbra.ts";
import type { Program } from "../demo/program.ts";
import { checkInstalled, type ShopBuild, startShop } from "../demo/shop.ts";
import { shopHost, shoppersTraffic } from "../demo/shoppers.ts";
import { type DriveResult, drive } from "../demo/traffic.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { readStoredReport } from "../judging.ts";
import { makeOutputDirectory } from "../output-file.ts";
import { defaultRunDirectory } from "../places.ts";
import { note, print } from "../terminal.ts";

/** Enough that every kind of request is sent by some twenty sessions: evidence is counted by session. */
const shoppers = 64;
/** Shoppers read between clicks; and the whole scene, seven processes, has to fit on a small machine. */
const longestPauseMs = 300;
/** Of shoppers, for a dashboard that is kept: what they write stays in the shop's memory. */
const mostRounds = 100;

interface DemoPlace {
  readonly directory: string;
  readonly recording: string;
  readonly live: string;
  readonly replay: string;
  /** Of a dashboard that is kept: its run, and what is accepted on it. */
  readonly dashboard: string;
  readonly accepted: string;
  readonly keyFile: string;
}

export const demoCommand = command({
  name: "demo",
  about: "See it work: a real application in two versions under real concurrent traffic, compared live and in replay.",
  positional: [],
  options: ["seed", "equal", "keep", "out"],
  example: "penumbra demo",
  async run(values) {
    checkInstalled();
    const interrupt = catchInterrupt();
    const place = makePlace(values.out ?? defaultRunDirectory(systemClock.now()));
    const candidate: ShopBuild = values.equal ? "old" : "new";
    note(`Production and control run json-server 0.17.4, the candidate ${values.equal ? "too" : "1.0.0-beta.15"}.`);
    try {
      const live = await liveAct(place, candidate, values.seed, interrupt.signal);
      const replay = live === null ? null : await replayAct(place, candidate, values.seed, interrupt.signal);
      const interrupted = interrupt.exitCode();
      if (interrupted !== null || live === null || replay === null) {
        note(`penumbra: interrupted; what was recorded and compared until now is kept in ${place.directory}`);
        return interrupted ?? exitCode.interrupted;
      }
      const code = tell(place, live, replay, values.equal);
      if (values.keep) await keepAct(place, candidate, values.seed, interrupt.signal);
      return code;
    } finally {
      interrupt.release();
    }
  },
});

function makePlace(directory: string): DemoPlace {
  makeOutputDirectory(directory);
  return {
    directory,
    recording: join(directory, "recording"),
    live: join(directory, "live"),
    replay: join(directory, "replay"),
    dashboard: join(directory, "dashboard"),
    accepted: join(directory, "accepted.yaml"),
    keyFile: join(directory, "key"),
  };
}

/** Shoppers use the shop through the sidecar while candidate and control get copies. Null when it was interrupted. */
async function liveAct(place: DemoPlace, candidate: ShopBuild, seed: number, signal: AbortSignal): Promise<Ended | null> {
  await using cleanUp = new AsyncDisposableStack();
  const [production, newBuild, control] = await startShops(cleanUp, ["old", candidate, "old"]);
  if (signal.aborted || production === undefined || newBuild === undefined || control === undefined) return null;
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--primary", production.url, "--candidate", newBuild.url, "--control", control.url],
    ...["--record", place.recording, "--run", place.live, "--sample", "100%", "--mirror-writes"],
    ...["--key-file", place.keyFile, "--seed", String(seed)],
  ]);
  cleanUp.defer(async () => {
    await sidecar.stop();
  });
  note(`1. Live: ${shoppers} shoppers use the shop through the sidecar at ${sidecar.url} …`);
  const driven = await drive({ url: sidecar.url, host: shopHost, requests: shoppersTraffic(seed, shoppers), think: pauses(seed), signal });
  const ended = await sidecar.stop();
  if (signal.aborted) return null;
  note(`   ${driven.answers.size} requests answered, ${driven.failures.length} failed; ${summaryOf(place.live)}`);
  throwOnFailures(driven, ended);
  return ended;
}

/** The recording is sent again to fresh copies, as it was in time and order. Null when it was interrupted. */
async function replayAct(place: DemoPlace, candidate: ShopBuild, seed: number, signal: AbortSignal): Promise<Ended | null> {
  await using cleanUp = new AsyncDisposableStack();
  const [newBuild, control] = await startShops(cleanUp, [candidate, "old"]);
  if (signal.aborted || newBuild === undefined || control === undefined) return null;
  note("2. Replay: the recording is sent to fresh copies of candidate and control …");
  const child = startPenumbra([
    ...["replay", place.recording, "--candidate", newBuild.url, "--control", control.url, "--writes", "--out", place.replay],
    // Everything runs on this one machine, so that a late request says little.
    ...["--key-file", place.keyFile, "--seed", String(seed), "--max-lateness", "30s"],
  ]);
  signal.addEventListener("abort", () => child.process.kill("SIGINT"), { once: true });
  // Awaited here: the programs are stopped when this function returns.
  const ended = await child.ended;
  return signal.aborted ? null : ended;
}

/** Shoppers go on in fresh copies of the shop, for whoever looks at the dashboard, until Ctrl-C. */
async function keepAct(place: DemoPlace, candidate: ShopBuild, seed: number, signal: AbortSignal): Promise<void> {
  await using cleanUp = new AsyncDisposableStack();
  const [production, newBuild, control] = await startShops(cleanUp, ["old", candidate, "old"]);
  if (signal.aborted || production === undefined || newBuild === undefined || control === undefined) return;
  addToAcceptedFile(place.accepted, []);
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--primary", production.url, "--candidate", newBuild.url, "--control", control.url],
    ...["--run", place.dashboard, "--sample", "100%", "--mirror-writes", "--ui", "127.0.0.1:0", "--accept", place.accepted],
    ...["--key-file", place.keyFile, "--seed", String(seed)],
  ]);
  cleanUp.defer(async () => {
    await sidecar.stop();
  });
  print(`dashboard:   ${sidecar.dashboardUrl ?? ""} (Ctrl-C ends it)`);
  for (let round = 1; round <= mostRounds && !signal.aborted; round++) {
    const requests = shoppersTraffic(seed + round, shoppers);
    await drive({ url: sidecar.url, host: shopHost, requests, think: pauses(seed + round), signal });
  }
  if (!signal.aborted) await once(signal, "abort");
}

/** Starts all, or none: what did start is stopped with `cleanUp` when another did not. */
async function startShops(cleanUp: AsyncDisposableStack, builds: readonly ShopBuild[]): Promise<Program[]> {
  const attempts = await Promise.allSettled(builds.map((build) => startShop(build)));
  for (const attempt of attempts) if (attempt.status === "fulfilled") cleanUp.defer(() => attempt.value.stop());
  return attempts.map((attempt) => {
    if (attempt.status === "rejected") throw attempt.reason;
    return attempt.value;
  });
}

function pauses(seed: number): () => Promise<void> {
  const random = seededRandom(seed);
  return async () => {
    await sleep(systemClock, milliseconds(random.next() * longestPauseMs));
  };
}

function throwOnFailures(driven: DriveResult, ended: Ended): void {
  if (driven.failures.length === 0) return;
  throw new Error(`requests failed through the sidecar: ${driven.failures.slice(0, 3).join("; ")}\n${ended.stderr}`);
}

function summaryOf(run: string): string {
  const { totals, findings } = readStoredReport(run);
  const real = findings.filter((finding) => finding.state === "new").length;
  return `${totals.compared} compared, ${totals.different} differ, ${real} findings`;
}

function tell(place: DemoPlace, live: Ended, replay: Ended, equal: boolean): number {
  note(`   ${summaryOf(place.replay)}\n`);
  print(replay.stdout);
  const both = agreement(readStoredReport(place.live), readStoredReport(place.replay));
  print(`live comparison and replay agree on ${both.common} findings (only live: ${both.onlyLive}, only replay: ${both.onlyReplay})`);
  print(`live report: ${join(place.live, "report.html")}`);
  print(`report:      ${join(place.replay, "report.html")}`);
  const verdicts = [place.live, place.replay].map((run) => readStoredReport(run).verdict);
  const expected = equal ? "pass" : "fail";
  if (verdicts.every((verdict) => verdict === expected)) return exitCode.pass;
  note(
    `penumbra: the demo did not run as it should: live ${verdicts[0]}, replay ${verdicts[1]}, expected ${expected}\n${live.stderr}${replay.stderr}`,
  );
  return exitCode.fail;
}

function agreement(live: Report, replay: Report): { common: number; onlyLive: number; onlyReplay: number } {
  const liveIds = newFindings(live);
  const replayIds = newFindings(replay);
  return {
    common: liveIds.intersection(replayIds).size,
    onlyLive: liveIds.difference(replayIds).size,
    onlyReplay: replayIds.difference(liveIds).size,
  };
}

function newFindings(report: Report): Set<string> {
  return new Set(report.findings.filter((finding) => finding.state === "new").map((finding) => finding.id));
}
