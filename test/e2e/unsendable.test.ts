/** Requests that no client could put on the wire are named so, and the others are compared. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-unsendable-"));
let service: Service;

beforeAll(async () => {
  service = await startService(itemsHandler("old"));
});
afterAll(async () => {
  await service.close();
  rmSync(scratch, { recursive: true, force: true });
});

it("a request with a line break in a field, or a name that is none, counts as unsendable and not as interrupted", async () => {
  const recording = itemsRecording(join(scratch, "items.ndjson"), 20);
  const [line = ""] = readFileSync(recording, "utf8").split("\n");
  for (const [id, field] of [
    ["broken-value", ["X-Note", "one\r\ntwo"]],
    ["broken-name", ["X Note", "one"]],
  ] as const) {
    const exchange = JSON.parse(line) as { id: string; request: { headers: unknown[] } };
    exchange.id = id;
    exchange.request.headers.push(field);
    appendFileSync(recording, `${JSON.stringify(exchange)}\n`);
  }
  const run = join(scratch, "run");
  const { code, stdout } = await runPenumbra([
    ...["replay", recording, "--candidate", service.url, "--control", service.url, "--out", run],
    ...["--key-file", join(scratch, "key"), "--max-lateness", "1m"],
  ]);
  const { totals, run: facts } = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
  expect(totals).toMatchObject({ exchanges: 22, compared: 20, notComparable: { unsendable: 2 } });
  expect(facts.replay).toMatchObject({ scheduled: 22, sent: 20 });
  expect(stdout).toContain("2 exchanges not compared: it cannot be put on the wire");
  expect(code).toBe(0);
});
