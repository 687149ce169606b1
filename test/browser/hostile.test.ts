/** The page over a report in which every string attacks whoever reads it: nothing runs, nothing breaks, everything is shown as text. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageBundle } from "../../cli/page-bundle.ts";
import { htmlReporter } from "../../report/html.ts";
import { hostileDetails, hostileReport } from "../report/hostile-fixture.ts";
import { noBrowser, startBrowser } from "./browser.ts";
import { axeViolations, openReader, overhang } from "./reader.ts";

const limitMs = 60_000;

describe.skipIf(noBrowser !== null)("the page of hostile traffic", { timeout: limitMs }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-hostile-page-"));
  const file = join(scratch, "report.html");
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, htmlReporter(hostileReport, { ...hostileDetails, page: pageBundle() }).output);
    browser = await startBrowser();
  }, limitMs);

  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it.each([1280, 390])("runs none of it, leaves nothing out, and is no wider than %i pixels", async (width) => {
    const { page, complaints } = await openReader(browser, `file://${file}`, { viewport: { width, height: 900 } });
    await page.locator("h1").waitFor();
    const heads = page.locator(".card .head");
    const findings = await heads.count();
    expect(findings).toBe(hostileReport.findings.length);
    for (let index = 0; index < findings; index++) {
      await heads.nth(index).click();
      await page.locator(".card").nth(index).locator(".sides").waitFor();
    }
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    // Direction marks, separators and control characters are spelt out, so that none of them acts.
    const acting = await page.evaluate<string | null>(
      "document.body.innerText.match(/[\\u202a-\\u202e\\u2066-\\u2069\\u2028\\u2029\\u001b\\u200b]/u)?.[0] ?? null",
    );
    expect(acting).toBeNull();
    expect(await page.locator("#page").innerText()).toContain("<img src=x onerror=");
    expect(await page.locator("#page img, #page script, #page iframe, #page a:not(.skip)").count()).toBe(0);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    expect(await overhang(page)).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("would not run even a body that became markup: the policy refuses what is not the page's own", async () => {
    const { page, complaints } = await openReader(browser, `file://${file}`);
    await page.locator("h1").waitFor();
    await page.evaluate("document.getElementById('page').innerHTML += '<img src=\"x\" onerror=\"globalThis.owned=1\">'");
    await page.evaluate("{ const s = document.createElement('script'); s.textContent = 'globalThis.owned=1'; document.body.append(s); }");
    await expect.poll(() => complaints.join("\n")).toMatch(/Content Security Policy[^]*Content Security Policy/);
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    await page.context().close();
  });
});
