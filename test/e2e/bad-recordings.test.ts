/** Recordings that a replay cannot use: one clear line, exit code 2, and nothing is sent or written. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

/** Of SQLite's header: the format's number, four bytes (https://www.sqlite.org/fileformat.html §1.3). */
const userVersionAt = 60;

describe("a replay of a recording that", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-bad-recordings-"));
  const plain = itemsRecording(join(scratch, "items.ndjson"), 40);
  const whole = join(scratch, "whole");
  let service: Service;

  beforeAll(async () => {
    service = await startService(itemsHandler("old"));
    await runPenumbra(["import", "ndjson", plain, "--out", whole]);
  });
  afterAll(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** A copy of the recording whose one segment was changed. */
  function changed(name: string, change: (bytes: Buffer) => Buffer): string {
    const copy = join(scratch, name);
    mkdirSync(copy);
    for (const file of readdirSync(whole)) copyFileSync(join(whole, file), join(copy, file));
    const segment = readdirSync(copy).find((file) => file.endsWith(".penumbra")) ?? "";
    writeFileSync(join(copy, segment), change(readFileSync(join(copy, segment))));
    return copy;
  }

  async function replay(recording: string, out: string): ReturnType<typeof runPenumbra> {
    return runPenumbra([
      ...["replay", recording, "--candidate", service.url, "--control", service.url, "--out", out],
      ...["--key-file", join(scratch, "key")],
    ]);
  }

  it.each([
    {
      title: "is newer than the tool",
      change: (bytes: Buffer): Buffer => {
        bytes.writeUInt32BE(99, userVersionAt);
        return bytes;
      },
      complaint: /has recording format 99; this build reads up to \d+; upgrade penumbra, or record again\n$/,
    },
    {
      title: "is cut off",
      change: (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1),
      complaint: /is damaged: .*; remove this segment from the recording, or take a copy that is whole\n$/,
    },
  ])("$title is refused before anything is sent or written", async ({ title, change, complaint }) => {
    const before = service.seen.length;
    const out = join(scratch, `run ${title}`);
    const { code, stderr } = await replay(changed(title, change), out);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(service.seen).toHaveLength(before);
    expect(existsSync(out)).toBe(false);
  });

  it("has a broken line is refused before anything is sent or written", async () => {
    const before = service.seen.length;
    const lines = readFileSync(plain, "utf8").split("\n");
    const broken = join(scratch, "broken.ndjson");
    writeFileSync(broken, [...lines.slice(0, 38), lines[38]?.slice(0, 50), ...lines.slice(39)].join("\n"));
    const out = join(scratch, "broken-run");
    const { code, stderr } = await replay(broken, out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/line 39/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(service.seen).toHaveLength(before);
    expect(existsSync(out)).toBe(false);
  });
});
