import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sleep, systemClock } from "../../model/clock.ts";
import { type Exchange, type HttpRequest, noBody } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { Redactor } from "../../recording/redaction.ts";
import { openRun } from "../../recording/run.ts";
import { type LogIn, type LoginAnswer, type LoginQuestion, Logins } from "../../replayer/logins.ts";
import { type ReplayResult, replay } from "../../replayer/replay.ts";
import { recordedPace } from "../../replayer/schedule.ts";
import { selectAll } from "../../replayer/selection.ts";
import { plainExchange } from "../recording/examples.ts";
import { type Accounts, headersOf, logIn, startAccounts } from "../support/accounts.ts";
import { until } from "../support/processes.ts";
import { target } from "../target/servers.ts";

const targets = [
  { name: "candidate", url: new URL("http://127.0.0.1:1") },
  { name: "control", url: new URL("http://127.0.0.1:2") },
];
const token = (name: string): string => `tok_${name.padEnd(22, "0")}`;
const request = (headers: HttpRequest["headers"] = []): HttpRequest => ({ ...plainExchange().request, headers });
const inLane = (lane: string | null, changes: Partial<Exchange> = {}): Exchange => plainExchange({ id: `of ${lane}`, lane, ...changes });

/** Answers when it is let. */
class HeldLogins {
  readonly asked: LoginQuestion[] = [];
  most = 0;
  #open = 0;
  readonly #held: (() => void)[] = [];

  readonly logIn: LogIn = async (question) => {
    this.asked.push(question);
    this.most = Math.max(this.most, ++this.#open);
    await new Promise<void>((resolve) => this.#held.push(resolve));
    this.#open -= 1;
    return { kind: "logged-in", headers: [["Authorization", `${question.lane} at ${question.name}`]] };
  };

  /** Lets all that are asked now be answered. */
  async answer(): Promise<void> {
    for (const release of this.#held.splice(0)) release();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("logins", () => {
  const loginsBy = (logInAt: LogIn, capacity = 100): Logins => new Logins({ logIn: logInAt, targets, reveal: (sent) => sent, capacity });

  it("ask once a lane and target, the first lane alone, then four at a time", async () => {
    const held = new HeldLogins();
    const logins = loginsBy(held.logIn);
    for (const lane of ["a", "b", "a", "c", "d", "a"]) logins.begin(inLane(lane));
    await Promise.resolve();
    expect(held.most).toBe(2);
    for (let round = 0; round < 5; round++) await held.answer();
    expect(held.most).toBe(4);
    expect(held.asked.map(({ lane, name }) => `${lane} ${name}`)).toEqual(
      ["a", "b", "c", "d"].flatMap((lane) => [`${lane} candidate`, `${lane} control`]),
    );
    const given = await logins.of("c");
    expect([0, 1].map((index) => given.applied(index, request([["authorization", "tok"]])).headers)).toEqual([
      [["Authorization", "c at candidate"]],
      [["Authorization", "c at control"]],
    ]);
    expect(logins.of("c")).not.toBeInstanceOf(Promise);
    expect(logins.summary).toEqual({ asked: 8, failures: 0, first: null });
  });

  it("forget the lanes used longest ago, and log them in anew", async () => {
    const asked: (string | null)[] = [];
    const logins = loginsBy(async ({ lane }) => {
      asked.push(lane);
      return { kind: "logged-in", headers: [] };
    }, 2);
    for (const lane of ["a", "b", "a", "c", "a", "b"]) await logins.ready([inLane(lane)]);
    expect(asked).toEqual(["a", "a", "b", "b", "c", "c", "b", "b"]);
  });

  it("are not asked any more when the first one failed, and that is told", async () => {
    const asked: (string | null)[] = [];
    const logins = loginsBy(async ({ lane, name }) => {
      asked.push(lane);
      return name === "control" ? { kind: "failed", problem: "ended with code 1" } : { kind: "logged-in", headers: [] };
    });
    expect(await logins.ready([inLane("a"), inLane("b")])).toMatchObject({
      question: { lane: "a", name: "control" },
      problem: "ended with code 1",
    });
    await logins.of("b");
    expect(asked).toEqual(["a", "a"]);
  });

  it("log a lane in everywhere or nowhere", async () => {
    const logins = loginsBy(async ({ lane, name }) =>
      lane === "b" && name === "candidate"
        ? { kind: "failed", problem: "ended with code 1" }
        : { kind: "logged-in", headers: [["Authorization", `${lane} at ${name}`]] },
    );
    expect(await logins.ready([inLane("a"), inLane("b")])).toBeNull();
    const sent = async (lane: string): Promise<unknown[]> => {
      const given = await logins.of(lane);
      return [0, 1].map((index) => given.applied(index, request([["Authorization", "tok"]])).headers);
    };
    expect(await sent("a")).toEqual([[["Authorization", "a at candidate"]], [["Authorization", "a at control"]]]);
    expect(await sent("b")).toEqual([[["Authorization", "tok"]], [["Authorization", "tok"]]]);
    expect(logins.summary).toMatchObject({ asked: 4, failures: 1, first: { question: { lane: "b", name: "candidate" } } });
  });

  it("are told the tokens of the first exchange, request before answer, and the claims of a JWT that can be read", async () => {
    const asked: LoginQuestion[] = [];
    const payload = Buffer.from(JSON.stringify({ sub: "ada", exp: 1 })).toString("base64url");
    const jwt = `eyJhbGciOiJIUzI1NiJ9.${payload}.c2ln`;
    const logins = new Logins({
      logIn: async (question) => {
        asked.push(question);
        return { kind: "logged-in", headers: [] };
      },
      targets: targets.slice(0, 1),
      reveal: (sent) => ({ ...sent, headers: sent.headers.map(([name, value]) => [name, value.replace(token("jwt"), jwt)] as const) }),
    });
    const first = inLane(null, {
      request: {
        ...request([
          ["Authorization", `Bearer ${token("jwt")}`],
          ["Cookie", `a=${token("c")}; b=${token("jwt")}`],
        ]),
        target: `/?sid=${token("q")}`,
      },
      outcome: {
        kind: "answered",
        answer: { status: 200, reason: "", headers: [["Set-Cookie", `a=${token("new")}`]], body: noBody },
        firstByteMs: milliseconds(1),
        tookMs: milliseconds(1),
      },
    });
    await logins.ready([first]);
    await logins.ready([inLane("plain")]);
    expect(asked).toEqual([
      {
        lane: null,
        target: "http://127.0.0.1:1",
        name: "candidate",
        tokens: ["q", "jwt", "c", "new"].map(token),
        claims: { sub: "ada", exp: 1 },
      },
      { lane: "plain", target: "http://127.0.0.1:1", name: "candidate", tokens: [], claims: null },
    ]);
  });
});

describe("a replay with logins", () => {
  const users = ["ada", "bob", "cyd"];

  const accounts = async (nameKey?: string): Promise<Accounts> => {
    const started = await startAccounts(nameKey === undefined ? {} : { nameKey });
    onTestFinished(() => started.close());
    return started;
  };

  /** As production answered them, user after user; without tokens nothing in a request says that it needs credentials. */
  const recorded = (requestsPerUser: number, hasTokens: boolean): Exchange[] =>
    users.flatMap((user, lane) =>
      Array.from({ length: requestsPerUser }, (_, nth) =>
        plainExchange({
          id: `${user}-${nth}`,
          lane: user,
          at: epochMs(1_763_798_400_000 + (lane * requestsPerUser + nth) * 5),
          request: {
            ...request([["Host", "shop"], ...(hasTokens ? [["Authorization", `Bearer ${token(user)}`] as const] : [])]),
            target: `/me?n=${nth}`,
          },
          outcome: {
            kind: "answered",
            answer: {
              status: 200,
              reason: "OK",
              headers: [["content-type", "application/json"]],
              body: { kind: "whole", bytes: Buffer.from(JSON.stringify({ name: user, length: 0 })) },
            },
            firstByteMs: milliseconds(1),
            tookMs: milliseconds(2),
          },
        }),
      ),
    );

  const replayed = async (
    candidate: Accounts,
    control: Accounts,
    logInAt: LogIn,
    { requestsPerUser = 2, hasTokens = true }: { readonly requestsPerUser?: number; readonly hasTokens?: boolean } = {},
  ): Promise<{ result: ReplayResult; reasons: string[]; probes: string[] }> => {
    const directory = mkdtempSync(join(tmpdir(), "penumbra-logins-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const builds = [target(candidate.url), target(control.url, { name: "control" })];
    const [candidateTarget, ...controls] = builds;
    if (candidateTarget === undefined) throw new Error("there is a candidate");
    const exchanges = recorded(requestsPerUser, hasTokens);
    const result = await replay({
      recordings: [
        {
          exchanges: async function* () {
            yield* exchanges;
          },
          count: () => exchanges.length,
        },
      ],
      candidate: candidateTarget,
      controls,
      redaction: new Redactor({ key: new Uint8Array(32), mode: "token" }),
      run: { id: "run", labels: {}, targets: { primary: "recording", candidate: candidate.url, controls: [control.url] } },
      out: { directory, force: false },
      selection: selectAll,
      pace: recordedPace,
      order: "causal",
      writeScope: "segment",
      correlate: true,
      writes: false,
      headers: [],
      logins: new Logins({ logIn: logInAt, targets: builds, reveal: (sent) => sent }),
      seed: 1,
      maxLateness: milliseconds(1000),
      holdMs: 1000,
      maxProbes: 10,
      clock: systemClock,
      signal: new AbortController().signal,
    });
    const reasons: string[] = [];
    const probes: string[] = [];
    for await (const entry of (await openRun(directory)).entries()) {
      if (entry.kind === "observation") reasons.push(entry.observation.notComparable ?? "compared");
      else if (entry.kind === "probe")
        probes.push(
          ...[...entry.probe.candidate, ...entry.probe.control].map((outcome) =>
            outcome.kind === "answered" ? String(outcome.answer.status) : outcome.kind,
          ),
        );
    }
    return { result, reasons, probes };
  };

  const logInAs: LogIn = async ({ lane, target: url }): Promise<LoginAnswer> => ({
    kind: "logged-in",
    headers: Object.entries(headersOf(await logIn(url, lane ?? ""))),
  });

  it("gives the lane's headers to probes too", async () => {
    const { reasons, probes } = await replayed(await accounts("fullName"), await accounts(), logInAs);
    expect(reasons).toEqual(Array(6).fill("compared"));
    expect(probes.length).toBeGreaterThan(0);
    expect(new Set(probes)).toEqual(new Set(["200"]));
  });

  it("calls no lane equal that was let in at neither target because its login failed", async () => {
    const logInBut: LogIn = (question) =>
      question.lane === "bob" ? Promise.resolve({ kind: "failed", problem: "ended with code 1" }) : logInAs(question);
    const { result, reasons } = await replayed(await accounts(), await accounts(), logInBut, { hasTokens: false });
    expect(reasons.toSorted()).toEqual([...Array(4).fill("compared"), ...Array(2).fill("no_credentials")]);
    expect(result.facts.logins).toEqual({ asked: 6, failed: 2 });
  });

  it("holds only the lane whose login is slow, and calls none of it late", async () => {
    const [candidate, control] = [await accounts(), await accounts()];
    const perUser = 20;
    // Over 32 requests are before it, for whose lanes a replay waits at its start.
    const slow = users[2];
    const others = (): number => candidate.letIn.filter((line) => !line.startsWith(`${slow} `)).length;
    let othersWhenLoggedIn = 0;
    const { result, reasons } = await replayed(
      candidate,
      control,
      async (question) => {
        if (question.lane === slow) {
          await until(() => others() === 2 * perUser);
          await sleep(systemClock, milliseconds(1500));
          othersWhenLoggedIn = others();
        }
        return logInAs(question);
      },
      { requestsPerUser: perUser },
    );
    expect(othersWhenLoggedIn).toBe(2 * perUser);
    expect(reasons).toEqual(Array(3 * perUser).fill("compared"));
    // Its requests left 1.5 s after they were due; a second of lateness would make the replay invalid.
    expect(result.facts).toMatchObject({ valid: true, sent: 3 * perUser, orderViolations: 0 });
  });
});
