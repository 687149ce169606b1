/** The gate for import direction, cycles, restricted packages and clock reads.
 *
 *    node scripts/check-imports.ts      in the folder to check; prints one line per violation, exit code 1 if any
 *
 * Written here because the linters see the text of an import, not the file it leads to, and leave types out of cycles. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, posix } from "node:path";
import { CLOCK_FILE, FOLDERS, IMPURE_MODULES, OUTSIDE, PACKAGE_RULES, PURE_FOLDERS } from "./import-rules.ts";
import { readSource, type SourceFacts } from "./read-imports.ts";

/** Installed packages, and material that is not written here. */
const SKIPPED = /(^|\/)(node_modules|fixtures)(\/|$)|^test\/(corpus|zoo\/pairs)(\/|$)/;

const files = new Map<string, SourceFacts>();
const violations: string[] = [];

const inside = `{${[...Object.keys(FOLDERS), ...OUTSIDE].join(",")}}/**/*.{ts,tsx,mts,mjs}`;
for (const found of globSync([inside, "*.ts"], { exclude: (name) => SKIPPED.test(posixPath(name)) }).toSorted()) {
  const path = posixPath(found);
  files.set(path, readSource(path, readFileSync(path, "utf8")));
}
for (const [path, facts] of files) {
  if (OUTSIDE.includes(folderOf(path)) || !path.includes("/")) continue;
  for (const { specifier, line } of facts.imports) {
    const problem = problemOf(path, specifier);
    if (problem !== null) violations.push(`${path}:${line} ${problem}`);
  }
  if (path !== CLOCK_FILE && folderOf(path) !== "cli") {
    for (const line of facts.clockReads)
      violations.push(`${path}:${line} new Date() reads a clock: time comes from the Clock (${CLOCK_FILE})`);
  }
}
for (const cycle of cycles()) violations.push(`${cycle[0]} imports itself in a circle: ${cycle.join(" → ")}`);

for (const violation of violations) console.log(violation);
console.log(`${files.size} files, ${violations.length} violations`);
if (files.size === 0) console.log("No file was found to check: a gate that reads nothing does not pass.");
process.exitCode = violations.length === 0 && files.size > 0 ? 0 : 1;

function problemOf(path: string, specifier: string | null): string | null {
  if (specifier === null) return "import() of a computed name cannot be checked: name the module";
  return specifier.startsWith(".") ? directionProblem(path, specifier) : packageProblem(path, specifier);
}

function directionProblem(path: string, specifier: string): string | null {
  const target = resolved(path, specifier);
  const [from, to] = [folderOf(path), folderOf(target)];
  if (!existsSync(target)) return `${specifier} does not exist`;
  if (from === to) return null;
  const allowed = FOLDERS[from] ?? [];
  if (allowed.includes(to)) return null;
  return `${from} may not import from ${to} (${specifier}); it may from: ${allowed.join(", ") || "nothing"}`;
}

function packageProblem(path: string, specifier: string): string | null {
  const bare = specifier.replace(/^node:/, "");
  if (PURE_FOLDERS.includes(folderOf(path)) && IMPURE_MODULES.includes(bare)) {
    return `${folderOf(path)} is pure and may not import ${specifier}: reading and writing happen at the rim`;
  }
  for (const rule of PACKAGE_RULES) {
    const named = rule.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (named && !rule.allowed.some((prefix) => path.startsWith(prefix))) {
      return `${specifier} may only be imported in ${rule.allowed.join(", ")}: ${rule.reason}`;
    }
  }
  return null;
}

/** At least one circle of each group of files that lead back to themselves. */
function cycles(): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) found.push([...trail.slice(seenAt), path]);
    if (seenAt >= 0 || done.has(path)) return;
    for (const { specifier } of files.get(path)?.imports ?? []) {
      if (specifier?.startsWith(".") === true) visit(resolved(path, specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}

function posixPath(path: string): string {
  return path.replaceAll("\\", "/");
}

function resolved(path: string, specifier: string): string {
  return posix.join(dirname(path), specifier);
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}
