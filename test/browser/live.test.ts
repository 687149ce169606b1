/** The live page against a real server that speaks its three addresses: it shows what comes, says when nothing comes, and
 * finds back after a restart and after a connection that went dead without an error.                                       */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pageBundle } from "../../cli/page-bundle.ts";
import type { Sighting } from "../../diff/first-sightings.ts";
import type { Report } from "../../model/report.ts";
import { epochMs } from "../../model/units.ts";
import { livePage } from "../../report/html.ts";
import { pageData } from "../../report/page/data.ts";
import { whileRunning } from "../../report/page/running.ts";
import { viewSample } from "../../report/page/sample-view.ts";
import { type SeenView, seenView } from "../../report/page/seen-view.ts";
import { passingReport, richDetails, richReport } from "../report/fixture.ts";
import { noBrowser, startBrowser } from "./browser.ts";
import { axeViolations, openReader, type Reader } from "./reader.ts";

const limitMs = 30_000;
/** The page gives a silent server five seconds, and looks once a second. */
const noticed = { timeout: 12_000 };
const token = "0123456789abcdef";
const most = 100;

interface Accepted {
  readonly token: string | undefined;
  readonly body: unknown;
}

/** What `penumbra proxy --ui` answers, under a prefix as behind a reverse proxy. */
class Sidecar {
  readonly accepted: Accepted[] = [];
  /** Why accepting is refused; "" = it is not. */
  refusal = "";
  connections = 0;
  #server: Server | null = null;
  #streams = new Set<ServerResponse>();
  #report: Report = passingReport;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/shadow/`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#streams.clear();
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Something new was found. */
  show(report: Report): void {
    this.#report = report;
    for (const stream of this.#streams) this.#tell(stream);
  }

  /** Something differs that no report has yet, or no longer does. */
  tellSeen(view: SeenView): void {
    for (const stream of this.#streams) stream.write(`event: seen\ndata: ${JSON.stringify(view)}\n\n`);
  }

  beat(observer: "running" | "gone" | "draining" | "finished"): void {
    const state = { observer, exchanges: 105, mirrored: 100, dropped: { queue_full: 5 }, at: Date.now() };
    for (const stream of this.#streams) stream.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
  }

  /** Streams opened from now on answer again; the old ones stay open and never speak, as after a laptop's sleep. */
  forget(): void {
    this.#streams.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").replace(/^\/shadow\//, "");
    if (path === "") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(livePage(pageBundle(), token));
    } else if (path === "api/events") {
      this.connections++;
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write("retry: 200\n\n");
      this.#streams.add(response);
      this.#tell(response);
      this.beat("running");
    } else if (path.startsWith("api/samples/")) {
      const sample = richDetails.samples.find(({ exchangeId }) => exchangeId === decodeURIComponent(path.slice("api/samples/".length)));
      response.writeHead(sample === undefined ? 404 : 200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(sample === undefined ? { error: "not kept" } : viewSample(sample, "http://127.0.0.1:1")));
    } else if (path === "api/accept" && request.method === "POST") {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        this.accepted.push({ token: request.headers["x-penumbra-token"]?.toString(), body: JSON.parse(body) });
        response.writeHead(this.refusal === "" ? 200 : 409, { "Content-Type": "application/json" });
        response.end(JSON.stringify(this.refusal === "" ? { accepted: 1, file: "accepted.yaml" } : { error: this.refusal }));
      });
    } else {
      response.writeHead(404).end();
    }
  }

  #tell(stream: ServerResponse): void {
    stream.write(`event: report\ndata: ${JSON.stringify(whileRunning(pageData(this.#report, richDetails, most), this.#report))}\n\n`);
  }
}

describe.skipIf(noBrowser !== null)("the live page", { timeout: limitMs }, () => {
  let browser: Browser;
  let sidecar: Sidecar;
  let reader: Reader;

  beforeAll(async () => {
    browser = await startBrowser();
  }, limitMs);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    sidecar = new Sidecar();
    await sidecar.start();
    reader = await openReader(browser, sidecar.url);
    await reader.page.locator("h1").waitFor();
  });
  afterEach(async () => {
    await reader.page.context().close();
    await sidecar.stop();
  });

  const status = (page: Page): Promise<string> => page.locator(".live [role=status]").innerText();
  const firstFinding = pageData(richReport, richDetails, most).groups[0]?.findings[0];
  const firstId = firstFinding?.id ?? "";

  it("shows a difference when it is told of it, and keeps what the reader opened when more comes", async () => {
    const { page, complaints } = reader;
    expect(await page.locator("h1").innerText()).toContain("PASS");
    expect(await status(page)).toBe("live");
    sidecar.show(richReport);
    await page.locator(`#finding-${firstId} .head`).click();
    await page.locator(`#body-${firstId} .sides`).waitFor();
    const layout = page.getByRole("button", { name: "Unified" });
    await layout.click();
    sidecar.show({ ...richReport, totals: { ...richReport.totals, exchanges: richReport.totals.exchanges + 1 } });
    await expect.poll(() => page.locator(".sums").innerText()).toContain(`${richReport.totals.exchanges + 1} exchanges`);
    expect(await page.locator(`#body-${firstId} .sides`).count()).toBe(1);
    expect(await layout.getAttribute("aria-pressed")).toBe("true");
    expect(await axeViolations(page)).toEqual([]);
    // It asks its own server, under the page's own address, and nobody else.
    expect(complaints.filter((each) => !each.startsWith(`request: ${sidecar.url}`))).toEqual([]);
  });

  it("says of a run without a difference that it goes on, unlike a pass, a failure or a run that broke off", async () => {
    const { page } = reader;
    const toneOf = (): Promise<string> => page.evaluate("getComputedStyle(document.querySelector('h1')).color");
    const tones = [await toneOf()];
    const unfinished = { code: "interrupted", text: "the run was interrupted or is not finished" };
    sidecar.show({ ...passingReport, verdict: "inconclusive", reasons: [unfinished] });
    await expect.poll(() => page.locator("h1").innerText()).toContain("RUNNING");
    expect(await page.locator(".sentence").innerText()).toContain("250 compared exchanges");
    expect(await page.title()).toBe("RUNNING · Penumbra");
    expect(await page.locator(".verdict").innerText()).not.toContain("interrupted");
    tones.push(await toneOf());
    expect(await axeViolations(page)).toEqual([]);
    for (const [verdict, word] of [
      ["fail", "FAIL"],
      ["inconclusive", "INCONCLUSIVE"],
    ] as const) {
      sidecar.show({ ...passingReport, verdict });
      await expect.poll(() => page.locator("h1").innerText()).toContain(word);
      tones.push(await toneOf());
    }
    expect(new Set(tones).size).toBe(4);
  });

  it("leaves who has begun to read where they are when what the link names is found", async () => {
    const { page } = reader;
    await page.evaluate(`location.hash = "finding=${firstId}"`);
    await expect.poll(() => page.locator(".missing [role=status]").innerText()).toContain(firstId);
    await page.keyboard.press("Shift");
    sidecar.show(richReport);
    await expect.poll(() => page.locator(".missing").count()).toBe(0);
    expect(await page.locator(".card.expanded").count()).toBe(0);
  });

  it("opens what the link names as soon as it is found", async () => {
    const { page } = reader;
    await page.evaluate(`location.hash = "finding=${firstId}"`);
    await expect.poll(() => page.locator(".missing [role=status]").innerText()).toContain(firstId);
    sidecar.show(richReport);
    await page.locator(`#body-${firstId} .sides`).waitFor();
    expect(await page.locator(".missing").count()).toBe(0);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".card.expanded").count()).toBe(0);
    // Followed once: what the reader closed stays closed.
    sidecar.show({ ...richReport, totals: { ...richReport.totals, exchanges: richReport.totals.exchanges + 1 } });
    await expect.poll(() => page.locator(".sums").innerText()).toContain(`${richReport.totals.exchanges + 1} exchanges`);
    expect(await page.locator(".card.expanded").count()).toBe(0);
  });

  it("names what was seen and is not judged yet, apart from the totals, until it is", async () => {
    const { page } = reader;
    const hostile = "</script><img src=x onerror=alert(1)>\u202e";
    const sighting: Sighting = {
      signature: { endpoint: "GET /items/{id}", location: "body", path: "/price", kind: "json.type" },
      ...{ severity: "high", transition: "number→string", from: "7", to: hostile },
      ...{ exchangeId: "e7", method: "GET", target: `/items/7?q=${hostile}`, at: epochMs(0), exchanges: 3 },
    };
    const sums = await page.locator(".sums").innerText();
    sidecar.tellSeen(seenView([sighting], 2));
    const section = page.getByRole("region", { name: "Seen just now" });
    await expect.poll(() => section.innerText()).toContain("not judged yet");
    const text = await section.innerText();
    for (const part of [
      "3 kinds of differences",
      "GET /items/{id} · body /price · number→string",
      "3 exchanges",
      "first GET /items/7",
      "e7",
    ])
      expect(text).toContain(part);
    expect(text).toContain("2 more kinds");
    expect(text).toContain("<img src=x onerror=alert(1)>");
    expect(text).not.toContain("\u202e");
    expect(await section.locator("img").count()).toBe(0);
    expect(await page.locator(".sums").innerText()).toBe(sums);
    expect(await axeViolations(page)).toEqual([]);
    sidecar.tellSeen(seenView([], 0));
    await expect.poll(() => section.count()).toBe(0);
  });

  it("says that the server is gone, keeps what it showed, and finds back to it", async () => {
    const { page } = reader;
    await sidecar.stop();
    await expect.poll(() => status(page), noticed).toMatch(/no connection/);
    expect(await page.locator("h1").innerText()).toContain("PASS");
    await sidecar.start();
    sidecar.show(richReport);
    await expect.poll(() => status(page), noticed).toBe("live");
    await expect.poll(() => page.locator("h1").innerText()).toContain("FAIL");
  });

  it("says that the observer is being started again, and that the run is finished", async () => {
    const { page } = reader;
    sidecar.beat("gone");
    await expect.poll(() => status(page)).toMatch(/observer is being started again/);
    sidecar.beat("running");
    await expect.poll(() => status(page)).toBe("live");
    sidecar.beat("draining");
    await expect.poll(() => status(page)).toMatch(/is draining/);
    sidecar.beat("finished");
    await expect.poll(() => status(page)).toMatch(/run is finished/);
  });

  it("opens a connection anew that went silent without an error, as after a laptop's sleep", async () => {
    const { page } = reader;
    sidecar.forget();
    sidecar.show(richReport);
    await expect.poll(() => sidecar.connections, noticed).toBeGreaterThan(1);
    await expect.poll(() => page.locator("h1").innerText(), noticed).toContain("FAIL");
    await expect.poll(() => status(page)).toBe("live");
  });

  it("accepts through the server, with the token that the document carries", async () => {
    const { page } = reader;
    sidecar.show(richReport);
    await page.locator(`#finding-${firstId} .head`).click();
    await page.locator(`#body-${firstId} .sides`).waitFor();
    await page.keyboard.press("a");
    await page.locator(".accept").getByLabel("Reason").fill("the price is a string now");
    await page.locator(".accept").getByLabel("Owner").fill("team-orders");
    await page.locator(".accept").getByLabel("Expires").fill("2031-01-31");
    await page.locator(".accept button[type=submit]").click();
    const said = page.getByRole("complementary", { name: "Messages" }).getByRole("status").first();
    await expect.poll(() => said.innerText()).toContain("Accepted in accepted.yaml");
    await expect.poll(() => page.locator(".accept").count()).toBe(0);
    expect(sidecar.accepted).toEqual([
      { token, body: { findings: [firstId], reason: "the price is a string now", owner: "team-orders", expires: "2031-01-31" } },
    ]);
    // Judged anew, the finding is settled and its card gone: what was done can still be read, until it is put away.
    sidecar.show({
      ...richReport,
      findings: richReport.findings.map((each) => (each.id === firstId ? { ...each, state: "accepted" } : each)),
    });
    await expect.poll(() => page.locator(`#finding-${firstId}`).count()).toBe(0);
    expect(await said.innerText()).toContain(firstFinding?.title);
    expect(await said.getAttribute("aria-live")).toBe("polite");
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Dismiss" }).press("Enter");
    expect(await said.innerText()).toBe("");
  });

  it("keeps the form with the reason when accepting is refused", async () => {
    const { page } = reader;
    sidecar.refusal = "the file is not there";
    sidecar.show(richReport);
    await page.locator(`#finding-${firstId} .head`).click();
    await page.locator(`#body-${firstId} .sides`).waitFor();
    await page.keyboard.press("a");
    await page.locator(".accept").getByLabel("Reason").fill("wanted");
    await page.locator(".accept button[type=submit]").click();
    await expect.poll(() => page.locator(".accept [role=status]").innerText()).toBe("the file is not there");
    expect(await page.locator(".accept").getByLabel("Reason").inputValue()).toBe("wanted");
  });

  it("tells screen readers of a verdict and of findings that are new, in one sentence at most in a while", async () => {
    const { page } = reader;
    const said = page.locator(".announcement");
    await page.evaluate(
      "globalThis.said = []; new MutationObserver(() => said.push(document.querySelector('.announcement').textContent)).observe(document.querySelector('.announcement'), { childList: true, characterData: true, subtree: true })",
    );
    expect([await said.getAttribute("aria-live"), await said.textContent()]).toEqual(["polite", ""]);
    const begun = Date.now();
    await page.clock.install({ time: begun });
    await page.clock.pauseAt(begun + 1000);
    const open = richReport.findings.filter(({ state }) => state === "new" || state === "returned" || state === "unconfirmed");
    for (let n = 1; n <= open.length; n++) {
      sidecar.show({ ...richReport, findings: open.slice(0, n) });
      await expect.poll(() => page.locator(".group.open .card").count()).toBe(n);
    }
    expect(await page.evaluate("said")).toEqual([]);
    await page.clock.runFor(10_000);
    await expect
      .poll(() => said.textContent())
      .toMatch(/^The verdict is now FAIL: .* 4 new findings: .*list became empty.*; and 1 more\.$/);
    expect(await page.evaluate("said.length")).toBe(1);
  });
});
