/** Processes under measurement: started, waited for, measured from outside, ended. Linux only: CPU time comes from
 * /proc/PID/task/TID/schedstat, in nanoseconds (the 10 ms ticks of /proc/PID/stat are too coarse for one round). */

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";

export const loopback = "127.0.0.1";

/** One proxy under measurement. */
export interface Arm {
  readonly name: string;
  readonly port: number;
  /** The process that holds the users' connections; null = there is none between load and primary. */
  readonly pid: number | null;
  stop(): Promise<void>;
}

export function cpuNanoseconds(pid: number): number {
  let total = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // A thread that has just ended; its last microseconds are lost to the sum.
    }
  }
  return total;
}

export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes ?? Number.NaN) * 1024;
}

/** Children of a process, e.g. the one worker of an nginx master. */
export function childrenOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, loopback);
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts a program and waits until its port takes connections.
 * @throws Error with what it said when it ends instead */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
  options: SpawnOptions = {},
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], ...options });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const failed = once(child, "error").then(([error]) => Promise.reject(new Error(`${command}: ${String(error)}`)));
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${command} ended with ${String(code)}: ${said}`)));
  await Promise.race([accepts(port), failed, ended]);
  failed.catch(() => undefined);
  ended.catch(() => undefined);
  return child;
}

export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function accepts(port: number): Promise<void> {
  const triesAtMost = 500;
  const pauseMs = 20;
  for (let tries = 0; tries < triesAtMost; tries++) {
    if (await canConnect(port)) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port });
    const end = (reached: boolean) => (): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
  });
}
