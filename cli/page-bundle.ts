/** The script and style of the HTML report: part of the published package; in a checkout they are built when they are missing or older than
 * their sources. */

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import type { PageBundle } from "../report/details.ts";

const root: string = join(import.meta.dirname, "..");
const built: string = join(root, "report", "page", "dist", "page.json");
/** Only a checkout has it. */
const builder: string = join(root, "scripts", "build-page.ts");
const sources: string = join(root, "report", "page");

let known: PageBundle | null = null;

/** @throws PenumbraError `NO_PAGE` */
export function pageBundle(): PageBundle {
  known ??= read();
  return known;
}

function read(): PageBundle {
  if (existsSync(builder) && isOutOfDate()) build();
  try {
    const { script, style } = JSON.parse(readFileSync(built, "utf8")) as PageBundle;
    return { script, style };
  } catch (cause) {
    throw new PenumbraError(
      "NO_PAGE",
      `the report's page is missing (${built})`,
      "install Penumbra again; in a checkout: node scripts/build-page.ts",
      cause,
    );
  }
}

function isOutOfDate(): boolean {
  if (!existsSync(built)) return true;
  const { mtimeMs } = statSync(built);
  return globSync("{*.ts,app/**/*.*}", { cwd: sources }).some((path) => statSync(join(sources, path)).mtimeMs > mtimeMs);
}

function build(): void {
  const { status, stderr, error } = spawnSync(process.execPath, [builder], { encoding: "utf8" });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new PenumbraError("NO_PAGE", `the report's page could not be built (${why})`, "install the packages: npm ci");
}
