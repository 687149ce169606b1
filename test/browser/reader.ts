/** What tests of the page ask of an open page: what axe finds wrong with it, and whether it is wider than its window. */

import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { watchedPage } from "./browser.ts";

export interface Reader {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens an address in a context of its own. */
export async function openReader(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Reader> {
  const { page, complaints } = await watchedPage(browser, options);
  await page.goto(url);
  return { page, complaints };
}

/** A line for each element that is wrong. The page's policy lets no script in; the browser's own tools may evaluate. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary = "" }) => `${id}: ${html} ${failureSummary}`));
}

/** Pixels by which the page is wider than its window. */
export async function overhang(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
