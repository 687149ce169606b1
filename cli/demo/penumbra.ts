/** Runs Penumbra's own command line as child processes, exactly as a user would. */

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PenumbraError } from "../../model/errors.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningSidecar {
  /** Where users connect. */
  readonly url: string;
  readonly adminUrl: string | null;
  /** Of the dashboard, with its slash. */
  readonly dashboardUrl: string | null;
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Drains and waits for the end. */
  stop(): Promise<Ended>;
}

const mainFile = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "../main.js", import.meta.url));

export interface PenumbraChild {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

export function startPenumbra(args: readonly string[], env: Readonly<Record<string, string>> = {}): PenumbraChild {
  const child = spawn(process.execPath, [mainFile, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    // A group of its own: Ctrl-C is for the demo, which then ends it in order.
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, ended };
}

export function runPenumbra(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startPenumbra(args, env).ended;
}

/** Starts `penumbra proxy` and waits until it listens.
 * @throws PenumbraError with its complaint when it ends instead */
export async function startSidecarProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningSidecar> {
  const started = startPenumbra(["proxy", ...args], env);
  const listening = new Promise<{ url: string; admin: string | null; dashboard: string | null }>((resolve) => {
    let seen = "";
    started.process.stderr?.on("data", (text: string) => {
      seen += text;
      const match = /listening on ([^\s,]+)(?:, admin ([^\s,]+))?(?:, dashboard ([^\s,]+))?/.exec(seen);
      if (match?.[1] !== undefined && seen.includes("\n")) resolve({ url: match[1], admin: match[2] ?? null, dashboard: match[3] ?? null });
    });
  });
  const first = await Promise.race([listening, started.ended]);
  if ("code" in first) {
    throw new PenumbraError("SIDECAR_DID_NOT_START", `the sidecar ended with ${first.code}: ${first.stderr.trim()}`, "");
  }
  return {
    url: first.url,
    adminUrl: first.admin,
    dashboardUrl: first.dashboard,
    process: started.process,
    ended: started.ended,
    stop() {
      started.process.kill("SIGTERM");
      return started.ended;
    },
  };
}
