/** penumbra assumptions on the command line: recordings in, lines or JSON out. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Assumptions } from "../../model/belief.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { type Plant, plants, shopTraffic } from "../diff/assumptions/shop-traffic.ts";

describe("penumbra assumptions", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-assumptions-"));
  const at = (name: string): string => join(scratch, name);

  beforeAll(() => {
    const planted = new Set<Plant>(["null field", "new endpoint", "new value"]);
    write("staging.ndjson", 1, new Set());
    write("production.ndjson", 2, planted);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("names what production violates, the most frequent first, with exit code 0", async () => {
    const { code, stdout, stderr } = await runPenumbra(["assumptions", at("staging.ndjson"), at("production.ndjson")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n").filter((line) => line.startsWith("  "));
    const figures = /^ {2}(.*) \(production: ([\d.]+) %, (\d+) of [\d,]+; staging: 0 of [\d,]+\)$/;
    const told = lines.map((line) => figures.exec(line) ?? [line]);
    expect(new Set(told.map(([, said]) => said))).toEqual(new Set([plants["new endpoint"], plants["new value"], plants["null field"]]));
    expect(told.length).toBe(3);
    const counts = told.map(([, , , count]) => Number(count));
    expect(counts).toEqual(counts.toSorted((one, other) => other - one));
  });

  it("says so when there is nothing, and reads recordings of segments alike", async () => {
    const key = ["--key-file", at("key")];
    for (const name of ["staging", "production"]) await runPenumbra(["import", "ndjson", at(`${name}.ndjson`), "--out", at(name), ...key]);
    const same = await runPenumbra(["assumptions", at("staging"), at("staging")]);
    expect(same.stdout).toContain("nothing for granted that production violates");
    const { stdout } = await runPenumbra(["assumptions", at("staging"), at("production"), "--json"]);
    const found = JSON.parse(stdout) as Assumptions;
    expect(found.beliefs.map(({ kind }) => kind).sort()).toEqual(["endpoint", "null", "value"]);
    expect(found.production.exchanges).toBeGreaterThan(found.beliefs[0]?.violations ?? Number.POSITIVE_INFINITY);
  });

  it("shows no text of production that few sessions have used", async () => {
    const { stdout } = await runPenumbra(["assumptions", at("staging.ndjson"), at("rare.ndjson")]);
    expect(stdout).toContain('is always one of "basic", "plus" (production');
    expect(stdout).not.toMatch(/enterprise|secret plan/);
  });

  it("refuses what is no recording in one line", async () => {
    const { code, stderr } = await runPenumbra(["assumptions", at("staging.ndjson"), at("none")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^penumbra: \S+none does not exist; name a directory of segments.*\n$/);
  });

  function write(name: string, seed: number, planted: ReadonlySet<Plant>): void {
    const lines = shopTraffic({ seed, sessions: 300, planted }).map(encodeExchange);
    writeFileSync(at(name), `${lines.join("\n")}\n`);
    if (planted.size === 0) return;
    let n = 0;
    // Every user with a plan of an own name.
    const rare = lines.map((line) => line.replaceAll("enterprise", () => `secret plan ${n++}`));
    writeFileSync(at("rare.ndjson"), `${rare.join("\n")}\n`);
  }
});
