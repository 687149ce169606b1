/** Credentials kept in a sealed vault: recorded with the public key, replayed with the private one, by the real command line. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { openRecording } from "../../recording/open.ts";
import { type Accounts, headersOf, logIn, startAccounts, type Ticket } from "../support/accounts.ts";
import { itemsRecording } from "../support/recordings.ts";

const users = ["ada", "bob", "cyd", "dan"];
const requestsPerUser = 3;
/** All of it is secret, and hard to spell in JSON. */
const pin = 'p"1\\n-ÿ€';

describe("penumbra proxy --record-vault and replay --vault-key", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-vault-"));
  const recording = join(scratch, "recording");
  const vaultKey = join(scratch, "vault.key");
  const keyFile = join(scratch, "key");
  const tickets = new Map<string, Ticket>();
  let builds: Accounts[] = [];
  let runs = 0;
  let made: Ended | null = null;

  beforeAll(async () => {
    // Copies of production's database: they know its users.
    builds = await Promise.all([1, 2, 3].map(() => startAccounts({ key: "one key for all" })));
    const [primary] = builds;
    made = await runPenumbra(["vault-key", "--out", vaultKey, "--json"]);
    for (const user of users) tickets.set(user, await logIn(primary?.url ?? "", user));
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary?.url ?? "", "--record", recording, "--sample", "100%", "--key-file", keyFile],
      ...["--record-vault", `${vaultKey}.pub`],
    ]);
    await Promise.all(
      [...tickets].map(async ([user, ticket]) => {
        const headers = { ...headersOf(ticket), "content-type": "application/json" };
        for (let i = 0; i < requestsPerUser; i++)
          await (await fetch(`${sidecar.url}/me?n=${i}&session=${ticket.cookie}`, { headers })).text();
        await (
          await fetch(`${sidecar.url}/me`, { method: "POST", headers, body: JSON.stringify({ pin, password: `password-of-${user}` }) })
        ).text();
      }),
    );
    await sidecar.stop();
  });
  afterAll(async () => {
    await Promise.all(builds.map((build) => build.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  interface Replayed extends Ended {
    readonly run: string;
  }

  const replay = async (path: string, ...extra: string[]): Promise<Replayed> => {
    const [, candidate, control] = builds;
    const run = join(scratch, `run-${++runs}`);
    const ended = await runPenumbra([
      ...["replay", path, "--candidate", candidate?.url ?? "", "--control", control?.url ?? "", "--out", run, "--writes"],
      ...["--max-lateness", "30s", "--key-file", keyFile, ...extra],
    ]);
    return { ...ended, run };
  };
  const report = ({ run }: Replayed): Report => JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
  const totals = (replayed: Replayed): Report["totals"] => report(replayed).totals;

  it("makes a key for its owner only, and never replaces one", async () => {
    const told: unknown = JSON.parse(made?.stdout ?? "");
    expect(told).toEqual({ key: vaultKey, publicKey: `${vaultKey}.pub`, id: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(statSync(vaultKey).mode & 0o777).toBe(0o600);
    expect(statSync(`${vaultKey}.pub`).mode & 0o777).toBe(0o644);
    const before = readFileSync(vaultKey);
    const again = await runPenumbra(["vault-key", "--out", vaultKey]);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/^penumbra: .*vault\.key is already there; [^\n]*\n$/);
    expect(readFileSync(vaultKey).equals(before)).toBe(true);
  });

  it("says of the recording where it was made, and what opens it", async () => {
    const { stdout } = await runPenumbra(["inspect", recording]);
    const { id } = JSON.parse(made?.stdout ?? "") as { id: string };
    expect(stdout).toContain(`production: ${builds[0]?.url} (a replay refuses to send there)`);
    expect(stdout).toContain(`vault: what tokens stand for is sealed to the key ${id}`);
  });

  it("without the key lets nobody in: no_credentials", async () => {
    const ended = await replay(recording);
    expect(ended.code).toBe(3);
    expect(totals(ended)).toMatchObject({ exchanges: 16, compared: 0, notComparable: { no_credentials: 16 } });
  });

  it("with the key sends what the users sent, to both targets, and finds nothing between equal builds", async () => {
    const ended = await replay(recording, "--vault-key", vaultKey);
    expect(ended.stderr).toBe("");
    expect(ended.code).toBe(0);
    expect(totals(ended)).toMatchObject({ exchanges: 16, compared: 16, same: 16 });
    expect(report(ended).run.replay?.unknownTokens).toBe(0);
    expect(report(ended).reasons.map(({ code }) => code)).not.toContain("tokens-unknown");
    const [primary, ...targets] = builds;
    for (const target of targets) expect(target.letIn.toSorted()).toEqual(primary?.letIn.toSorted());
    for (const { bodies } of targets) expect(bodies.toSorted()).toEqual(primary?.bodies.toSorted());
  });

  it("writes nothing in clear: not in the recording, its reports, the run, or what is printed", async () => {
    const ended = await replay(recording, "--vault-key", vaultKey, "--report", `html=${join(scratch, "run.html")}`);
    const secrets = [
      ...[...tickets.values()].flatMap(({ token, cookie }) => [token, cookie]),
      ...users.map((user) => `password-of-${user}`),
    ];
    const spellings = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString("base64").slice(0, -4)]);
    const files = [recording, ...runDirectories(scratch)].flatMap((directory) =>
      readdirSync(directory).map((name) => join(directory, name)),
    );
    expect(files.length).toBeGreaterThan(4);
    const texts = [...files, join(scratch, "run.html")].map((file) => [file, readFileSync(file, "latin1")]);
    for (const [file = "", content = ""] of [...texts, ["stdout", ended.stdout], ["stderr", ended.stderr]]) {
      expect(
        spellings.filter((secret) => content.includes(secret)),
        file,
      ).toEqual([]);
    }
    const key = readFileSync(vaultKey, "utf8").split("\n")[1] ?? "";
    for (const [file = "", content = ""] of texts) expect(content.includes(key), file).toBe(false);
  });

  it.each([
    [
      "another key",
      async () => [recording, await otherKey(scratch)],
      /000001\.penumbra is sealed to the key [0-9a-f]{8}, and --vault-key gives [0-9a-f]{8}/,
    ],
    [
      "the public key",
      async () => [recording, `${vaultKey}.pub`],
      /vault\.key\.pub is no private key of a vault; name the file without \.pub/,
    ],
    ["no key at all in its file", async () => [recording, keyFile], /key is no private key of a vault/],
    ["a key that is not there", async () => [recording, join(scratch, "none")], /the vault's key .*none cannot be read: ENOENT/],
    [
      "a recording without a vault",
      async () => [itemsRecording(join(scratch, "items.ndjson"), 2), vaultKey],
      /items\.ndjson has no vault: .*--record-vault KEY\.pub/,
    ],
    [
      "a damaged entry",
      async () => [damagedCopy(recording, join(scratch, "damaged")), vaultKey],
      /is damaged: the sealed value of tok_[\w-]{22} cannot be opened/,
    ],
    [
      "a vault that was emptied",
      async () => [changedCopy(recording, join(scratch, "emptied"), "DELETE FROM vault"), vaultKey],
      /emptied\/000001\.penumbra was recorded with a vault, and it is empty: what its tokens stand for is lost; take a copy/,
    ],
    [
      "a vault that was taken out",
      async () => [changedCopy(recording, join(scratch, "dropped"), "DROP TABLE vault"), vaultKey],
      /dropped\/000001\.penumbra was recorded with a vault, and there is none: what its tokens stand for is lost; take a copy/,
    ],
  ] as const)("ends with one line, and before anything is made or sent, for %s", async (_, place, complaint) => {
    const [, candidate] = builds;
    const before = candidate?.seen.length;
    const [path = "", key = ""] = await place();
    const ended = await replay(path, "--vault-key", key);
    expect(ended.stderr).toMatch(complaint);
    expect(ended.stderr).toMatch(/^penumbra: [^\n]*; [^\n]*\n$/);
    expect(ended.code).toBe(2);
    expect(existsSync(ended.run)).toBe(false);
    expect(candidate?.seen.length).toBe(before);
  });

  it("says of how many tokens the vault has lost the value", async () => {
    const token = await tokenOfLogin(recording);
    const partly = changedCopy(recording, join(scratch, "partly"), `DELETE FROM vault WHERE token = '${token}'`);
    const ended = await replay(partly, "--vault-key", vaultKey);
    expect(report(ended).run.replay?.unknownTokens).toBe(1);
    const text = "1 token of requests has no value in the vault and went out as it is";
    expect(report(ended).reasons).toContainEqual({ code: "tokens-unknown", text });
    expect(ended.stdout).toContain(text);
    expect(totals(ended)).toMatchObject({ exchanges: 16, compared: 12, notComparable: { no_credentials: 4 } });
  });

  it("opens an empty vault where there was nothing to seal", async () => {
    const plain = join(scratch, "plain");
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", builds[0]?.url ?? "", "--record", plain, "--sample", "100%", "--key-file", keyFile],
      ...["--record-vault", `${vaultKey}.pub`],
    ]);
    await (await fetch(`${sidecar.url}/me`)).text();
    await sidecar.stop();
    const ended = await replay(plain, "--vault-key", vaultKey);
    expect(ended.stderr).toBe("");
    expect(totals(ended)).toMatchObject({ exchanges: 1, compared: 1 });
  });

  it("does not replay real credentials into a run that would keep them", async () => {
    const ended = await replay(recording, "--vault-key", vaultKey, "--redact", "off");
    expect(ended.stderr).toMatch(/^penumbra: --vault-key needs --redact token, and it is off; [^\n]*\n$/);
    expect(ended.code).toBe(2);
    expect(existsSync(ended.run)).toBe(false);
  });

  it.each([
    ["the private key", ["--record", "rec", "--record-vault", vaultKey], /is a private key, which must not be where traffic is recorded/],
    ["no recording", ["--record-vault", `${vaultKey}.pub`], /--record-vault needs a recording/],
    [
      "other redaction",
      ["--record", "rec", "--redact", "mask", "--record-vault", `${vaultKey}.pub`],
      /needs --redact token, and it is mask/,
    ],
  ])("does not record with %s", async (_, args, complaint) => {
    const ended = await runPenumbra(["proxy", "--listen", "0", "--primary", "http://127.0.0.1:9", "--key-file", keyFile, ...args]);
    expect(ended.stderr).toMatch(complaint);
    expect(ended.code).toBe(2);
  });
});

describe("users who log in within the recording", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-vault-login-"));
  const recording = join(scratch, "recording");
  const vaultKey = join(scratch, "vault.key");
  const key = ["--key-file", join(scratch, "key")];
  const given: Ticket[] = [];
  let builds: Accounts[] = [];

  beforeAll(async () => {
    // Each build has sessions of its own: only the passwords are the same.
    builds = await Promise.all([startAccounts(), startAccounts(), startAccounts()]);
    await runPenumbra(["vault-key", "--out", vaultKey]);
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", builds[0]?.url ?? "", "--record", recording, "--sample", "100%"],
      ...["--record-vault", `${vaultKey}.pub`, ...key],
    ]);
    await Promise.all(
      users.map(async (user) => {
        const ticket = await logIn(sidecar.url, user);
        given.push(ticket);
        for (let i = 0; i < requestsPerUser; i++) await (await fetch(`${sidecar.url}/me?n=${i}`, { headers: headersOf(ticket) })).text();
      }),
    );
    await sidecar.stop();
  });
  afterAll(async () => {
    await Promise.all(builds.map((build) => build.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const replayed = async (
    name: string,
    ...extra: string[]
  ): Promise<{ readonly code: number | null; readonly totals: Report["totals"] }> => {
    const run = join(scratch, name);
    const targets = ["--candidate", builds[1]?.url ?? "", "--control", builds[2]?.url ?? ""];
    const { code } = await runPenumbra([
      "replay",
      recording,
      ...targets,
      "--out",
      run,
      "--writes",
      "--max-lateness",
      "30s",
      ...key,
      ...extra,
    ]);
    return { code, totals: (JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report).totals };
  };

  it("cannot without the key: no_credentials, the logins themselves too", async () => {
    const { code, totals } = await replayed("run-without");
    expect(totals).toMatchObject({ exchanges: 16, compared: 0, notComparable: { no_credentials: 16 } });
    expect(code).toBe(3);
  });

  it("log in with the key as themselves, and go on in the session that each target gave them", async () => {
    const { code, totals } = await replayed("run-with", "--vault-key", vaultKey);
    expect(totals).toMatchObject({ exchanges: 16, compared: 16, same: 16 });
    expect(code).toBe(0);
    const [primary, ...targets] = builds;
    for (const target of targets) expect(target.letIn.toSorted()).toEqual(primary?.letIn.toSorted());
    const secrets = [...given.flatMap(({ token, cookie }) => [token, cookie]), ...users.map((user) => `password-of-${user}`)];
    for (const directory of [recording, join(scratch, "run-with")]) {
      for (const name of readdirSync(directory)) {
        const content = readFileSync(join(directory, name), "latin1");
        expect(
          secrets.filter((secret) => content.includes(secret)),
          name,
        ).toEqual([]);
      }
    }
  });
});

async function otherKey(scratch: string): Promise<string> {
  const path = join(scratch, "other.key");
  await runPenumbra(["vault-key", "--out", path]);
  return path;
}

function changedCopy(recording: string, copy: string, statement: string): string {
  mkdirSync(copy);
  copyFileSync(join(recording, "000001.penumbra"), join(copy, "000001.penumbra"));
  const database = new Database(join(copy, "000001.penumbra"));
  database.exec(statement);
  database.close();
  return copy;
}

/** What stands for the JWT of the first exchange. */
async function tokenOfLogin(recording: string): Promise<string> {
  for await (const { request } of (await openRecording(recording)).exchanges()) {
    const [, token] = /Bearer (tok_[\w-]{22})/.exec(JSON.stringify(request.headers)) ?? [];
    if (token !== undefined) return token;
  }
  throw new Error("no exchange has a token");
}

/** One bit of one sealed value is wrong. */
function damagedCopy(recording: string, copy: string): string {
  mkdirSync(copy);
  copyFileSync(join(recording, "000001.penumbra"), join(copy, "000001.penumbra"));
  const database = new Database(join(copy, "000001.penumbra"));
  const row = database.prepare<[], { token: string; sealed: Buffer }>("SELECT token, sealed FROM vault LIMIT 1").get();
  if (row === undefined) throw new Error("the vault is empty");
  row.sealed.writeUInt8(row.sealed.readUInt8(40) ^ 1, 40);
  database.prepare("UPDATE vault SET sealed = ? WHERE token = ?").run(row.sealed, row.token);
  database.close();
  return copy;
}

function runDirectories(scratch: string): string[] {
  return readdirSync(scratch)
    .filter((name) => name.startsWith("run-"))
    .map((name) => join(scratch, name));
}
