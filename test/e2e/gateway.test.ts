/** The gateway by the real command line: what it rewrites, records and mirrors, and what it refuses to be asked for. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningSidecar, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { conservationFaults, type LedgerSnapshot } from "../../proxy/live/ledger.ts";
import { type Service, startService } from "../support/service.ts";

const clients = 20;
const requestsPerClient = 10;

/** Answers with what it was asked. */
function echo(name: string): Promise<Service> {
  return startService((request, response, body) => {
    const { host, via } = request.headers;
    const forwardedFor = request.headers["x-forwarded-for"];
    response.end(JSON.stringify({ name, method: request.method, url: request.url, host, via, forwardedFor, length: body.length }));
  });
}

describe("penumbra proxy --forward gateway", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-gateway-"));
  const services: Service[] = [];
  let sidecar: RunningSidecar | null = null;
  let primary: Service;
  let other: Service;
  let candidate: Service;
  let control: Service;

  beforeAll(async () => {
    [primary, other, candidate, control] = await Promise.all([echo("shop"), echo("other"), echo("shop"), echo("shop")]);
    services.push(primary, other, candidate, control);
  });
  afterEach(async () => {
    await sidecar?.stop();
    sidecar = null;
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  it("rewrites, records and mirrors what the primary was sent, and its ledger adds up after the drain", async () => {
    const [recording, run] = [join(scratch, "recording"), join(scratch, "run")];
    sidecar = await startSidecarProcess([
      ...["--forward", "gateway", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", primary.url],
      ...["--route", `/other=${other.url}`, "--rewrite-host", "shop.example", "--strip-prefix", "/shop", "--add-prefix", "/v1"],
      ...["--candidate", candidate.url, "--control", control.url, "--mirror-writes"],
      ...["--record", recording, "--run", run, "--sample", "100%", "--key-file", join(scratch, "key")],
    ]);
    const { url } = sidecar;
    expect(JSON.parse(await send(new Agent(), `${url}/shop/a?b`, ""))).toEqual({
      name: "shop",
      method: "GET",
      url: "/v1/a?b",
      host: "shop.example",
      via: "1.1 penumbra",
      forwardedFor: "127.0.0.1",
      length: 0,
    });
    expect(JSON.parse(await send(new Agent(), `${url}/other/a`, ""))).toMatchObject({ name: "other", url: "/v1/other/a" });
    await Promise.all(Array.from({ length: clients }, (_, client) => drive(url, client)));
    const counters = (await (await fetch(`${sidecar.adminUrl ?? ""}/counters`)).json()) as { ledger: LedgerSnapshot };
    expect(conservationFaults(counters.ledger)).toEqual([]);
    const copied = 1 + clients * requestsPerClient;
    expect(counters.ledger).toMatchObject({ seen: copied + 1, captured: copied });
    expect(counters.ledger.dropped.other_route).toBe(1);
    const ended = await sidecar.stop();
    sidecar = null;
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toMatch(/deprecat|warning/i);
    const verified = await runPenumbra(["verify", recording]);
    expect(verified.stdout).toMatch(/all is well/);
    expect(verified.code).toBe(0);
    const asked = (service: Service): string[] => [...service.seen].toSorted();
    expect(asked(primary)).toHaveLength(copied);
    expect(asked(candidate)).toEqual(asked(primary));
    expect(asked(control)).toEqual(asked(primary));
    const observation = readFileSync(join(run, "entries.ndjson"), "utf8")
      .split("\n")
      .find((line) => line.includes("/v1/a?b"));
    expect(observation).toContain("shop.example");
  });

  it.each([
    [
      ["--route", "/a=http://127.0.0.1:1"],
      /--route changes requests, and --forward splice passes every byte on as it came; add --forward gateway/,
    ],
    [["--forwarded", "off"], /--forwarded changes requests/],
    [["--rewrite-host", "primary"], /--rewrite-host changes requests/],
    [["--strip-prefix", "/a"], /--strip-prefix changes requests/],
    [["--forward", "gateway", "--add-prefix", "/a/"], /--add-prefix cannot be "\/a\/"/],
    [["--forward", "gateway", "--route", "/a"], /--route cannot be "\/a"/],
    [["--forward", "gateway", "--rewrite-host", "a/b"], /--rewrite-host cannot be "a\/b"/],
    [["--forward", "gateway", "--route", "/a=http://h", "--route", "/a=http://i"], /--route \/a is given twice/],
  ])("%s is refused in one line before anything listens", async (args, says) => {
    const refused = await runPenumbra(["proxy", "--primary", primary.url, ...args, "--key-file", join(scratch, "key")]);
    expect(refused.stderr).toMatch(says);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(refused.code).toBe(2);
  });
});

async function drive(url: string, client: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; turn < requestsPerClient; turn++) {
    const body = turn % 2 === 0 ? "" : "y".repeat(client * 31 + turn);
    const answer = JSON.parse(await send(agent, `${url}/items/${client}-${turn}`, body)) as { length: number; url: string };
    expect(answer).toMatchObject({ length: body.length, url: `/v1/items/${client}-${turn}` });
  }
  agent.destroy();
}

function send(agent: Agent, url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { agent, method: body === "" ? "GET" : "POST" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text)).on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
