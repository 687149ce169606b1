/** Sums what the gates and the tests of one CI run reported, as its last line: `N passed, N failed`.
 *
 *    node scripts/sum-results.ts REPORT.json ...
 *
 * A report is what `npm run check -- --report` writes, or vitest's JSON. One that is missing or empty is a failure:
 * a run that tested nothing has not passed. */

import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The fields of vitest's JSON report that are counted here. */
interface TestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const counts = process.argv.slice(2).map(countsOf);
const total = { passed: sumOf("passed"), failed: sumOf("failed"), skipped: sumOf("skipped") };
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function countsOf(file: string): Counts {
  if (!existsSync(file)) return nothing(file, "was not written");
  const report = JSON.parse(readFileSync(file, "utf8")) as Counts | TestReport;
  const found = "testResults" in report ? testCounts(report) : { passed: report.passed, failed: report.failed, skipped: 0 };
  return found.passed + found.failed === 0 ? nothing(file, "counts nothing") : found;
}

function testCounts(report: TestReport): Counts {
  // A file that cannot be loaded has no tests that could fail.
  const unloaded = report.testResults.filter((each) => each.status === "failed" && each.assertionResults.length === 0).length;
  const failed = report.numFailedTests + unloaded;
  // An error outside of every test fails the run without failing a test.
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed, skipped: report.numPendingTests };
}

function nothing(file: string, problem: string): Counts {
  console.log(`the report ${basename(file)} ${problem}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

function sumOf(field: keyof Counts): number {
  return counts.reduce((sum, each) => sum + each[field], 0);
}
