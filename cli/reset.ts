/** `--reset CMD`: a shell command that puts candidate and control back to the state that the recording began with. */

import { spawn } from "node:child_process";
import { PenumbraError } from "../model/errors.ts";

export interface ResetOptions {
  readonly command: string;
  /** What the command finds as PENUMBRA_CANDIDATE and PENUMBRA_CONTROL. */
  readonly candidate: string;
  readonly control: string | null;
  readonly signal: AbortSignal;
}

export const resetFailed = "RESET_FAILED";
/** A database that takes longer to restore makes experiments too slow to be of use. */
const longestSeconds = 60;
const thousand = 1000;
/** Its last words are enough to say why it failed. */
const mostWords = 400;

/** Runs it once, to its end.
 * @throws PenumbraError `RESET_FAILED` */
export function runReset({ command, candidate, control, signal }: ResetOptions): Promise<void> {
  const env = { ...process.env, PENUMBRA_CANDIDATE: candidate, ...(control === null ? {} : { PENUMBRA_CONTROL: control }) };
  return new Promise((resolve, reject) => {
    // A group of its own: the shell's children end with it.
    const child = spawn(command, { shell: true, stdio: ["ignore", "ignore", "pipe"], detached: true, env });
    let said = "";
    let cut: string | null = null;
    const stop = (why: string): void => {
      cut ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const interrupted = (): void => stop("it was interrupted");
    const deadline = setTimeout(() => stop(`it took longer than ${longestSeconds} s`), longestSeconds * thousand);
    signal.addEventListener("abort", interrupted, { once: true });
    if (signal.aborted) interrupted();
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said = (said + chunk).slice(-mostWords);
    });
    const end = (why: string | null): void => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", interrupted);
      // What it left running in the background may hold the pipe.
      child.stderr.destroy();
      if (why === null) resolve();
      else reject(new PenumbraError(resetFailed, `--reset failed: ${why}`, "run the command by hand; it has to end with exit code 0"));
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, killedBy) => {
      if (cut !== null) end(cut);
      else if (code === 0) end(null);
      else end(`${code === null ? `ended by ${killedBy}` : `exit code ${code}`}${lastLine(said)}`);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself, which is what was wanted.
  }
}

function lastLine(text: string): string {
  const line = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? "" : ` (${line})`;
}
