/** Runs the command of --login: one process a lane and target.
 *
 *    stdin   {"lane": "7f3a…", "target": "http://127.0.0.1:9001", "name": "candidate", "tokens": ["tok_…"], "claims": null}
 *    stdout  {"headers": {"Authorization": "Bearer …"}}
 *
 * What it answers goes into requests and nowhere else. It is bounded in time and size, and ends with everything that it started. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { z } from "zod";
import type { Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import type { Milliseconds } from "../model/units.ts";
import type { FailedLogin, LogIn, LoginAnswer } from "../replayer/logins.ts";
import { visible } from "../report/visible.ts";

export interface LoginCommandOptions {
  /** For the shell. */
  readonly command: string;
  readonly limit: Milliseconds;
  readonly clock: Clock;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** A head is smaller than this nearly everywhere. */
const longestAnswer = 64 * 1024;
/** Enough for the line that says what went wrong. */
const keptComplaint = 2000;
const shownComplaint = 200;

/** RFC 9110 §5.1 and §5.5; one character is one byte on the wire. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** These say where a message ends. */
const framing: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "connection"]);

const answerSchema = z.object({
  headers: z.record(
    z.string().refine((name) => fieldName.test(name) && !framing.has(name.toLowerCase())),
    z.string().regex(fieldValue),
  ),
});

export function loginCommand(options: LoginCommandOptions): LogIn {
  return async (question) => {
    const ended = await run(options, `${JSON.stringify(question)}\n`);
    return ended.kind === "ended" ? answerOf(ended.output) : ended;
  };
}

/** What people read where the very first login fails: then the command itself is taken to be wrong. */
export function loginError({ question, problem }: FailedLogin): PenumbraError {
  return new PenumbraError(
    "LOGIN_FAILED",
    `the command of --login ${problem} (${placeOf(question)})`,
    'it gets one line {"lane", "target", "name", "tokens", "claims"} and answers {"headers": {"Name": "value"}}, or {"headers": {}} for none',
  );
}

/** The lane and target of a login in words. */
export function placeOf({ lane, name, target }: FailedLogin["question"]): string {
  return visible(`${lane === null ? "requests without a lane" : `lane ${lane}`}, ${name} ${target}`);
}

type Ended = { readonly kind: "ended"; readonly output: string } | { readonly kind: "failed" | "interrupted"; readonly problem: string };

function run({ command, limit, clock, signal }: LoginCommandOptions, input: string): Promise<Ended> {
  if (signal.aborted) return Promise.resolve({ kind: "interrupted", problem: "was not run any more" });
  // A group of its own, so that everything that the shell started can be ended with it.
  const child = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  return new Promise((resolve) => {
    let output = "";
    let complaint = "";
    let isOver = false;
    const finish = (ended: Ended): void => {
      // Once: later its process id may be another's.
      if (isOver) return;
      isOver = true;
      cancelLimit();
      signal.removeEventListener("abort", onAbort);
      endGroup(child);
      resolve(ended);
    };
    const fail = (problem: string): void => finish({ kind: "failed", problem });
    const onAbort = (): void => finish({ kind: "interrupted", problem: "was interrupted" });
    const cancelLimit = clock.after(limit, () => fail(`did not end within ${limit} ms`));
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error) => fail(`cannot be run: ${error.message}`));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > longestAnswer) fail(`answered with more than ${longestAnswer} characters`);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-keptComplaint);
    });
    child.once("close", (code, ending) => {
      if (code === 0) finish({ kind: "ended", output });
      else fail(`ended with ${code === null ? (ending ?? "a signal") : `code ${code}`}${lastLine(complaint)}`);
    });
    // It may answer without reading what it is asked.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** Also what outlived the shell. */
function endGroup(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function answerOf(output: string): LoginAnswer {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return { kind: "failed", problem: output.trim() === "" ? "answered nothing" : "answered something that is not JSON" };
  }
  const read = answerSchema.safeParse(value);
  if (read.success) return { kind: "logged-in", headers: Object.entries(read.data.headers) };
  // Without the value: it may be a secret.
  const place = read.error.issues[0]?.path.join(".") ?? "";
  const problem = `answered JSON in which ${place === "" ? "headers" : place} is not as it should be`;
  return { kind: "failed", problem };
}

function lastLine(complaint: string): string {
  const line = complaint.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${visible(line.slice(0, shownComplaint))}`;
}
