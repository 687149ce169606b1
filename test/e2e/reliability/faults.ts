/** Every fault of the table in docs/reliability.md: how it is made, and what shows that it was there. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canLimitFiles, canMount, limitFiles, smallDisk } from "./full-disk.ts";
import type { Behaviour, TargetName } from "./targets-child.ts";
import { bulkyMix, heavyMix } from "./traffic.ts";
import type { Fault, World } from "./trial.ts";

const misbehaviours = [
  "refused",
  "black hole",
  "one byte a second",
  "endless answer",
  "reset mid-body",
  "garbage",
] as const satisfies Behaviour[];

function targetFaults(target: TargetName): Fault[] {
  return misbehaviours.map((behaviour) => ({
    name: `${target}: ${behaviour}`,
    begin: async ({ targets }) => {
      await targets.become(target, behaviour);
      return null;
    },
    // A target that refuses connections sees no requests.
    showed: ({ outcomes, misbehaved }) => (behaviour === "refused" ? (outcomes[target]["refused"] ?? 0) : misbehaved[target]) > 0,
  }));
}

/** Those that have ended meanwhile need no signal. */
function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

const betweenKillsMs = 250;

const killed: Fault = {
  name: "observer: kill -9, again and again",
  begin: ({ observers }) => {
    const killing = setInterval(() => signal(observers(), "SIGKILL"), betweenKillsMs);
    return () => clearInterval(killing);
  },
  showed: ({ scrutinised }) => scrutinised.counters.observer.restarts > 1,
};

/** Silent for 5 s, and the time to start another. */
const stoppedMs = 8000;

const stopped: Fault = {
  name: "observer: SIGSTOP, until it is replaced",
  leastMs: stoppedMs,
  begin: ({ observers }) => {
    signal(observers(), "SIGSTOP");
    return null;
  },
  healed: isReplaced,
  showed: ({ stderr }) => stderr.includes("observer.silent"),
};

const outOfMemory: Fault = {
  name: "observer: out of memory",
  options: () => ["--observer-heap", "32MiB"],
  alongside: { clients: 2, perSecond: 4, mix: bulkyMix },
  begin: () => null,
  healed: isReplaced,
  showed: ({ stderr }) => /observer\.gone .*(SIGABRT|exitCode 134)/.test(stderr),
};

/** Too slow for the load, but alive: of each second it gets a tenth. */
const breathEveryMs = 1000;
const breathMs = 100;

const pipeFull: Fault = {
  name: "observer: too slow, pipe full",
  alongside: { clients: 10, perSecond: 60, mix: heavyMix },
  begin: ({ observers }) => {
    const pids = observers();
    let holding: NodeJS.Timeout | undefined;
    const hold = (): void => signal(pids, "SIGSTOP");
    const breathing = setInterval(() => {
      signal(pids, "SIGCONT");
      holding = setTimeout(hold, breathMs);
    }, breathEveryMs);
    hold();
    return () => {
      clearInterval(breathing);
      clearTimeout(holding);
      signal(pids, "SIGCONT");
    };
  },
  showed: ({ scrutinised }) => scrutinised.counters.ledger.dropped.budget > 0,
};

/** Whether recording goes on after it had paused. */
function recordsAgain(): (world: World) => boolean {
  let recorded = Number.POSITIVE_INFINITY;
  return ({ counters }) => {
    const now = counters().ledger.recorded;
    const isMore = now > recorded;
    recorded = now;
    return isMore;
  };
}

function fullDisk(): Fault {
  return {
    name: "recording and run: disk full",
    disk: smallDisk,
    begin: ({ disk }) => {
      disk?.fill();
      return () => disk?.makeRoom();
    },
    healed: recordsAgain(),
    showed: ({ stderr, scrutinised }) => stderr.includes("recorder.paused") && scrutinised.counters.ledger.recordDropped.disk_full > 0,
  };
}

/** Less than a trial has written when the fault begins. */
const fileLimitBytes = 64 * 1024;

function limitedFiles(): Fault {
  return {
    name: "recording and run: file-size limit",
    begin: ({ observers, sidecar }) => {
      const pids = [sidecar.process.pid ?? 0, ...observers()];
      limitFiles(pids, fileLimitBytes);
      return () => limitFiles(pids, null);
    },
    healed: recordsAgain(),
    showed: ({ stderr, scrutinised }) => stderr.includes("recorder.paused") && scrutinised.counters.ledger.recordDropped.recorder_error > 0,
  };
}

const configurationName = "sidecar.yaml";
/** Each is wrong in a way of its own; null = the file is gone. */
const invalidConfigurations = ["drain-timeout: [", "no-such-option: 1\n", "drain-timeout: soon\n", "- no name\n", null] as const;
const betweenHangupsMs = 200;

/** Somebody saves a broken file again and again while an orchestrator tells the sidecar to read it. */
const invalidConfiguration: Fault = {
  name: "configuration: invalid at a reload",
  options: (scratch) => {
    const path = join(scratch, configurationName);
    writeFileSync(path, "drain-timeout: 10s\n");
    return ["--config", path];
  },
  begin: ({ scratch, sidecar }) => {
    const path = join(scratch, configurationName);
    let turn = 0;
    const breaking = setInterval(() => {
      const content = invalidConfigurations[turn++ % invalidConfigurations.length] ?? null;
      if (content === null) rmSync(path, { force: true });
      else writeFileSync(path, content);
      signal([sidecar.process.pid ?? 0], "SIGHUP");
    }, betweenHangupsMs);
    return () => clearInterval(breaking);
  },
  showed: ({ stderr, scrutinised }) => {
    const { rate, enabled } = scrutinised.counters.sampling;
    const refusals = stderr.split("\n").filter((line) => line.includes(configurationName));
    return refusals.length >= invalidConfigurations.length && !/^penumbra: reloaded$/m.test(stderr) && enabled && rate === 1;
  },
};

function isReplaced({ counters }: World): boolean {
  const { state, restarts } = counters().observer;
  return state === "ready" && restarts > 0;
}

/** Every fault, whether this machine can make it or not: the rows of the table. */
function allFaults(): readonly (Fault & { readonly needs?: "mount" | "prlimit" })[] {
  return [
    ...targetFaults("candidate"),
    ...targetFaults("control"),
    killed,
    stopped,
    outOfMemory,
    pipeFull,
    { ...fullDisk(), needs: "mount" },
    { ...limitedFiles(), needs: "prlimit" },
    invalidConfiguration,
  ];
}

export function faultNames(): readonly string[] {
  return allFaults().map(({ name }) => name);
}

/** Those that this machine can make; on Linux with the right to mount, all of them. */
export function possibleFaults(scratch: string): readonly Fault[] {
  const has = { mount: canMount(scratch), prlimit: canLimitFiles() };
  return allFaults().filter(({ needs }) => needs === undefined || has[needs]);
}
