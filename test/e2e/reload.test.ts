/** SIGHUP to the real command line: everything of a new configuration holds, or nothing. */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningSidecar, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { openRecording } from "../../recording/open.ts";
import { until } from "../support/processes.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const tlsPlace = fileURLToPath(new URL("../proxy/live/tls/", import.meta.url));

describe("SIGHUP", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-reload-"));
  const config = join(scratch, "penumbra.yaml");
  let service: Service;
  let sidecar: RunningSidecar;
  let said = "";
  beforeAll(async () => {
    service = await startService(itemsHandler("old"));
  });
  afterEach(async () => {
    const { code, stderr } = await sidecar.stop();
    if (code !== 0) throw new Error(`the sidecar ended with ${code}: ${stderr}`);
  });
  afterAll(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  async function start(lines: string, more: readonly string[] = []): Promise<void> {
    writeFileSync(config, lines);
    said = "";
    sidecar = await startSidecarProcess([
      ...[
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0",
        "--primary",
        service.url,
        "--config",
        config,
        "--key-file",
        join(scratch, "key"),
      ],
      ...more,
    ]);
    sidecar.process.stderr?.on("data", (text: string) => {
      said += text;
    });
  }
  /** @returns what it said about it */
  async function reloadWith(lines: string): Promise<string> {
    writeFileSync(config, lines);
    said = "";
    sidecar.process.kill("SIGHUP");
    await until(() => said.includes("\n"));
    return said;
  }
  const rate = async (): Promise<unknown> => ((await (await fetch(`${sidecar.adminUrl}/sampling`)).json()) as { rate: number }).rate;

  it("takes over a new sampling rate, and serves on", async () => {
    await start("sample: 10%\n");
    expect(await rate()).toBe(0.1);
    expect(await reloadWith("sample: 25%\n")).toBe("penumbra: reloaded\n");
    expect(await rate()).toBe(0.25);
    expect((await fetch(`${sidecar.url}/items/1`)).status).toBe(200);
  });

  it.each([
    ["a value that cannot be", "sample: lots\n", "lots"],
    ["an unknown key", "sampel: 25%\n", "sampel"],
    ["no YAML", "sample: [\n", "penumbra.yaml"],
    ["a report of no form that there is", "sample: 25%\nreport: [bogus=x]\n", "bogus=… names no report format"],
    ["accepted changes that are not there", "sample: 25%\naccept: none.yaml\n", "none.yaml"],
    ["a rule that is none", "sample: 25%\nrules: [{ at: status }]\n", "rule 1 in"],
    ["what takes a restart, beside what does not", "sample: 25%\nbudget: 1MiB\n", "--budget cannot change while the sidecar runs"],
  ])("keeps what was in force, and says so in one line, when the file has %s", async (_, lines, word) => {
    await start("sample: 10%\n");
    const told = await reloadWith(lines);
    expect(told).toContain(word);
    expect(told).toMatch(/^penumbra: .*not reloaded.*\n$/);
    expect(await rate()).toBe(0.1);
    expect((await fetch(`${sidecar.url}/items/1`)).status).toBe(200);
  });

  it("takes over new rules, which hold when the run is judged", async () => {
    await start("sample: 10%\n");
    expect(await reloadWith("sample: 10%\nrules: [{ at: status, ignore: true, reason: a test }]\n")).toBe("penumbra: reloaded\n");
  });

  it("takes over new sampling rules, and the recording says with which probability each request came into it", async () => {
    const recording = join(scratch, "recording");
    await start("sample: 0\nsampling: [{ path: /items/1, rate: 100% }]\n", ["--record", recording]);
    const ask = async (path: string): Promise<void> => void (await (await fetch(`${sidecar.url}${path}`)).arrayBuffer());
    for (const path of ["/items/1", "/items/2"]) await ask(path);
    expect(await reloadWith("sample: 0\nsampling: [{ path: /items/2, perSecond: 100 }, { rate: 200% }]\n")).toContain("not reloaded");
    expect(await reloadWith("sample: 0\nsampling: [{ path: /items/2, perSecond: 100 }]\n")).toBe("penumbra: reloaded\n");
    for (const path of ["/items/1", "/items/2"]) await ask(path);
    await sidecar.stop();
    const kept: string[] = [];
    for await (const { request, inclusion } of (await openRecording(recording)).exchanges()) kept.push(`${request.target} ${inclusion}`);
    expect(kept).toEqual(["/items/1 1", "/items/2 1"]);
  });

  it("leaves a rate alone that an operator has set, unless the file's has changed", async () => {
    await start("sample: 10%\n");
    await fetch(`${sidecar.adminUrl}/sampling`, { method: "PUT", body: '{"rate": 0.5, "enabled": false}' });
    expect(await reloadWith("sample: 10%\nfail-on: none\n")).toBe("penumbra: reloaded\n");
    expect(await (await fetch(`${sidecar.adminUrl}/sampling`)).json()).toEqual({ rate: 0.5, enabled: false });
  });

  it("gives new connections the new certificate, keeps the old one when the new one is bad, and cuts nobody", async () => {
    const [cert, key] = [join(scratch, "cert.pem"), join(scratch, "key.pem")];
    copyFileSync(join(tlsPlace, "loopback-cert.pem"), cert);
    copyFileSync(join(tlsPlace, "loopback-key.pem"), key);
    await start("sample: 10%\n", ["--tls-cert", cert, "--tls-key", key]);
    const old = await handshake();
    copyFileSync(join(tlsPlace, "renewed-cert.pem"), cert); // the certificate is there already, its key not yet
    expect(await reloadWith("sample: 20%\n")).toContain(cert);
    expect(await rate()).toBe(0.1);
    expect((await handshake()).name).toBe(old.name);
    copyFileSync(join(tlsPlace, "renewed-key.pem"), key);
    expect(await reloadWith("sample: 20%\n")).toBe("penumbra: reloaded\n");
    const renewed = await handshake();
    expect(renewed.name).toBe("renewed");
    expect(await rate()).toBe(0.2);
    expect(await old.ask()).toMatch(/^HTTP\/1\.1 200 /);
    old.end();
    renewed.end();
  });

  /** One TLS connection: the name in its certificate, and a request over it. */
  function handshake(): Promise<{ name: string; ask(): Promise<string>; end(): void }> {
    const port = Number(new URL(sidecar.url).port);
    return new Promise((resolve, reject) => {
      const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
        const ask = (): Promise<string> =>
          new Promise((answered) => {
            socket.once("data", (chunk: Buffer) => answered(chunk.toString()));
            socket.write("GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n");
          });
        resolve({ name: String(socket.getPeerCertificate().subject.CN), ask, end: () => socket.destroy() });
      });
      socket.once("error", reject);
    });
  }
});
