/** An import that did not come to its end leaves a recording that says so, to whoever looks at it. */

import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import { segmentFacts } from "../../recording/segment-reader.ts";
import { until } from "../support/processes.ts";
import { itemsRecording } from "../support/recordings.ts";

describe("an import", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-import-"));
  const file = join(scratch, "items.ndjson");
  const key = ["--key-file", join(scratch, "key")];

  beforeAll(() => {
    itemsRecording(file, 60_000);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  async function endedBy(signal: NodeJS.Signals, out: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
    const child = startPenumbra(["import", "ndjson", file, "--out", out, ...key]);
    const segment = join(out, "000001.penumbra");
    await until(() => existsSync(segment) && segmentFacts(segment).exchanges > 0);
    child.process.kill(signal);
    return child.ended;
  }

  it.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("that was ended by %s leaves a part, and inspect, verify and replay say so", { timeout: 60_000 }, async (signal, code) => {
    const out = join(scratch, signal);
    const ended = await endedBy(signal, out);
    expect(ended.code).toBe(code);
    const { exchanges } = segmentFacts(join(out, "000001.penumbra"));
    expect(exchanges).toBeLessThan(60_000);
    const verified = await runPenumbra(["verify", out]);
    expect(verified.stdout).toContain("not known: an import into it did not come to its end");
    expect(verified.stdout).not.toContain("all is well");
    expect(verified.code).toBe(3);
    expect((await runPenumbra(["inspect", out])).stdout).toContain("partial: an import into it did not come to its end");
    expect((await runPenumbra(["replay", out, "--dry-run"])).stderr).toContain("an import into it did not come to its end");

    // One segment by itself may be of a whole import.
    const alone = join(scratch, `${signal}.penumbra`);
    for (const name of readdirSync(out).filter((each) => each.startsWith("000001"))) {
      copyFileSync(join(out, name), join(scratch, name.replace("000001", signal)));
    }
    expect((await runPenumbra(["inspect", alone])).stdout).not.toContain("partial");
  });

  it("that came to its end is no part, also after one that did not", { timeout: 60_000 }, async () => {
    const out = join(scratch, "whole");
    const small = itemsRecording(join(scratch, "small.ndjson"), 20);
    expect((await runPenumbra(["import", "ndjson", small, "--out", out, ...key])).code).toBe(0);
    const verified = await runPenumbra(["verify", out]);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain("all is well");
    await endedBy("SIGKILL", join(scratch, "again"));
    expect((await runPenumbra(["import", "ndjson", small, "--out", join(scratch, "again"), ...key])).code).toBe(0);
    expect((await runPenumbra(["verify", join(scratch, "again")])).stdout).toContain(
      "not known: an import into it did not come to its end",
    );
  });
});
