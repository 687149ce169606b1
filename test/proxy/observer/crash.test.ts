/** The process that records is killed at random moments, under load.
 *
 *    this test: the live process's ledger ◄── lines ── crash-child.ts: the real recorder ──► directory
 *                       └─ SIGKILL at a random moment ──────┘
 *
 * One life of the live process loses a few observers and ends in order; the next dies with its observer. After every kill
 * the recording has to open and check, and what is missing is at most the batch that was pending, all of it counted as lost. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import { type Random, seededRandom } from "../../../model/random.ts";
import { conservationFaults, Ledger } from "../../../proxy/live/ledger.ts";
import { committedSequences } from "../../../recording/committed-sequences.ts";
import { storeFinalCounters } from "../../../recording/final-counters.ts";
import { openRecording } from "../../../recording/open.ts";
import { segmentPaths } from "../../../recording/recording-directory.ts";
import { verifyRecording } from "../../../recording/verify.ts";
import { temporaryDirectories } from "../../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const child = fileURLToPath(new URL("./crash-child.ts", import.meta.url));

const recordings = 40;
/** Of the first life of a recording; with the one of its second they make 200 in all. */
const killsOfFirstLife = 4;
const atOnce = 4;
const largestBatch = 256;
/** From the child's first line: it opens the recording, heals what was left, and records for some batches. */
const latestKillMs = 80;

/** A live process: its ledger, and the sequences that it gives out. */
interface Life {
  readonly ledger: Ledger;
  captured: number;
  readonly done: Set<number>;
}

interface Scene {
  readonly path: string;
  readonly compileCache: string;
  readonly random: Random;
}

const newLife = (epoch: string): Life => ({ ledger: new Ledger(epoch), captured: 0, done: new Set() });

function startObserver(life: Life, { path, compileCache, random }: Scene): ChildProcess {
  const load = [path, life.ledger.epoch, String(life.captured + 1), String(random.below(2 ** 31))];
  return spawn(process.execPath, [child, ...load], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
}

/** Every line that got through until the observer has ended; each is shorter than what a pipe takes at once, so none is cut. */
async function listen(life: Life, { stdout }: ChildProcess): Promise<void> {
  if (stdout === null) return;
  for await (const line of createInterface({ input: stdout })) {
    const [what, sequence, result] = line.split(" ");
    if (what === "c") capture(life, Number(sequence));
    else if (what === "d" && result === "done") {
      life.ledger.dispose(Number(sequence), { part: "record", result: "done" });
      life.done.add(Number(sequence));
    } else if (what !== "opening") throw new Error(`the observer said: ${line}`);
  }
}

function capture(life: Life, sequence: number): void {
  expect(life.ledger.begin()).toBe(sequence);
  life.ledger.capture(sequence);
  life.ledger.dispose(sequence, { part: "mirror", result: "off" });
  life.captured = sequence;
}

/** @returns the sequences that the observer left on disk */
async function killAtRandom(life: Life, scene: Scene): Promise<number[]> {
  const before = life.captured;
  const observer = startObserver(life, scene);
  const heard = listen(life, observer);
  const exit = once(observer, "exit");
  if (observer.stdout !== null) await once(observer.stdout, "data");
  await new Promise((resolve) => {
    setTimeout(resolve, scene.random.next() * latestKillMs);
  });
  observer.kill("SIGKILL");
  await Promise.all([heard, exit]);
  life.ledger.observerLost();

  // What was told as recorded is there; what is not, is the end of what was captured, and no more than a batch.
  const onDisk = committedSequences(scene.path, life.ledger.epoch);
  const kept = new Set(onDisk);
  expect([...life.done].filter((sequence) => !kept.has(sequence))).toEqual([]);
  const mine = onDisk.filter((sequence) => sequence > before);
  expect(mine).toEqual(Array.from({ length: mine.length }, (_, index) => before + 1 + index));
  expect(life.captured - before - mine.length).toBeLessThanOrEqual(largestBatch);
  return onDisk;
}

/** Opens and checks everything that the lives so far have left. */
async function checkRecording(path: string, expected: number): Promise<void> {
  if (existsSync(path) && segmentPaths(path).length > 0) {
    expect(await verifyRecording(path)).toMatchObject({ exchanges: expected, problems: [] });
    return;
  }
  // Killed before the directory, or the first segment, was made: nothing was recorded, and reading says so.
  expect(expected).toBe(0);
  await expect(verifyRecording(path)).rejects.toThrow(/has no segments|does not exist/);
}

/** @returns how many observers were killed, and how many exchanges were lost with them */
async function liveAndDie(scene: Scene): Promise<{ readonly kills: number; readonly lost: number }> {
  // 1. A live process whose observers die; the last one ends with it, in order.
  const first = newLife("first");
  for (let kill = 0; kill < killsOfFirstLife; kill++) {
    const onDisk = await killAtRandom(first, scene);
    await checkRecording(scene.path, onDisk.length);
  }
  const last = startObserver(first, scene);
  const heard = listen(first, last);
  last.stdin?.end();
  const [code] = (await once(last, "exit")) as [number];
  await heard;
  expect(code).toBe(0);
  const snapshot = first.ledger.snapshot();
  expect(storeFinalCounters(scene.path, systemClock.now(), snapshot)).toBe(true);

  // 2. The ledger knows what became of every exchange, and `verify` recounts it.
  expect(conservationFaults(snapshot)).toEqual([]);
  expect(snapshot.captured).toBe(snapshot.recorded + snapshot.recordDropped.observer_lost);
  expect(snapshot.recorded).toBe(committedSequences(scene.path, "first").length);
  const { ledgers } = await verifyRecording(scene.path);
  expect(ledgers).toMatchObject([{ epoch: "first", isFinal: true, recorded: snapshot.recorded, problems: [] }]);

  // 3. Another live process, which dies with its observer.
  const second = await killAtRandom(newLife("second"), scene);
  await checkRecording(scene.path, snapshot.recorded + second.length);
  const recording = await openRecording(scene.path);
  expect((await Array.fromAsync(recording.exchanges())).length).toBe(snapshot.recorded + second.length);
  recording.close();
  return { kills: killsOfFirstLife + 1, lost: snapshot.recordDropped.observer_lost };
}

describe("a recording whose process is killed at 200 random moments", () => {
  it("opens, checks, has lost at most the last batch each time, and its ledger says what", { timeout: 120_000 }, async () => {
    const scratch = directory();
    const compileCache = join(scratch, "compiled");
    const scenes = Array.from({ length: recordings }, (_, seed): Scene => {
      return { path: join(scratch, `recording-${seed}`), compileCache, random: seededRandom(seed) };
    });
    let kills = 0;
    let lost = 0;
    const worker = async (): Promise<void> => {
      for (let scene = scenes.pop(); scene !== undefined; scene = scenes.pop()) {
        const ended = await liveAndDie(scene);
        kills += ended.kills;
        lost += ended.lost;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    expect(kills).toBe(recordings * (killsOfFirstLife + 1));
    // Else the kills came when nothing was at stake.
    expect(lost).toBeGreaterThan(0);
  });
});
