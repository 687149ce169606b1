/** Makes the pictures of the page in docs/ from a real run, the demo's unless one is named.
 *
 *    penumbra demo ──► report.html ──► Chromium ──► docs/report.png, page-dark.png, page-390.png, page-390-dark.png
 *
 *    node scripts/run.mjs scripts/screenshots.ts [RUN] */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { runPenumbra } from "../cli/demo/penumbra.ts";
import { noBrowser, startBrowser } from "../test/browser/browser.ts";
import { openReader } from "../test/browser/reader.ts";

const DOCS: string = join(import.meta.dirname, "..", "docs");
/** More and the repository grows with every new look. */
const MOST_BYTES = 300_000;

interface Picture {
  readonly name: string;
  readonly scheme: "light" | "dark";
  readonly width: number;
  readonly height: number;
  /** The first finding is open. */
  readonly isOpen: boolean;
}

const PICTURES: readonly Picture[] = [
  { name: "report.png", scheme: "light", width: 1280, height: 1000, isOpen: false },
  { name: "page-dark.png", scheme: "dark", width: 1280, height: 1400, isOpen: true },
  { name: "page-390.png", scheme: "light", width: 390, height: 844, isOpen: false },
  { name: "page-390-dark.png", scheme: "dark", width: 390, height: 1400, isOpen: true },
];

if (noBrowser !== null) throw new Error(noBrowser);
const scratch = mkdtempSync(join(tmpdir(), "penumbra-pictures-"));
const browser = await startBrowser();
try {
  const run = process.argv[2] ?? (await demoRun());
  for (const picture of PICTURES) await take(browser, `file://${resolve(run, "report.html")}`, picture);
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function demoRun(): Promise<string> {
  const out = join(scratch, "demo");
  const { code, stderr } = await runPenumbra(["demo", "--out", out]);
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${stderr}`);
  return join(out, "replay");
}

async function take(from: Browser, url: string, { name, scheme, width, height, isOpen }: Picture): Promise<void> {
  const { page } = await openReader(from, url, { colorScheme: scheme, viewport: { width, height } });
  await page.locator(".card").first().waitFor();
  if (isOpen) {
    await page.locator(".card .head").first().click();
    await page.locator(".sides").waitFor();
    await page.evaluate("document.activeElement.blur(); document.querySelector('.toolbar').scrollIntoView()");
  }
  const path = join(DOCS, name);
  await page.screenshot({ path });
  await page.context().close();
  const { size } = statSync(path);
  console.log(`docs/${name}  ${Math.round(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`docs/${name} has ${size} bytes, more than ${MOST_BYTES}`);
}
