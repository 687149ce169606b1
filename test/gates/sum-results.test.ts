/** CI's last line: a sum that cannot hide a run that tested nothing. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const SCRIPT: string = join(import.meta.dirname, "..", "..", "scripts", "sum-results.ts");
const GATES = { passed: 6, failed: 0 };
const TESTS = {
  success: true,
  numPassedTests: 10,
  numFailedTests: 0,
  numPendingTests: 0,
  testResults: [{ status: "passed", assertionResults: [{}] }],
};

describe("the sum of a CI run", () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-sum-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("adds gates and tests", () => {
    expect(sumOf(GATES, TESTS)).toEqual({ status: 0, line: "16 passed, 0 failed" });
  });

  it("tells what was skipped", () => {
    expect(sumOf(GATES, { ...TESTS, numPendingTests: 2 })).toEqual({ status: 0, line: "16 passed, 0 failed, 2 skipped" });
  });

  it.each([
    ["a gate that failed", { passed: 5, failed: 1 }, TESTS],
    ["a test that failed", GATES, { ...TESTS, success: false, numFailedTests: 1 }],
    ["a file that could not be loaded", GATES, { ...TESTS, success: false, testResults: [{ status: "failed", assertionResults: [] }] }],
    ["an error outside of every test", GATES, { ...TESTS, success: false }],
    ["a run without a test", GATES, { ...TESTS, numPassedTests: 0, testResults: [] }],
    ["a report that was not written", GATES, null],
  ])("counts %s as one failure", (_what, gates, tests) => {
    const { status, line } = sumOf(gates, tests);
    expect(status).toBe(1);
    expect(line).toMatch(/, 1 failed$/);
  });

  function sumOf(...reports: readonly unknown[]): { readonly status: number | null; readonly line: string | undefined } {
    const files = reports.map((report, index) => {
      const file = join(folder, report === null ? "missing.json" : `${index}.json`);
      if (report !== null) writeFileSync(file, JSON.stringify(report));
      return file;
    });
    const result = spawnSync(process.execPath, [SCRIPT, ...files], { encoding: "utf8" });
    return { status: result.status, line: result.stdout.trimEnd().split("\n").at(-1) };
  }
});
