/** `npm run bench`: lists the benchmarks, or runs the one that is named.
 *
 *    npm run bench                   what there is
 *    npm run bench -- NAME [ARGS]    runs bench/NAME.ts */

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const FOLDER: string = join(import.meta.dirname, "..", "bench");

const [name, ...args] = process.argv.slice(2);
if (name === undefined) list();
else run(name, args);

function list(): void {
  const files = globSync("*.ts", { cwd: FOLDER }).toSorted();
  for (const file of files) console.log(`${basename(file, ".ts").padEnd(24)} ${firstSentence(join(FOLDER, file))}`);
  console.log(files.length === 0 ? "bench/ has no benchmark yet" : "run one with: npm run bench -- NAME");
}

function run(chosen: string, options: readonly string[]): void {
  const file = join(FOLDER, `${chosen}.ts`);
  if (!existsSync(file)) {
    console.error(`bench/ has no ${chosen}.ts; npm run bench lists what it has`);
    process.exitCode = 2;
    return;
  }
  process.exitCode = spawnSync(process.execPath, [file, ...options], { stdio: "inherit" }).status ?? 1;
}

/** What the file says it is for. */
function firstSentence(file: string): string {
  return /\/\*\*\s*([^]*?)(?:\.\s|\*\/)/.exec(readFileSync(file, "utf8"))?.[1]?.replaceAll(/\s*\n\s*\*\s*/g, " ") ?? "";
}
