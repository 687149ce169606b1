import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loginCommand } from "../../cli/login-command.ts";
import { systemClock } from "../../model/clock.ts";
import { milliseconds } from "../../model/units.ts";
import type { LoginAnswer } from "../../replayer/logins.ts";
import { isRunning, until } from "../support/processes.ts";

const question = { lane: "l1", target: "http://127.0.0.1:1", name: "candidate", tokens: ["tok_a"], claims: { sub: "ada" } };
const never = new AbortController().signal;

function ask(command: string, limitMs = 20_000, signal = never): Promise<LoginAnswer> {
  return loginCommand({ command, limit: milliseconds(limitMs), clock: systemClock, signal })(question);
}

describe.skipIf(process.platform === "win32")("the command of --login", () => {
  it("is told the lane on one line, and its headers are taken as they are", async () => {
    const answer = await ask(
      `read -r line; printf '{"headers": {"X-Asked": "%s", "cookie": "sid=1; b=\\\\u00e9"}, "more": 1}' "$(echo "$line" | tr -d '"')"`,
    );
    expect(answer).toEqual({
      kind: "logged-in",
      headers: [
        ["X-Asked", "{lane:l1,target:http://127.0.0.1:1,name:candidate,tokens:[tok_a],claims:{sub:ada}}"],
        ["cookie", "sid=1; b=é"],
      ],
    });
  });

  it("may have nothing to give, and may answer without reading", async () => {
    expect(await ask(`echo '{"headers": {}}'`)).toEqual({ kind: "logged-in", headers: [] });
  });

  it.each([
    ["fails", "echo one >&2; echo 'no such user' >&2; exit 3", "ended with code 3: no such user"],
    ["ends by a signal", "kill -9 $$", "ended with SIGKILL"],
    ["says nothing", "true", "answered nothing"],
    ["answers no JSON", "echo Bearer abc", "answered something that is not JSON"],
    ["answers other JSON", `echo '{"Authorization": "Bearer abc"}'`, "answered JSON in which headers is not as it should be"],
    ["answers a list", "echo '[]'", "answered JSON in which headers is not as it should be"],
    ["gives a value that is no text", `echo '{"headers": {"X-A": 1}}'`, "answered JSON in which headers.X-A is not as it should be"],
    [
      "gives a value that ends the line",
      `printf '{"headers": {"X-A": "a\\\\nb"}}'`,
      "answered JSON in which headers.X-A is not as it should be",
    ],
    ["gives a name that is none", `echo '{"headers": {"X A": "b"}}'`, "answered JSON in which headers.X A is not as it should be"],
    [
      "changes the framing",
      `echo '{"headers": {"content-length": "1"}}'`,
      "answered JSON in which headers.content-length is not as it should be",
    ],
    ["answers without end", "yes", "answered with more than 65536 characters"],
  ])("that %s has failed, without a word of its answer", async (_, command, problem) => {
    expect(await ask(command)).toEqual({ kind: "failed", problem });
  });

  it("that does not end is ended with all that it started", async () => {
    const directory = mkdtempSync(join(tmpdir(), "penumbra-login-command-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const pidFile = join(directory, "pid");
    expect(await ask(`sleep 60 & echo $! > '${pidFile}'; wait`, 500)).toEqual({ kind: "failed", problem: "did not end within 500 ms" });
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(pid).toBeGreaterThan(0);
    await until(() => !isRunning(pid));
    expect(isRunning(pid)).toBe(false);
  });

  it("ends when the replay does", async () => {
    const end = new AbortController();
    let ended = false;
    const asked = ask("sleep 60", 60_000, end.signal).then((answer) => {
      ended = true;
      return answer;
    });
    expect(ended).toBe(false);
    end.abort();
    await until(() => ended);
    expect(await asked).toEqual({ kind: "interrupted", problem: "was interrupted" });
    expect(await ask("exit 0", 60_000, end.signal)).toEqual({ kind: "interrupted", problem: "was not run any more" });
  });
});
