/** A page with more findings than anybody reads: it stays small, and j, k, End and links reach every one. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageBundle } from "../../cli/page-bundle.ts";
import { htmlReporter } from "../../report/html.ts";
import { findingWith, noDetails, richReport } from "../report/fixture.ts";
import { noBrowser, startBrowser } from "./browser.ts";
import { openReader, type Reader } from "./reader.ts";

const rows = 100_000;
/** Whatever the screen holds, and a margin around it. */
const mostDrawn = 300;
const limitMs = 60_000;
const idOf = (index: number): string => index.toString(16).padStart(12, "0");

describe.skipIf(noBrowser !== null)("the page of 100,000 findings", { timeout: limitMs }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-long-page-"));
  const file = join(scratch, "report.html");
  let browser: Browser;
  let reader: Reader;

  beforeAll(async () => {
    const findings = Array.from({ length: rows }, (_, index) =>
      findingWith({
        id: idOf(index),
        title: `GET /things/${index}: field /price changed`,
        endpoint: `GET /things/${index}`,
        score: 50,
        exemplars: [],
        signatures: [{ endpoint: `GET /things/${index}`, location: "body", path: "/price", kind: "json.value" }],
      }),
    );
    writeFileSync(file, htmlReporter({ ...richReport, findings }, { ...noDetails, page: pageBundle() }).output);
    browser = await startBrowser();
    reader = await openReader(browser, `file://${file}`);
    await reader.page.locator(".card").first().waitFor();
  }, limitMs);

  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const drawn = (page: Page): Promise<number> => page.locator(".card").count();
  /** Numbers of the rows that can be seen now. */
  const seen = (page: Page): Promise<number[]> =>
    page.evaluate<number[]>(
      "[...document.querySelectorAll('.card')].filter((each) => { const r = each.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; }).map((each) => parseInt(each.id.slice(8), 16))",
    );

  it("draws what is in sight and little more, wherever it is scrolled to", async () => {
    const { page } = reader;
    for (const share of [0, 0.25, 0.5, 0.9]) {
      await page.evaluate(`scrollTo(0, document.querySelector('.cards').getBoundingClientRect().height * ${share})`);
      await expect.poll(async () => (await seen(page)).length).toBeGreaterThan(2);
      expect(await drawn(page)).toBeLessThan(mostDrawn);
      const numbers = await seen(page);
      // One after the other, none left out.
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
      expect((numbers[0] ?? 0) / rows).toBeCloseTo(share, 1);
    }
  });

  it("goes on by j and k from where the reader is, and opens there", async () => {
    const { page } = reader;
    await page.evaluate(`location.hash = "finding=${idOf(50_000)}"`);
    await page.locator(`#body-${idOf(50_000)}`).waitFor();
    await expect.poll(() => seen(page)).toContain(50_000);
    for (let step = 0; step < 30; step++) await page.keyboard.press("j");
    await expect.poll(() => page.evaluate("document.activeElement.closest('.card')?.id")).toBe(`finding-${idOf(50_030)}`);
    expect(await seen(page)).toContain(50_030);
    await page.keyboard.press("k");
    await expect.poll(() => page.evaluate("document.activeElement.closest('.card')?.id")).toBe(`finding-${idOf(50_029)}`);
    await page.keyboard.press("Enter");
    await page.locator(`#body-${idOf(50_029)}`).waitFor();
  });

  it("follows a link to the last one", async () => {
    const { page } = reader;
    await page.evaluate(`location.hash = "finding=${idOf(rows - 1)}"`);
    await page.locator(`#body-${idOf(rows - 1)}`).waitFor();
    await expect.poll(() => seen(page)).toContain(rows - 1);
    expect(await drawn(page)).toBeLessThan(mostDrawn);
  });

  it("draws few of the endpoints with fields at first, and says how many it does not have", async () => {
    const { page } = reader;
    const tree = page.locator("section[aria-label='Fields'] .tree > li");
    expect(await tree.count()).toBe(60);
    await page.locator("section[aria-label='Fields']").getByRole("button", { name: "more" }).press("Enter");
    await expect.poll(() => tree.count()).toBe(501);
    expect(await tree.last().innerText()).toBe("99,500 more left out here; report.json has all");
  });

  it("searches all of them", async () => {
    const { page } = reader;
    await page.locator("#search").fill("endpoint:/things/99998");
    await expect.poll(() => page.locator(".group.open .card").count()).toBe(1);
    expect(await page.locator(".group.open .title").innerText()).toContain("/things/99998");
    expect(reader.complaints).toEqual([]);
  });
});
