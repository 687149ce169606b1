/** `penumbra proxy --log json`: every line of both processes is one JSON object, and none holds what users sent. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { childrenOf } from "../support/processes.ts";
import { startService } from "../support/service.ts";

const line = z.looseObject({
  level: z.enum(["info", "warn"]),
  time: z.iso.datetime(),
  process: z.enum(["live", "observer"]),
  pid: z.int(),
  event: z.string().regex(/^[a-z-]+(\.[a-z-]+)?$/),
});

it("tells everything as JSON, from both processes, without what users sent", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-log-"));
  const primary = await startService((_, response) => response.end("answer-secret"));
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--primary", primary.url, "--record", join(scratch, "recording"), "--key-file", join(scratch, "key")],
    ...["--sample", "100%", "--log", "json", "--admin", "127.0.0.1:0"],
  ]);
  await (
    await fetch(`${sidecar.url}/path-secret`, { method: "POST", body: "body-secret", headers: { authorization: "Bearer x-secret" } })
  ).text();
  const observerIsReady = async (): Promise<boolean> =>
    (await (await fetch(`${sidecar.adminUrl}/metrics`)).text()).includes("\npenumbra_observer_ready 1\n");
  while (!(await observerIsReady())) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const pid of childrenOf(sidecar.process.pid)) process.kill(pid, "SIGKILL");
  while (await observerIsReady()) await new Promise((resolve) => setTimeout(resolve, 50));
  const { stderr } = await sidecar.stop();
  await primary.close();
  rmSync(scratch, { recursive: true, force: true });
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((text) => line.parse(JSON.parse(text)));
  const told = lines.map((each) => `${each.process} ${each.event}`);
  expect(told).toEqual(expect.arrayContaining(["live observer.gone", "live drain.ended", "observer observer.ready", "live note"]));
  expect(stderr).not.toContain("secret");
}, 30_000);
