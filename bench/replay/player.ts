/** One replay in a process of its own, measured from inside: `node player.ts RECORDING OUT PACE CANDIDATE [CONTROL]` does what
 * `penumbra replay` does, judging aside, and prints what it cost as JSON. PACE is JSON of a `Pace`. */

import { randomUUID } from "node:crypto";
import { systemClock } from "../../model/clock.ts";
import type { ReplayFacts } from "../../model/observation.ts";
import { milliseconds } from "../../model/units.ts";
import { openRecording } from "../../recording/open.ts";
import { Redactor } from "../../recording/redaction.ts";
import { defaultMaxProbes, replay } from "../../replayer/replay.ts";
import type { Pace } from "../../replayer/schedule.ts";
import { selectAll } from "../../replayer/selection.ts";
import { Target } from "../../target/target.ts";

export interface Played {
  readonly facts: ReplayFacts;
  readonly different: number;
  readonly seconds: number;
  /** User and system time of the whole process between the replay's begin and end, all its threads together. */
  readonly cpuMicros: number;
  readonly residentMiB: { readonly before: number; readonly peak: number };
}

const timeoutMs = 10_000;
const bytesPerMiB = 2 ** 20;
const kibibytesPerMiB = 2 ** 10;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const [path = "", out = "", pace = "", ...urls] = process.argv.slice(2);
  const recording = await openRecording(path);
  const [candidate, ...controls] = urls.map(
    (url, index) => new Target({ name: index === 0 ? "candidate" : "control", url, timeoutMs, clock: systemClock }),
  );
  if (candidate === undefined) throw new Error("no candidate is given");
  const before = { cpu: process.cpuUsage(), at: performance.now(), resident: process.memoryUsage.rss() };
  const { facts, different } = await replay({
    recordings: [recording],
    candidate,
    controls,
    redaction: new Redactor({ key: new Uint8Array(32), mode: "token" }),
    run: { id: randomUUID(), labels: {}, targets: { primary: path, candidate: urls[0] ?? null, controls: urls.slice(1) } },
    out: { directory: out, force: true },
    selection: selectAll,
    pace: JSON.parse(pace) as Pace,
    order: "causal",
    writeScope: "segment",
    correlate: true,
    writes: true,
    headers: [],
    seed: 1,
    maxLateness: milliseconds(10),
    holdMs: milliseconds(timeoutMs),
    maxProbes: defaultMaxProbes,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  const { user, system } = process.cpuUsage(before.cpu);
  const played: Played = {
    facts,
    different,
    seconds: (performance.now() - before.at) / 1000,
    cpuMicros: user + system,
    residentMiB: {
      before: Math.round(before.resident / bytesPerMiB),
      peak: Math.round(process.resourceUsage().maxRSS / kibibytesPerMiB),
    },
  };
  console.log(JSON.stringify(played));
  recording.close();
  await Promise.all([candidate, ...controls].map((target) => target.close()));
}
