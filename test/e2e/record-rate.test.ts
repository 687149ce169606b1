/** --record-rate through the real command line: what is stored of many copies, and that what is stored says what there was. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Exchange } from "../../model/exchange.ts";
import { openRecording } from "../../recording/open.ts";
import { type Service, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-record-rate-"));
let service: Service;
beforeAll(async () => {
  service = await startService((request, response) => {
    const isBroken = request.url === "/broken";
    response.writeHead(isBroken ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(isBroken ? { error: "busy" } : { url: request.url }));
  });
});
afterAll(async () => {
  await service.close();
  rmSync(scratch, { recursive: true, force: true });
});

it("stores errors and rare kinds whole, of the rest some, and each with its probability", { timeout: 60_000 }, async () => {
  const recording = join(scratch, "recording");
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", service.url, "--key-file", join(scratch, "key")],
    ...["--sample", "100%", "--record", recording, "--record-rate", "5/s"],
  ]);
  const targets = Array.from({ length: 1500 }, (_, index) => (index % 100 === 7 ? "/broken" : index % 300 === 5 ? "/rare?x=1" : "/items"));
  const ask = async (target: string, session: number): Promise<void> =>
    void (await (await fetch(`${sidecar.url}${target}`, { headers: { cookie: `sid=s${session}` } })).arrayBuffer());
  for (let at = 0; at < targets.length; at += 20) {
    await Promise.all(targets.slice(at, at + 20).map((target, index) => ask(target, at + index)));
  }
  await sidecar.stop();

  const stored: Exchange[] = [];
  for await (const exchange of (await openRecording(recording)).exchanges()) stored.push(exchange);
  const of = (target: string): Exchange[] => stored.filter(({ request }) => request.target === target);
  expect([of("/broken").length, of("/rare?x=1").length]).toEqual([15, 5]);
  expect(of("/items").length).toBeLessThan(700);
  const estimated = of("/items").reduce((sum, { inclusion = 0 }) => sum + 1 / inclusion, 0);
  expect(Math.abs(estimated / 1480 - 1)).toBeLessThan(0.4);
  const verified = await runPenumbra(["verify", recording, "--json"]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ problems: [], exchanges: stored.length });
  const summary = await runPenumbra(["inspect", recording, "--json"]);
  expect(JSON.parse(summary.stdout)).toMatchObject({ drops: { not_kept: 1500 - stored.length } });
});

it("needs a recording, and a rate", async () => {
  const proxy = (...more: readonly string[]) => runPenumbra(["proxy", "--listen", "127.0.0.1:0", "--primary", service.url, ...more]);
  const without = await proxy("--record-rate", "5/s");
  expect(without).toMatchObject({ code: 2 });
  expect(without.stderr).toContain("--record-rate needs a recording");
  const nonsense = await proxy("--record", join(scratch, "none"), "--record-rate", "many");
  expect(nonsense).toMatchObject({ code: 2 });
  expect(nonsense.stderr).toContain('--record-rate cannot be "many"; give a rate such as 20/s');
});
