/** The gate for text that is only true on one machine: absolute paths of a work place, registry hosts, lock files that
 * say where a package was fetched from.
 *
 *    node scripts/check-text.ts      in the folder to check; reads every file that git knows or would add */

import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";

interface TextRule {
  readonly pattern: RegExp;
  readonly reason: string;
  /** Paths that the rule is read in; all when absent. */
  readonly only?: RegExp;
}

const RULES: readonly TextRule[] = [
  { pattern: /(^|[^A-Za-z0-9_.])\/(home|Users|root|work|builds)\//, reason: "names a folder of one machine" },
  { pattern: /\bregistry\.[a-z0-9-]+\.(org|com|net|io)\b/, reason: "names a registry: npm's own settings choose it" },
  { pattern: /"resolved": "http/, only: /(^|\/)package-lock\.json$/, reason: "says which registry a package came from" },
];

/** This file, and recorded traffic and third-party files, whose text is not ours. */
const EXEMPT: readonly RegExp[] = [/^scripts\/check-text\.ts$/, /^test\/corpus\//, /\/fixtures\//];

/** Larger files are data. */
const MAX_BYTES = 4 * 1024 * 1024;

const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
  maxBuffer: MAX_BYTES,
});
if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
const paths = listed.stdout.split("\0").filter((path) => path !== "" && !EXEMPT.some((each) => each.test(path)));

const violations = paths.flatMap(violationsIn);
for (const violation of violations) console.log(violation);
console.log(`${paths.length} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 && paths.length > 0 ? 0 : 1;

function violationsIn(path: string): string[] {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined || !status.isFile() || status.size > MAX_BYTES) return [];
  const content = readFileSync(path);
  if (content.includes(0)) return [];
  const rules = RULES.filter((rule) => rule.only?.test(path) ?? true);
  return content
    .toString()
    .split("\n")
    .flatMap((line, index) =>
      rules.filter((rule) => rule.pattern.test(line)).map((rule) => `${path}:${index + 1} ${rule.reason}: ${line.trim().slice(0, 120)}`),
    );
}
