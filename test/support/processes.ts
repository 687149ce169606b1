/** Which processes there are, for tests that kill some and look for leftovers. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly isZombie: boolean;
}

export function childrenOf(pid: number | undefined): number[] {
  return processes()
    .filter((each) => each.parent === pid && !each.isZombie)
    .map((each) => each.pid);
}

export function isRunning(pid: number): boolean {
  return processes().some((each) => each.pid === pid && !each.isZombie);
}

/** The words with which a process was started; "" when it has ended. */
export function commandOf(pid: number): string {
  try {
    if (!existsSync("/proc/self/status")) return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended meanwhile
  }
}

/** Bytes of a running process that are in memory now, or the most that were at a time (where there is no /proc: now). */
export function memoryOf(pid: number | undefined, when: "now" | "peak"): number {
  const kibibyte = 1024;
  if (!existsSync("/proc/self/status")) {
    return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * kibibyte;
  }
  const field = when === "now" ? /^VmRSS:\s+(\d+) kB$/m : /^VmHWM:\s+(\d+) kB$/m;
  return Number(field.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * kibibyte;
}

/** Waits until something is true; at most 20 s. */
export async function until(condition: () => boolean): Promise<void> {
  const limitMs = 20_000;
  const pollMs = 20;
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`it did not happen in ${limitMs} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs);
    });
  }
}

/** From /proc where there is one (a slim container has no ps), else from ps. */
function processes(): ProcessLine[] {
  if (!existsSync("/proc/self/status")) return fromPs();
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const field = (key: string): string => new RegExp(`^${key}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
      return [{ pid: Number(name), parent: Number(field("PPid")), isZombie: field("State").startsWith("Z") }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function fromPs(): ProcessLine[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid = "", parent = "", state = ""] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), isZombie: state.startsWith("Z") };
  });
}
