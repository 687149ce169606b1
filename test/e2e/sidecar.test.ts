/** The promise, kept by the real command line: whatever happens on the shadow side, no user's request fails
 * and no byte of an answer changes. */

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningSidecar, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { freePort } from "../../cli/demo/program.ts";
import type { LedgerSnapshot } from "../../proxy/live/ledger.ts";
import { childrenOf } from "../support/processes.ts";
import { type Service, startService } from "../support/service.ts";

const clients = 200;
const requestsPerClient = 10;

/** Answers with what it was sent, hashed, so that both directions are checked at once. */
function echo(): Promise<Service> {
  return startService((request, response, body) => {
    const answer = `${request.method} ${request.url} ${sha256(body)} ${"x".repeat(body.length % 977)}`;
    response.writeHead(200, { "content-type": "text/plain", "content-length": Buffer.byteLength(answer) });
    response.end(answer);
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("penumbra proxy under 200 concurrent keep-alive clients", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-sidecar-"));
  let primary: Service;
  let candidate: Service;
  let control: Service;
  let sidecar: RunningSidecar | null = null;
  let places = 0;

  beforeAll(async () => {
    [primary, candidate, control] = await Promise.all([echo(), echo(), echo()]);
  });
  afterEach(async () => {
    await sidecar?.stop();
    sidecar = null;
  });
  afterAll(async () => {
    await Promise.all([primary, candidate, control].map((each) => each.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const start = async (candidateUrl: string, controlUrl: string): Promise<{ recording: string }> => {
    places++;
    const recording = join(scratch, `recording-${places}`);
    sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", primary.url],
      ...["--candidate", candidateUrl, "--control", controlUrl],
      ...["--record", recording, "--run", join(scratch, `run-${places}`), "--sample", "100%", "--mirror-writes"],
      ...["--key-file", join(scratch, "key")],
    ]);
    return { recording };
  };
  const dead = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;

  it("fails no request and changes no byte while candidate and control are down", async () => {
    const { recording } = await start(await dead(), await dead());
    expect(await drive(sidecar?.url ?? "")).toEqual([]);
    await endsInOrder(recording);
  });

  it("fails no request while the observer is killed again and again, and the ledger adds up", async () => {
    const { recording } = await start(candidate.url, control.url);
    let kills = 0;
    const killing = setInterval(() => {
      for (const pid of childrenOf(sidecar?.process.pid)) {
        process.kill(pid, "SIGKILL");
        kills++;
      }
    }, 150);
    const failures = await drive(sidecar?.url ?? "");
    clearInterval(killing);
    expect(failures).toEqual([]);
    expect(kills).toBeGreaterThan(0);
    await endsInOrder(recording);
  });

  it("cuts no request that it has begun while it drains", async () => {
    await start(candidate.url, control.url);
    const running = sidecar;
    let stopped: Promise<{ readonly code: number | null }> | undefined;
    const draining = setTimeout(() => {
      stopped = running?.stop();
    }, 250);
    const begun = primary.seen.length;
    const failures = await drive(running?.url ?? "", { untilRefused: true });
    clearTimeout(draining);
    // A request that reached production was answered in full; one that never left the sidecar was refused before it had an effect.
    const reached = primary.seen.slice(begun).map((line) => line.split(" ")[1]);
    expect(failures.filter((failure) => reached.includes(failure.split(" ")[0]))).toEqual([]);
    expect((await stopped)?.code).toBe(0);
  });

  /** Stops, and holds the recording against the ledger. */
  async function endsInOrder(recording: string): Promise<void> {
    const counters = (await (await fetch(`${sidecar?.adminUrl ?? ""}/counters`)).json()) as { ledger: LedgerSnapshot };
    expect(counters.ledger.seen).toBe(clients * requestsPerClient);
    const ended = await sidecar?.stop();
    sidecar = null;
    expect(ended?.code).toBe(0);
    const verified = await runPenumbra(["verify", recording]);
    expect(verified.stdout).toMatch(/all is well/);
    expect(verified.code).toBe(0);
  }
});

/** @returns one line a failed or changed answer: path and what was wrong */
async function drive(url: string, options: { readonly untilRefused?: boolean } = {}): Promise<string[]> {
  const failures: string[] = [];
  await Promise.all(Array.from({ length: clients }, (_, client) => driveClient(url, client, failures, options.untilRefused === true)));
  return failures;
}

async function driveClient(url: string, client: number, failures: string[], untilRefused: boolean): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; turn < requestsPerClient; turn++) {
    const path = `/${turn % 2 === 0 ? "read" : "write"}/${client}-${turn}-${Math.random().toString(36).slice(2)}`;
    const body = turn % 2 === 0 ? "" : "y".repeat(client * 31 + turn);
    try {
      const answer = await send(agent, url, path, body);
      if (!answer.startsWith(`${body === "" ? "GET" : "POST"} ${path} ${sha256(body)} `)) failures.push(`${path} changed`);
    } catch (error) {
      failures.push(`${path} ${error instanceof Error ? error.message : String(error)}`);
      if (untilRefused) break;
    }
  }
  agent.destroy();
}

function send(agent: Agent, url: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}${path}`, { agent, method: body === "" ? "GET" : "POST" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => (response.complete ? resolve(text) : reject(new Error("cut short"))));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
