/** A real browser without a window, where this machine has one. */

import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why browser tests cannot run here; null = they can. */
export const noBrowser: string | null = existsSync(executable) ? null : `no Chromium at ${executable}: install it, or name one in CHROMIUM`;

export function startBrowser(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath: executable, args });
}

export interface Watched {
  readonly page: Page;
  /** What must not be: errors and warnings of the console, exceptions, blocked things, requests to anywhere but the document. */
  readonly complaints: string[];
}

/** A page of a context of its own. */
export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(?:file|blob|data):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints };
}
