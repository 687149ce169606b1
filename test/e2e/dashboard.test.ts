/** The dashboard of a real sidecar: what candidates do is shown while they do it, whatever becomes of the processes behind it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DashboardState } from "../../cli/dashboard/protocol.ts";
import { type RunningSidecar, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { PageData } from "../../report/page/data.ts";
import { EventReader } from "../support/event-source.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

describe("the dashboard of a sidecar", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-dashboard-"));
  const closing: (() => unknown)[] = [];
  let build: "old" | "new" = "old";
  let primary: Service;
  let candidate: Service;
  let control: Service;
  let places = 0;

  beforeAll(async () => {
    primary = await startService(itemsHandler("old"));
    control = await startService(itemsHandler("old"));
    candidate = await startService((request, response, body) => itemsHandler(build)(request, response, body));
  });
  afterEach(async () => {
    build = "old";
    for (const close of closing.splice(0).toReversed()) await close();
  });
  afterAll(async () => {
    await Promise.all([primary, candidate, control].map((each) => each.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const start = async (...more: readonly string[]): Promise<{ sidecar: RunningSidecar; events: EventReader; run: string }> => {
    const run = join(scratch, `run-${++places}`);
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary.url, "--candidate", candidate.url, "--control", control.url],
      ...["--run", run, "--sample", "100%", "--key-file", join(scratch, "key"), "--ui", "0", ...more],
    ]);
    closing.push(() => sidecar.stop());
    const events = new EventReader(sidecar.dashboardUrl ?? "");
    closing.push(() => events.close());
    return { sidecar, events, run };
  };
  const ask = async (sidecar: RunningSidecar, from: number, count: number): Promise<void> => {
    for (let id = from; id < from + count; id++) await (await fetch(`${sidecar.url}/items/${id}`)).arrayBuffer();
  };

  it("shows a difference while the run goes on, and counts as the sidecar does", async () => {
    const { sidecar, events } = await start();
    await ask(sidecar, 1, 30);
    await events.first<PageData>("report", ({ sums }) => sums.some((sum) => sum.includes("30 compared")));
    expect(events.events.some(({ event, data }) => event === "report" && findingsOf(data as PageData).length > 0)).toBe(false);
    build = "new";
    const begun = performance.now();
    await ask(sidecar, 100, 5);
    const shown = await events.first<PageData>("report", (data) => findingsOf(data).some((title) => title.includes("price")));
    console.log(`shown after ${Math.round(shown.at - begun)} ms`);
    const state = await events.first<DashboardState>("state", ({ mirrored }) => mirrored === 35);
    expect(state.data).toMatchObject({ observer: "running", exchanges: 35, dropped: {} });
  });
});

function findingsOf({ groups }: PageData): string[] {
  return groups
    .filter(({ key }) => key === "open")
    .flatMap(({ findings }) => findings.map(({ title, facts }) => `${title} ${JSON.stringify(facts)}`));
}
