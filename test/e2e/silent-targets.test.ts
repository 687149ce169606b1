/** A candidate that does not answer at one endpoint, or from some moment on: the replay says which of these it was, compares all
 * the rest, and leaves a target alone that is down. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { writeRecording } from "../support/recordings.ts";

type Act = "answer" | "hang" | "reset" | "nonsense";
/** @param number of requests that came before */
type Behaviour = (target: string, number: number) => Act;

const endpoints = ["items", "users", "carts", "prices", "stock"];
const exchanges = 150;
/** Of a probe, to one target; three of one signature. */
const probeSends = 9;
const mostProbes = 3;

describe("a replay to a candidate that", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-silent-"));
  const recording = join(scratch, "traffic.ndjson");
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  beforeAll(() => {
    const targets = Array.from({ length: exchanges }, (_, index) => `/${endpoints[index % endpoints.length]}/${index}`);
    writeRecording(
      recording,
      targets.map((target, index) => ({
        id: `e${index}`,
        at: 1_763_798_400_000 + index * 8,
        lane: `lane-${index}`,
        target,
        body: bodyOf(target),
      })),
    );
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  async function start(behaviour: Behaviour): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((socket) => {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("data", (request) => {
          const target = request.toString("latin1").split(" ")[1] ?? "";
          act(behaviour(target, asked.push(target) - 1), target, socket);
        });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  async function replayTo(
    behaviour: Behaviour,
    ...more: readonly string[]
  ): Promise<{ code: number | null; stderr: string; report: Report; asked: string[] }> {
    const [candidate, control] = [await start(behaviour), await start(() => "answer")];
    const run = mkdtempSync(join(scratch, "run-"));
    const { code, stderr } = await runPenumbra([
      ...["replay", recording, "--candidate", candidate.url, "--control", control.url, "--out", join(run, "run")],
      ...["--timeout", "700ms", "--max-lateness", "1m", "--key-file", join(scratch, "key"), ...more],
    ]);
    const report = JSON.parse(readFileSync(join(run, "run", "report.json"), "utf8")) as Report;
    return { code, stderr, report, asked: candidate.asked };
  }

  it.each([
    ["hang", "no answer in time"],
    ["reset", "connection reset"],
    ["nonsense", "answer is not valid HTTP"],
  ] as const)("does %s at one endpoint always is deterministic there, and the rest is compared", async (misdeed, named) => {
    const { code, stderr, report, asked } = await replayTo((target) => (target.startsWith("/carts/") ? misdeed : "answer"));
    expect([code, stderr]).toEqual([1, ""]);
    expect(report.findings).toMatchObject([
      { title: `GET /carts/{id}: ${named}`, state: "new", class: "deterministic", count: exchanges / endpoints.length },
    ]);
    expect(report.totals).toMatchObject({ exchanges, compared: exchanges, notComparable: {} });
    expect(report.reasons).toEqual([{ code: "findings", text: "1 finding at or over medium" }]);
    // Elsewhere nothing was asked twice; there no more than its probes, and twice what was lost on a connection that had served before.
    expect(asked.filter((target) => !target.startsWith("/carts/"))).toHaveLength(exchanges - exchanges / endpoints.length);
    expect(asked.length).toBeLessThanOrEqual(exchanges + 2 * (exchanges / endpoints.length + mostProbes * probeSends));
  });

  it("hangs now and then at one endpoint is not called deterministic, and not passed either", async () => {
    let carts = 0;
    const { code, report } = await replayTo((target) => (target.startsWith("/carts/") && carts++ % 20 === 10 ? "hang" : "answer"));
    expect([1, 3]).toContain(code);
    expect(report.findings.map(({ title }) => title)).toEqual(["GET /carts/{id}: no answer in time"]);
    expect(["flaky", "unclassified"]).toContain(report.findings[0]?.class);
    expect(report.totals).toMatchObject({ exchanges, compared: exchanges });
  });

  it("hangs from some request on is left alone, and the report says so rather than calling an endpoint flaky", async () => {
    const answeredBefore = 60;
    // Most of the recording is still to be sent when the first requests have waited in vain.
    const slowly = ["--speed", "0.25"];
    const { code, stderr, report, asked } = await replayTo((_target, number) => (number < answeredBefore ? "answer" : "hang"), ...slowly);
    expect([1, 3]).toContain(code);
    expect(stderr).toBe("");
    expect(report.reasons.find(({ code: name }) => name === "candidate-stopped")?.text).toMatch(
      /^the candidate gave no answer to any of the last \d+ requests that it was sent; the last that it answered was GET \/stock\/59; see /,
    );
    expect(report.findings.map(({ class: found }) => found)).not.toContain("flaky");
    expect(report.totals).toMatchObject({ exchanges, same: answeredBefore });
    expect(report.totals.notComparable["breaker_open"] ?? 0).toBeGreaterThan(0);
    // Not even every request once: most of those after the fifth failure were not sent, and what was probed were two requests at most.
    expect(asked.length).toBeLessThan(exchanges + 2 * probeSends);
  });
});

function bodyOf(target: string): string {
  return JSON.stringify({ path: target, ok: true });
}

function act(what: Act, target: string, socket: Socket): void {
  switch (what) {
    case "hang":
      return;
    case "reset":
      socket.resetAndDestroy();
      return;
    case "nonsense":
      socket.end("SSH-2.0-OpenSSH_9.6\r\n");
      return;
    case "answer": {
      const body = bodyOf(target);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    default:
      throw new Error(what satisfies never);
  }
}
