import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Exchange } from "../../../model/exchange.ts";
import { defaultMirrorSettings } from "../../../proxy/observer/mirror.ts";
import type { MirroredTargets } from "../../../proxy/observer/mirroring.ts";
import type { ObserverOptions } from "../../../proxy/observer/observer.ts";
import { openRecording } from "../../../recording/open.ts";
import { openRun } from "../../../recording/run.ts";
import { until } from "../../support/processes.ts";
import { LivePipe, logged, quiet } from "./live-pipe.ts";

let directory: string;
const servers: Server[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "penumbra-observer-"));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(directory, { recursive: true, force: true });
});

async function target(body: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function options(overrides: Partial<ObserverOptions> = {}): ObserverOptions {
  return {
    epoch: "e1",
    labels: { service: "shop" },
    primaries: ["http://primary"],
    bodyCap: 1024 * 1024,
    redactionKey: Buffer.alloc(32, "key").toString("base64"),
    redaction: "token",
    redactionRules: [],
    record: join(directory, "recording"),
    recordRate: null,
    vault: null,
    shadow: null,
    ...overrides,
  };
}

function shadowOf(candidate: string, controls: readonly string[]): MirroredTargets {
  return {
    run: { directory: join(directory, "run"), id: "live-1", force: false, seed: 1, windowMs: 86_400_000, keepMs: null },
    primary: "http://primary",
    candidate,
    controls,
    timeoutMs: 2000,
    answerCap: 16 * 1024 * 1024,
    credentials: { kind: "pass" },
    order: "causal",
    writeScope: "segment",
    correlate: true,
    holdMs: 1000,
    mirror: defaultMirrorSettings,
  };
}

async function recorded(path: string): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  for await (const exchange of (await openRecording(path)).exchanges()) exchanges.push(exchange);
  return exchanges;
}

describe("runObserver", () => {
  it("records and mirrors what is handed over, and says so once for each part", async () => {
    const live = new LivePipe(options({ shadow: shadowOf(await target('{"price":"5"}'), [await target('{"price":5}')]) }));
    live.exchange(1, "GET /items/1 HTTP/1.1\r\nHost: shop", '{"price":5}');
    live.exchange(2, "POST /items HTTP/1.1\r\nHost: shop", '{"id":7}');
    await live.end();
    expect(live.said.toSorted()).toEqual(["1 mirror done", "1 record done", "2 mirror write_not_allowed", "2 record done", "ready"]);
    expect((await recorded(join(directory, "recording"))).map(({ id, labels }) => [id, labels])).toEqual([
      ["e1-1", { service: "shop" }],
      ["e1-2", { service: "shop" }],
    ]);
    const observations = (await logged(join(directory, "run"))).flatMap((entry) =>
      entry.kind === "observation" ? [entry.observation] : [],
    );
    const byId = new Map(observations.map((observation) => [observation.exchange.id, observation]));
    expect(byId.get("e1-1")).toMatchObject({ candidate: { outcome: { kind: "answered" } }, controls: [{ outcome: { kind: "answered" } }] });
    expect(byId.get("e1-2")).toMatchObject({ candidate: null, notComparable: "write_not_allowed" });
    expect((await openRun(join(directory, "run"))).meta).toMatchObject({ kind: "live", interrupted: false, endedAt: expect.any(String) });
  });

  it("mirrors real secrets and lets none of them reach the disk", async () => {
    const arrived: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      arrived.push(request.headers.authorization);
      response
        .writeHead(200, { "set-cookie": "sid=answer-secret", "content-type": "application/json" })
        .end('{"password":"answer-secret"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    const live = new LivePipe(options({ shadow: shadowOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, []) }));
    live.exchange(1, "GET /me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer request-secret", '{"password":"answer-secret"}');
    await live.end();
    expect(arrived).toContain("Bearer request-secret");
    const stored =
      JSON.stringify(await recorded(join(directory, "recording"))) + readFileSync(join(directory, "run", "entries.ndjson"), "utf8");
    expect(stored).toContain("tok_");
    expect(stored).not.toContain("-secret");
    const bodies = (await recorded(join(directory, "recording"))).map(({ outcome }) =>
      outcome.kind === "answered" && outcome.answer.body.kind === "whole" ? Buffer.from(outcome.answer.body.bytes).toString() : "",
    );
    expect(bodies.join()).not.toContain("answer-secret");
  });

  it("tells again what an earlier observer of the same life had committed, and goes on with its run", async () => {
    const shadow = shadowOf(await target("{}"), []);
    const first = new LivePipe(options({ shadow }));
    first.exchange(1, "GET /a HTTP/1.1\r\nHost: shop", "{}");
    await first.end();
    const second = new LivePipe(options({ shadow }));
    second.exchange(2, "GET /b HTTP/1.1\r\nHost: shop", "{}");
    await second.end();
    expect(second.said.toSorted()).toEqual(["1 record done", "2 mirror done", "2 record done", "ready"]);
    expect((await openRun(join(directory, "run"))).meta.id).toBe("live-1");
    expect((await logged(join(directory, "run"))).filter(({ kind }) => kind === "observation").length).toBe(2);
    expect((await recorded(join(directory, "recording"))).map(({ id }) => id)).toEqual(["e1-1", "e1-2"]);
  });

  it("says off for what is not configured, and error for what could not be opened, and goes on", async () => {
    const off = new LivePipe(options({ record: null }));
    off.exchange(1, "GET /a HTTP/1.1\r\nHost: shop", "{}");
    await off.end();
    expect(off.said.toSorted()).toEqual(["1 mirror off", "1 record off", "ready"]);

    const warned: string[] = [];
    const file = join(directory, "file");
    writeFileSync(file, "");
    const broken = new LivePipe(options({ record: file }), { ...quiet, warn: (event) => warned.push(event) });
    broken.exchange(1, "GET /a HTTP/1.1\r\nHost: shop", "{}");
    await broken.end();
    expect(broken.said.toSorted()).toEqual(["1 mirror off", "1 record recorder_error", "ready"]);
    expect(warned).toEqual(["recorder.failed"]);
  });

  it("does not end before the live process has taken what it said", async () => {
    const live = new LivePipe(options());
    live.deafen();
    live.exchange(1, "GET /a HTTP/1.1\r\nHost: shop", "{}");
    let hasEnded = false;
    const ended = live.end().finally(() => {
      hasEnded = true;
    });
    await until(
      () => existsSync(join(directory, "recording", "000001.penumbra")) && !existsSync(join(directory, "recording", "000001.penumbra-wal")),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasEnded).toBe(false);
    live.listen();
    await ended;
    expect(live.said.toSorted()).toEqual(["1 mirror off", "1 record done", "ready"]);
  });

  it("ends soon after the pipe although a primary never answered", async () => {
    const live = new LivePipe(options({ shadow: shadowOf(await target("{}"), []) }));
    live.request(1, "GET /endless HTTP/1.1\r\nHost: shop");
    await live.end();
    expect(live.said).toEqual(["ready"]);
    expect((await openRun(join(directory, "run"))).meta.interrupted).toBe(false);
  });
});
