/** Users of a recording that holds no credentials, logged in by a command: the real command line, real services. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { Redactor } from "../../recording/redaction.ts";
import type { LoginQuestion } from "../../replayer/logins.ts";
import { type Accounts, headersOf, logIn, startAccounts, type Ticket } from "../support/accounts.ts";

const users = ["ada", "bob", "cyd", "dan", "eve", "fay"];
const requestsPerUser = 4;
const windowsHasNoShell = process.platform === "win32";

describe.skipIf(windowsHasNoShell)("penumbra replay --login", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-login-"));
  const recording = join(scratch, "recording");
  const keyFile = join(scratch, "key");
  const tickets = new Map<string, Ticket>();
  let builds: Accounts[] = [];
  let runs = 0;

  beforeAll(async () => {
    builds = await Promise.all([startAccounts(), startAccounts(), startAccounts()]);
    const [primary] = builds;
    for (const user of users) tickets.set(user, await logIn(primary?.url ?? "", user));
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary?.url ?? "", "--record", recording, "--sample", "100%", "--key-file", keyFile],
    ]);
    await Promise.all(
      [...tickets.values()].map(async (ticket) => {
        for (let i = 0; i < requestsPerUser; i++) await (await fetch(`${sidecar.url}/me?n=${i}`, { headers: headersOf(ticket) })).text();
      }),
    );
    await sidecar.stop();
    // The operator's own table: which token is which test user.
    const redactor = new Redactor({ key: readFileSync(keyFile), mode: "token" });
    const userOf = Object.fromEntries([...tickets].map(([user, { token }]) => [redactor.tokenOf(token), user]));
    writeFileSync(join(scratch, "users.json"), JSON.stringify(userOf));
    writeFileSync(join(scratch, "login.mjs"), loginProgram(scratch));
  });
  afterAll(async () => {
    await Promise.all(builds.map((build) => build.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  interface Replayed extends Ended {
    readonly run: string;
  }

  const replay = async (...extra: string[]): Promise<Replayed> => {
    const [, candidate, control] = builds;
    const run = join(scratch, `run-${++runs}`);
    const ended = await runPenumbra([
      ...["replay", recording, "--candidate", candidate?.url ?? "", "--control", control?.url ?? "", "--out", run],
      ...["--max-lateness", "30s", "--key-file", keyFile, ...extra],
    ]);
    return { ...ended, run };
  };
  const report = ({ run }: Replayed): Report => JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
  const totals = (replayed: Replayed): Report["totals"] => report(replayed).totals;
  const program = `"${process.execPath}" "${join(scratch, "login.mjs")}"`;
  const questions = (): LoginQuestion[] =>
    readFileSync(join(scratch, "questions.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LoginQuestion);

  it("without it nobody is let in, and nothing is compared: no_credentials", async () => {
    const ended = await replay();
    expect(ended.code).toBe(3);
    expect(totals(ended)).toMatchObject({ exchanges: 24, compared: 0, notComparable: { no_credentials: 24 } });
  });

  it("logs each lane in once at each target, as itself, and compares everything", async () => {
    const [, candidate, control] = builds;
    const ended = await replay("--login", program);
    expect(ended.stderr).toBe("");
    expect(ended.code).toBe(0);
    expect(totals(ended)).toMatchObject({ exchanges: 24, compared: 24, same: 24, different: 0 });

    const asked = questions();
    expect(asked).toHaveLength(users.length * 2);
    expect(new Set(asked.map(({ lane, target }) => `${lane} ${target}`)).size).toBe(users.length * 2);
    expect(asked.filter(({ name }) => name === "candidate").map(({ target }) => target)).toEqual(users.map(() => candidate?.url));
    expect(asked.filter(({ name }) => name === "control").map(({ target }) => target)).toEqual(users.map(() => control?.url));
    for (const build of [candidate, control]) {
      for (const user of users) expect(build?.letIn.filter((line) => line.startsWith(`${user} `))).toHaveLength(requestsPerUser);
    }
  });

  it("writes none of the credentials anywhere", async () => {
    const secrets = [...tickets.values(), ...given(scratch)].flatMap(({ token, cookie }) => [token, cookie]);
    expect(secrets.length).toBeGreaterThan(2 * users.length);
    const files = [recording, ...runDirectories(scratch)].flatMap((directory) =>
      readdirSync(directory).map((name) => join(directory, name)),
    );
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const content = readFileSync(file, "latin1");
      expect(secrets.filter((secret) => content.includes(secret), file)).toEqual([]);
    }
  });

  it("goes on without those who cannot log in, and says whom", async () => {
    rmSync(join(scratch, "questions.ndjson"), { force: true });
    const ended = await replay("--login", `REFUSED=fay ${program}`);
    expect(ended.stderr).toMatch(
      /^penumbra: 2 of 12 logins failed; those lanes were sent without its headers; the first: the command ended with code 4: fay has no account \(lane \w+, (?:candidate|control) http:.*\)\n$/,
    );
    expect(totals(ended)).toMatchObject({ exchanges: 24, compared: 20, same: 20, notComparable: { no_credentials: 4 } });
    expect(report(ended).run.replay?.logins).toEqual({ asked: 12, failed: 2 });
    expect(report(ended).reasons.filter(({ code }) => code === "logins-failed")).toEqual([
      { code: "logins-failed", text: "2 of 12 logins failed; the requests of those lanes were sent without what --login gives" },
    ]);
    expect(ended.stdout).toContain("2 of 12 logins failed");
    expect([report(ended).verdict, ended.code]).toEqual(["pass", 0]);
  });

  it.each([
    ["cannot", "REFUSED", []],
    ["answer nonsense", "NONSENSE", []],
    ["do not answer in time", "SLOW", ["--timeout", "3s"]],
  ])("is inconclusive when many lanes %s, and says how many in report.json", async (_, how, more) => {
    const ended = await replay("--login", `${how}=dan,eve,fay ${program}`, ...more);
    expect(report(ended).run.replay?.logins).toEqual({ asked: 12, failed: 6 });
    expect(report(ended).reasons.map(({ code }) => code)).toContain("logins-failed");
    expect(totals(ended)).toMatchObject({ exchanges: 24, notComparable: { no_credentials: 12 } });
    expect([report(ended).verdict, ended.code]).toEqual(["inconclusive", 3]);
  });

  it.each([
    ["fails", "exit 3", /ended with code 3 \(lane/],
    ["does not end", "sleep 60", /did not end within 300 ms/],
  ])("ends before anything is made or sent with a command that %s", async (_, command, complaint) => {
    const [, candidate, control] = builds;
    const before = [candidate?.seen.length, control?.seen.length];
    const ended = await replay("--login", command, "--timeout", "300ms");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(complaint);
    expect(ended.stderr).toMatch(/^penumbra: the command of --login [^\n]*; it gets one line [^\n]*\n$/);
    expect(existsSync(ended.run)).toBe(false);
    expect([candidate?.seen.length, control?.seen.length]).toEqual(before);
  });
});

/** What an operator would write: knows the test users by their tokens, and logs them in where it is told. */
function loginProgram(scratch: string): string {
  return `
import { appendFileSync, readFileSync } from "node:fs";
const line = readFileSync(0, "utf8");
const { target, tokens } = JSON.parse(line);
appendFileSync(${JSON.stringify(join(scratch, "questions.ndjson"))}, line);
const userOf = JSON.parse(readFileSync(${JSON.stringify(join(scratch, "users.json"))}, "utf8"));
const user = tokens.map((token) => userOf[token]).find((name) => name !== undefined);
const is = (name) => (process.env[name] ?? "").split(",").includes(user);
if (is("NONSENSE")) {
  console.log("welcome, " + user);
  process.exit(0);
}
if (is("SLOW")) await new Promise((resolve) => setTimeout(resolve, 60_000));
if (is("REFUSED")) {
  console.error(user + " has no account");
  process.exit(4);
}
const answer = await fetch(target + "/login", { method: "POST", body: JSON.stringify({ user, password: "password-of-" + user }) });
const { token } = await answer.json();
const cookie = answer.headers.getSetCookie()[0].split(";")[0];
appendFileSync(${JSON.stringify(join(scratch, "given.ndjson"))}, JSON.stringify({ token, cookie: cookie.slice(4) }) + "\\n");
console.log(JSON.stringify({ headers: { Authorization: "Bearer " + token, Cookie: cookie } }));
`;
}

function given(scratch: string): Ticket[] {
  return readFileSync(join(scratch, "given.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Ticket);
}

function runDirectories(scratch: string): string[] {
  return readdirSync(scratch)
    .filter((name) => name.startsWith("run-"))
    .map((name) => join(scratch, name));
}
