/** `npm run build`: makes the package that is published, since Node does not run TypeScript inside node_modules.
 *
 *    TypeScript sources ──► tsc ──► dist/**.js ──► dist/package.json, README, LICENSE
 *
 *    npm run build                  into dist/
 *    npm run build -- --out FOLDER  elsewhere */

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseSync, Visitor } from "oxc-parser";
import { FOLDERS } from "./import-rules.ts";
import { ensurePage } from "./page-build.ts";

const ROOT: string = join(import.meta.dirname, "..");
const COMMAND = "cli/main.js";

/** What of our package.json the published one repeats; the rest is for developing. */
const PUBLISHED_FIELDS: readonly string[] = ["name", "version", "description", "license", "type", "engines", "dependencies"];

const { values } = parseArgs({ options: { out: { type: "string", default: join(ROOT, "dist") } } });
const out = resolve(values.out);
rmSync(out, { recursive: true, force: true });
await ensurePage();
compile();
copyAssets();
for (const path of globSync("**/*.js", { cwd: out })) pointAtJavaScript(path);
makeCommand();
writePackage();
mkdirSync(join(out, "docs"));
// The schema is what files that `penumbra init` writes point at.
for (const name of ["README.md", "LICENSE", "docs/config.schema.json"]) copyFileSync(join(ROOT, name), join(out, name));
console.log(`built ${out}`);

function compile(): void {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "--project", join(ROOT, "tsconfig.build.json"), "--outDir", out, "--pretty", "false"];
  const result = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (result.status !== 0) throw new Error("the sources do not compile");
}

/** Files beside the sources that the program reads at run time: style sheets, pages, schemas. */
function copyAssets(): void {
  for (const path of globSync(`{${Object.keys(FOLDERS).join(",")}}/**/*.*`, { cwd: ROOT })) {
    if (/\.tsx?$/.test(path) || path.startsWith("report/page/app/")) continue;
    mkdirSync(dirname(join(out, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(out, path));
  }
}

/** tsc rewrites imports, but not the names of files that are started as processes: `new URL("./observer.ts", …)`. */
function pointAtJavaScript(path: string): void {
  const file = join(out, path);
  let source = readFileSync(file, "utf8");
  const found: { readonly start: number; readonly end: number; readonly value: string }[] = [];
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string" && /^\.{1,2}\/.*\.ts$/.test(node.value)) found.push({ ...node, value: node.value });
    },
  }).visit(parseSync(path, source).program);
  for (const { start, end, value } of found.toReversed()) {
    const compiled = value.replace(/\.ts$/, ".js");
    if (!existsSync(join(dirname(file), compiled))) throw new Error(`${path} names ${value}, which the package does not have`);
    source = source.slice(0, start) + JSON.stringify(compiled) + source.slice(end);
  }
  if (found.length > 0) writeFileSync(file, source);
}

function makeCommand(): void {
  const file = join(out, COMMAND);
  const source = readFileSync(file, "utf8").replace(/^#!.*\n/, "");
  writeFileSync(file, `#!/usr/bin/env node\n${source}`);
  chmodSync(file, 0o755);
}

function writePackage(): void {
  const ours = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
  const published = Object.fromEntries(PUBLISHED_FIELDS.map((field) => [field, ours[field]]));
  writeFileSync(join(out, "package.json"), `${JSON.stringify({ ...published, bin: { penumbra: COMMAND } }, null, 2)}\n`);
}
