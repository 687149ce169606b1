/** What `compare` leaves behind of recordings that nobody has redacted. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { openedPage } from "../report/readers/opened-page.ts";

const secret = "hunter2hunter2";
const scratch = mkdtempSync(join(tmpdir(), "penumbra-compare-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Answers with the secret as well; the candidate's price is a string. */
function recording(name: string, price: unknown): string {
  const lines = Array.from({ length: 30 }, (_, index) => ({
    ...{ id: `e${index}`, at: 1_763_798_400_000 + index, lane: `lane ${index}`, labels: {} },
    request: {
      ...{ method: "GET", target: `/items/${index}?token=${secret}`, version: "1.1", body: null },
      headers: [
        ["Host", "shop"],
        ["Cookie", `sid=${secret}`],
        ["Authorization", `Bearer ${secret}`],
      ],
    },
    outcome: {
      ...{ kind: "answered", status: 200, reason: "OK", firstByteMs: 1, tookMs: 2 },
      headers: [["Content-Type", "application/json"]],
      body: { text: JSON.stringify({ price, password: secret }) },
    },
  }));
  const file = join(scratch, name);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

describe("compare", () => {
  it("finds the change, and keeps no secret in the run or its page", async () => {
    const out = join(scratch, "run");
    const files = [recording("old.ndjson", 1), recording("new.ndjson", "1"), "--control", recording("again.ndjson", 1)];
    const ended = await runPenumbra(["compare", ...files, "--out", out, "--key-file", join(scratch, "key")]);
    expect(ended).toMatchObject({ code: 1, stderr: "" });
    const page = openedPage(readFileSync(join(out, "report.html"), "utf8"));
    const kept = [...readdirSync(out).map((name) => readFileSync(join(out, name), "latin1")), JSON.stringify(page.samples), ended.stdout];
    expect(Object.keys(page.samples).length).toBeGreaterThan(0);
    expect(JSON.stringify(page.samples)).toContain("tok_");
    expect(kept.filter((text) => text.includes(secret))).toEqual([]);
  });

  it("redacts by the rules that a recording beside it was made with, so that equal answers stay equal", async () => {
    const [config, made, key] = [join(scratch, "rules.yaml"), join(scratch, "made"), ["--key-file", join(scratch, "key")]];
    writeFileSync(config, "redaction:\n  - json: $.price\n");
    const [old, same] = [recording("a.ndjson", 1), recording("b.ndjson", 1)];
    expect(await runPenumbra(["import", "ndjson", old, "--out", made, "--config", config, ...key])).toMatchObject({ code: 0 });
    const ended = await runPenumbra(["compare", made, same, "--out", join(scratch, "ruled"), ...key]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(scratch, "ruled", "report.json"), "utf8")).toContain('"different": 0');
  });
});
