/** Builds the report's page: the sources in report/page/app become one script and one style sheet, which every HTML report holds.
 *
 *    report/page/app/*.tsx ──► Vite ──► report/page/dist/page.json     { script, style, sources: hash of what it was made of }
 *
 * Not kept in the repository: it is made when it is missing or its sources are others (by content, since a checkout gives every file
 * the time of the checkout). */

import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT: string = join(import.meta.dirname, "..");
const APP = "report/page/app";
const OUT: string = join(ROOT, "report", "page", "dist");
const FILE: string = join(OUT, "page.json");

/** What the bundle is made of besides the app: what it imports, and the packages' versions. */
const SOURCES: readonly string[] = [`${APP}/**/*.{ts,tsx,css}`, "report/page/*.ts", "package-lock.json", "scripts/page-build.ts"];

interface Bundle {
  readonly script: string;
  readonly style: string;
  readonly sources: string;
}

/** @returns whether it had to be built */
export async function ensurePage(): Promise<boolean> {
  const sources = hashOfSources();
  if (builtOf() === sources) {
    // Whoever asks by times whether it is out of date need not ask again.
    utimesSync(FILE, new Date(), new Date());
    return false;
  }
  const bundle = await build(sources);
  mkdirSync(OUT, { recursive: true });
  // Aside and then in one step: another process may read it, or build it, at the same time.
  const aside = `${FILE}.${process.pid}`;
  try {
    writeFileSync(aside, JSON.stringify(bundle));
    renameSync(aside, FILE);
  } finally {
    rmSync(aside, { force: true });
  }
  return true;
}

function builtOf(): string | null {
  if (!existsSync(FILE)) return null;
  try {
    return (JSON.parse(readFileSync(FILE, "utf8")) as Bundle).sources;
  } catch {
    // Half a file is none.
    return null;
  }
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).toSorted()) {
    hash
      .update(`${path.replaceAll("\\", "/")}\n`)
      .update(readFileSync(join(ROOT, path)))
      .update("\n");
  }
  return hash.digest("hex");
}

async function build(sources: string): Promise<Bundle> {
  // Only here, since it takes half a second to load.
  const vite = await import("vite");
  const result = await vite.build({
    root: join(ROOT, APP),
    configFile: false,
    logLevel: "error",
    // Whatever NODE_ENV says: the development form names files of this machine.
    mode: "production",
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      write: false,
      target: "es2022",
      cssCodeSplit: false,
      modulePreload: false,
      rolldownOptions: { input: join(ROOT, APP, "main.tsx"), output: { format: "iife" } },
    },
  });
  const outputs = [result].flat().flatMap((one) => ("output" in one ? one.output : []));
  const script = outputs.flatMap((file) => (file.type === "chunk" ? [file.code] : [])).join("\n");
  const style = outputs
    .flatMap((file) => (file.type === "asset" && file.fileName.endsWith(".css") ? [String(file.source)] : []))
    .join("\n");
  if (script === "" || style === "") throw new Error("the page could not be built: there is no script or no style");
  if (script.includes(ROOT)) throw new Error("the page could not be built: it names files of this machine");
  // Inside a document nothing of it may end its own element.
  if (/<\/(?:script|style)/i.test(script + style)) throw new Error("the page could not be built: its script would end its own element");
  return { script, style, sources };
}
