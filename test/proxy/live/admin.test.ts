import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { createAdmin } from "../../../proxy/live/admin.ts";
import { loopback, startRawPrimary, startTestSidecar, type TestSidecar } from "./support.ts";

let started: TestSidecar;
let primary: Awaited<ReturnType<typeof startRawPrimary>>;
const token = "secret-token";

beforeAll(async () => {
  primary = await startRawPrimary(() => undefined);
  started = await startTestSidecar(primary.port, { admin: { host: loopback, port: 0, token } });
});
afterAll(async () => {
  await started.sidecar.drain({ bound: milliseconds(200) });
  primary.server.close();
});

interface Asked {
  readonly status: number;
  readonly text: string;
}

function ask(method: string, path: string, options: { body?: string; host?: string; authorization?: string } = {}): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const port = started.sidecar.adminAddress?.port ?? 0;
    const headers = { host: options.host ?? `localhost:${port}`, authorization: options.authorization ?? `Bearer ${token}` };
    const sent = httpRequest({ host: loopback, port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once("error", reject);
    sent.end(options.body);
  });
}

describe("the admin door", () => {
  it("tells health and readiness without a token and under any name", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      expect(await ask("GET", path, { host: "10.0.0.7", authorization: "" })).toEqual({ status: 200, text: "ok\n" });
    }
  });

  it("shows the counters as JSON and as metrics", async () => {
    const counters = await ask("GET", "/counters");
    expect(JSON.parse(counters.text)).toMatchObject({ ledger: { seen: 0, open: 0 }, observer: { state: "ready", restarts: 0 } });
    const metrics = await ask("GET", "/metrics");
    expect(metrics.text).toContain("penumbra_exchanges_seen_total 0");
    expect(metrics.text).toContain('penumbra_exchanges_dropped_total{reason="budget"} 0');
    expect(metrics.text).toContain("penumbra_observer_ready 1");
  });

  it("changes sampling, whole or in part, and keeps it when the change is wrong", async () => {
    expect(JSON.parse((await ask("PUT", "/sampling", { body: '{"rate":0.000001}' })).text)).toEqual({ rate: 0.000001, enabled: true });
    expect(JSON.parse((await ask("PUT", "/sampling", { body: '{"enabled":false}' })).text)).toEqual({ rate: 0.000001, enabled: false });
    for (const body of ["", "[]", "null", '{"rate":2}', '{"rate":"1"}', '{"enabled":1}', '{"sample":1}']) {
      expect((await ask("PUT", "/sampling", { body })).status, body.slice(0, 20)).toBe(400);
    }
    expect(started.sidecar.sampling()).toEqual({ rate: 0.000001, enabled: false });
  });

  it.each([5000, 10_000_000])("says that a body of %i bytes is too long", async (length) => {
    const before = started.sidecar.sampling();
    const answered = await ask("PUT", "/sampling", { body: " ".repeat(length) });
    expect(answered).toEqual({ status: 413, text: '{"error":"the body is over 4096 bytes"}\n' });
    expect(started.sidecar.sampling()).toEqual(before);
  });

  it("refuses other names, other tokens, other methods and other paths", async () => {
    expect((await ask("GET", "/counters", { host: "evil.example" })).status).toBe(403);
    expect((await ask("GET", "/counters", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await ask("GET", "/counters", { authorization: "" })).status).toBe(401);
    expect((await ask("POST", "/sampling")).status).toBe(405);
    expect((await ask("GET", "/other")).status).toBe(404);
  });

  it("does not open to the network without a token", () => {
    const subject = {} as Parameters<typeof createAdmin>[1];
    expect(() => createAdmin({ host: "0.0.0.0", port: 0 }, subject)).toThrow("open to the network");
    expect(() => createAdmin({ host: "0.0.0.0", port: 0, token: "" }, subject)).toThrow("open to the network");
  });
});
