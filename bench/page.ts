/** How large the page of 10,000 differing exchanges is, and how soon it can be read, searched and opened in a real browser.
 *
 *    10,000 findings with an exchange each ──► htmlReporter ──► file ──► Chromium: first finding, a search, details
 *
 * Options: --findings N (10000), --rounds N (5). Medians are printed. The last line is one JSON object. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { pageBundle } from "../cli/page-bundle.ts";
import type { Sample } from "../report/details.ts";
import { htmlReporter } from "../report/html.ts";
import { noBrowser, startBrowser } from "../test/browser/browser.ts";
import { answered, findingWith, requestOf, richReport } from "../test/report/fixture.ts";

const { values: given } = parseArgs({
  options: { findings: { type: "string", default: "10000" }, rounds: { type: "string", default: "5" } },
});
const size = Number(given.findings);
const rounds = Number(given.rounds);
if (noBrowser !== null) throw new Error(noBrowser);

const json = [["Content-Type", "application/json"]] as const;
const bodyOf = (index: number, price: unknown): string =>
  JSON.stringify({
    id: index,
    price,
    lines: Array.from({ length: 40 }, (_, line) => ({ sku: `sku-${index}-${line}`, amount: (index * 7 + line) % 97 })),
  });
const findings = Array.from({ length: size }, (_, index) =>
  findingWith({
    id: index.toString(16).padStart(12, "0"),
    title: `GET /things/${index}: field /price number→string`,
    endpoint: `GET /things/${index}`,
    exemplars: [`e${index}`],
    signatures: [{ endpoint: `GET /things/${index}`, location: "body", path: "/price", kind: "json.type" }],
  }),
);
const samples = findings.map(
  (_, index): Sample => ({
    exchangeId: `e${index}`,
    request: requestOf("GET", `/things/${index}`),
    primary: answered(200, "OK", json, bodyOf(index, index)),
    control: answered(200, "OK", json, bodyOf(index, index)),
    candidate: answered(200, "OK", json, bodyOf(index, String(index))),
    differences: [],
  }),
);

const folder = mkdtempSync(join(tmpdir(), "penumbra-bench-page-"));
const file = join(folder, "report.html");
const begun = performance.now();
const { output } = htmlReporter({ ...richReport, findings }, { samples, page: pageBundle() });
const renderMs = Math.round(performance.now() - begun);
writeFileSync(file, output);
console.log(`${size} findings: ${(Buffer.byteLength(output) / 1e6).toFixed(2)} MB, rendered in ${renderMs} ms`);

const browser = await startBrowser();
const times = { openMs: [] as number[], searchMs: [] as number[], detailsMs: [] as number[], scrollFrameMs: [] as number[] };
try {
  for (let round = 0; round < rounds; round++) {
    const page = await browser.newPage();
    times.openMs.push(await timed(() => page.goto(`file://${file}`).then(() => page.locator(".card").first().waitFor())));
    times.detailsMs.push(
      await timed(async () => {
        await page.locator(".card .head").first().click();
        await page.locator(".sides").waitFor();
      }),
    );
    times.scrollFrameMs.push(await slowestFrame(page));
    times.searchMs.push(
      await timed(async () => {
        await page.locator("#search").fill(`endpoint:/things/${size - 1}`);
        await page.waitForFunction("document.querySelectorAll('.group.open .card').length === 1");
      }),
    );
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, Math.round(median(values))]));
for (const [name, value] of Object.entries(medians)) console.log(`${name.padEnd(14)} ${value}`);
console.log(
  JSON.stringify({ bench: "page", node: process.version, findings: size, bytes: Buffer.byteLength(output), renderMs, ...medians }),
);

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** The 95th percentile between frames while the list is scrolled by 400 pixels a frame. */
async function slowestFrame(page: Page): Promise<number> {
  return await page.evaluate<number>(`new Promise((resolve) => {
    const frames = []; let last = performance.now();
    const step = (now) => { frames.push(now - last); last = now; scrollBy(0, 400); if (frames.length < 120) requestAnimationFrame(step); else resolve(frames.slice(5).sort((a, b) => a - b)[Math.floor(115 * 0.95)]); };
    requestAnimationFrame(step);
  })`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
