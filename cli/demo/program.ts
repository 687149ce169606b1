/** Starts a server program as a child process and stops it; used by the demo and by the end-to-end tests. */

import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { sleep, systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { milliseconds } from "../../model/units.ts";

export interface ProgramOptions {
  /** Arguments of `node`; `{port}` stands for the port. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A path that answers once the program is up. */
  readonly ready: string;
}

export interface Program {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const startUpLimitMs = 20_000;
const pollMs = milliseconds(25);

/** @throws PenumbraError when the program ends or does not answer in time */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const port = await freePort();
  const args = options.args.map((arg) => arg.replaceAll("{port}", String(port)));
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "ignore", "pipe"],
    // In a group of its own: Ctrl-C is for us, who then end it in order.
    detached: true,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const enoughToUnderstand = 2000;
    complaint = (complaint + text).slice(-enoughToUnderstand);
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = systemClock.monotonic() + startUpLimitMs;
  while (!(await answers(`${url}${options.ready}`))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || systemClock.monotonic() > deadline) {
      await stop(child);
      const why = ended ? "ended at once" : "did not answer";
      throw new PenumbraError(
        "PROGRAM_DID_NOT_START",
        `${args.join(" ")} ${why}: ${complaint.trim().split("\n").at(-1) ?? ""}`,
        "run `npm ci --ignore-scripts` in the checkout and try again",
      );
    }
    await sleep(systemClock, pollMs);
  }
  return { url, port, stop: () => stop(child) };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000), headers: { connection: "close" } });
    await response.arrayBuffer();
    return true;
  } catch {
    return false; // not up yet: the caller asks again until its deadline
  }
}

/** Ends a child: asks first, then makes sure. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  child.kill("SIGTERM");
  const patienceMs = milliseconds(2000);
  const cancel = systemClock.after(patienceMs, () => child.kill("SIGKILL"));
  await ended;
  cancel();
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
