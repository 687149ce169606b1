/** The page of a real run in a real browser: it opens from a file, loads nothing, works by mouse and by keyboard, and what was recorded does not act. */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noBrowser, startBrowser, type Watched, watchedPage } from "./browser.ts";
import { type ShopRun, shopRun } from "./shop.ts";

const limitMs = 60_000;

describe.skipIf(noBrowser !== null)("the page", () => {
  let run: ShopRun;
  let browser: Browser;

  beforeAll(async () => {
    [run, browser] = await Promise.all([shopRun(), startBrowser()]);
  }, limitMs);
  afterAll(async () => {
    await browser?.close();
    run?.remove();
  });

  /** Opens the page, lets `act` use it, and expects no complaint. */
  async function opened(act: (page: Page) => Promise<void>, options: Parameters<typeof watchedPage>[1] = {}, hash = ""): Promise<void> {
    const { page, complaints }: Watched = await watchedPage(browser, options);
    await page.goto(pathToFileURL(run.html).href + hash);
    await page.waitForSelector("h1");
    await act(page);
    expect(await page.evaluate("window.acted")).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.context().close();
  }

  const openCards = (page: Page): Promise<string[]> => page.locator(".card.expanded .title").allInnerTexts();
  const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement?.closest('article')?.id ?? ''");
  const titles = (page: Page): Promise<string[]> => page.locator(".group.open .title").allInnerTexts();

  it("opens from a file with the verdict, totals that add up, and the worst finding first", () =>
    opened(async (page) => {
      await expect.poll(async () => page.locator("h1").innerText()).toMatch(/FAIL/);
      const parts = (await page.locator(".totals .legend b").allInnerTexts()).map(Number);
      expect(parts.reduce((sum, n) => sum + n, 0)).toBe(
        Number(/"exchanges": (\d+)/.exec(readFileSync(`${run.directory}/report.json`, "utf8"))?.[1]),
      );
      expect((await titles(page))[0]).toMatch(/200→500/);
    }));

  it("opens a finding by mouse into its facts, exchanges, headers and bodies", () =>
    opened(async (page) => {
      await page.locator(".head", { hasText: "price" }).first().click();
      const card = page.locator(".card.expanded");
      await card.locator(".sides").waitFor();
      await expect.poll(async () => card.locator("dt", { hasText: "Endpoint" }).count()).toBe(1);
      await expect.poll(async () => card.locator(".lines .changed mark").first().innerText()).not.toBe("");
      const rows = await card.locator(".lines .row").count();
      await card.locator("button.gap").first().click();
      await expect.poll(async () => card.locator(".lines .row").count()).toBeGreaterThan(rows + 10);
      await card.getByRole("button", { name: "Unified" }).click();
      await expect.poll(async () => card.locator(".one-column .base .mark").first().innerText()).toBe("−");
      await card.getByRole("button", { name: "Exchange 2" }).click();
      await expect.poll(async () => card.getByRole("button", { name: "Exchange 2" }).getAttribute("aria-pressed")).toBe("true");
      await page.locator(".card.expanded .head").click();
      await expect.poll(async () => openCards(page)).toEqual([]);
    }));

  it("shows the difference that a finding is about before others of the same exchange", () =>
    opened(async (page) => {
      for (const [title, place, other] of [
        ["GET /items/{id}: field /price", "body /price", "header x-note"],
        ["GET /orders/{id}: status 200→500", "status", "header x-note"],
        ["header x-note", "header x-note", "header date"],
      ] as const) {
        await page.locator(".head", { hasText: title }).first().click();
        const card = page.locator(".card.expanded");
        const placesOf = (name: string): Promise<string[]> =>
          card.getByRole("list", { name, exact: true }).locator(".place").allInnerTexts();
        await expect.poll(async () => (await placesOf("Differences that this finding is about"))[0]).toBe(place);
        await expect.poll(async () => card.locator(".differences").first().locator(".place").first().innerText()).toBe(place);
        expect((await placesOf("Other differences of this exchange")).join()).toContain(other);
        expect(await card.getByRole("heading", { name: "Other differences of this exchange" }).count()).toBe(1);
        await page.keyboard.press("Escape");
      }
    }));

  it("goes through findings by keyboard: j k n p Enter Esc", () =>
    opened(async (page) => {
      const all = await page.locator(".group.open .card").evaluateAll((cards) => cards.map(({ id }) => id));
      expect(all.length).toBeGreaterThan(3);
      await page.keyboard.press("j");
      await expect.poll(async () => focused(page)).toBe(all[0]);
      await page.keyboard.press("j");
      await expect.poll(async () => focused(page)).toBe(all[1]);
      await page.keyboard.press("k");
      await page.keyboard.press("Enter");
      await expect.poll(async () => page.locator(".card.expanded").evaluateAll((cards) => cards.map(({ id }) => id))).toEqual([all[0]]);
      await page.keyboard.press("n");
      await expect.poll(async () => page.locator(".card.expanded").evaluateAll((cards) => cards.map(({ id }) => id))).toEqual([all[1]]);
      expect(page.url()).toContain(`#finding=${all[1]?.replace("finding-", "")}`);
      await page.keyboard.press("p");
      await expect.poll(async () => focused(page)).toBe(all[0]);
      await page.keyboard.press("Escape");
      await expect.poll(async () => openCards(page)).toEqual([]);
      await expect.poll(async () => focused(page)).toBe(all[0]);
    }));

  it("accepts and ignores by commands to copy: a", () =>
    opened(
      async (page) => {
        await page.keyboard.press("n");
        await page.keyboard.press("a");
        await page.locator(".accept code").nth(1).waitFor();
        await expect.poll(async () => page.evaluate("document.activeElement?.textContent")).toBe("Copy command");
        await expect
          .poll(async () => page.evaluate("document.querySelector('.accept').getBoundingClientRect().bottom <= innerHeight"))
          .toBe(true);
        const commands = await page.locator(".accept code").allInnerTexts();
        expect(commands).toEqual([
          expect.stringMatching(/^penumbra accept '?\S+'? [0-9a-f]{12} --reason /),
          expect.stringMatching(/^penumbra ignore /),
        ]);
        await page.locator(".accept").getByRole("button", { name: "Copy command" }).first().click();
        await page.locator(".accept").getByText("Copied").waitFor();
        await expect.poll(async () => page.evaluate("navigator.clipboard.readText()")).toBe(commands[0]);
        await page.keyboard.press("Escape");
        await expect.poll(async () => page.locator(".accept").count()).toBe(0);
      },
      { permissions: ["clipboard-read", "clipboard-write"] },
    ));

  it("copies a request as cURL", () =>
    opened(
      async (page) => {
        await page.keyboard.press("n");
        await page.getByRole("button", { name: "Copy as cURL" }).click();
        await page.getByText("Copied").waitFor();
        await expect
          .poll(async () => page.evaluate("navigator.clipboard.readText()"))
          .toMatch(/^curl [\s\S]*'http:\/\/127\.0\.0\.1:\d+\/orders\/\d+'/);
      },
      { permissions: ["clipboard-read", "clipboard-write"] },
    ));

  it("searches by words and tokens: /, and shows what fits", () =>
    opened(async (page) => {
      const all = await titles(page);
      await page.keyboard.press("/");
      await page.keyboard.type("status:200->500");
      await expect.poll(async () => titles(page)).toEqual(all.filter((title) => title.includes("200→500")));
      expect(page.url()).toContain("q=status");
      await page.keyboard.press("Escape");
      await expect.poll(async () => titles(page)).toEqual(all);
      await page.locator("#search").fill("no such finding");
      await expect.poll(async () => titles(page)).toEqual([]);
      await expect.poll(async () => page.getByText("No finding fits this search.").isVisible()).toBe(true);
      await page.locator("#search").fill("kind:json.type path:/price");
      await expect.poll(async () => titles(page)).toHaveLength(1);
    }));

  it("shows noise and what rules hide when it is asked", () =>
    opened(async (page) => {
      await expect.poll(async () => page.locator(".state-noise").count()).toBe(0);
      await page.locator(".toggle", { hasText: "Noise" }).click();
      await expect.poll(async () => page.locator(".state-noise").count()).toBeGreaterThan(0);
      await page.locator("button.fold", { hasText: "Told apart as noise" }).press("Enter");
      await expect.poll(async () => page.locator(".state-noise").count()).toBe(0);
      await expect.poll(async () => page.locator(".rules").innerText()).toMatch(/ignore body \$\.debug[\s\S]*for developers <b>only<\/b>/);
    }));

  it("finds the findings of a field", () =>
    opened(async (page) => {
      const field = page.locator(".tree button.link", { hasText: "price" });
      await field.focus();
      await page.keyboard.press("Enter");
      await expect.poll(async () => titles(page)).toEqual([expect.stringMatching(/price/)]);
    }));

  it("shows times, time line and concurrency as drawings and in words", () =>
    opened(async (page) => {
      await page.locator("section[aria-label='Endpoints'] button.fold").first().press("Enter");
      await expect.poll(async () => page.locator(".ecdf canvas").count()).toBe(1);
      await expect.poll(async () => page.locator(".ecdf tbody tr").count()).toBe(3);
      await expect.poll(async () => page.locator("section[aria-label='Over time'] canvas").count()).toBe(1);
      await expect.poll(async () => page.locator("section[aria-label='Over time'] .hint").innerText()).toMatch(/of traffic: .* different/);
      await expect.poll(async () => page.locator("section[aria-label='Replay'] canvas").count()).toBe(1);
    }));

  it("names the axes of its drawings with their units, and repeats no mark of time", async () => {
    const { page, complaints } = await watchedPage(browser);
    // Drawn text is in no element: the drawing is asked what it writes.
    await page.addInitScript(
      `globalThis.written = new Map();
      const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
      const at = ({ canvas }) => canvas.closest("section")?.getAttribute("aria-label") ?? "";
      CanvasRenderingContext2D.prototype.clearRect = function (...place) {
        written.set(at(this), []);
        return clearRect.apply(this, place);
      };
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        written.get(at(this))?.push(text);
        return fillText.call(this, text, ...place);
      };`,
    );
    await page.goto(pathToFileURL(run.html).href);
    await page.locator("section[aria-label='Endpoints'] button.fold").first().press("Enter");
    await page.locator(".ecdf canvas").waitFor();
    const written = (section: string): Promise<string[]> => page.evaluate(`written.get(${JSON.stringify(section)}) ?? []`);
    for (const [section, names] of [
      ["Replay", [expect.stringMatching(/^time since the first request \(m?s\)$/), "requests under way"]],
      ["Over time", ["time of day (UTC)", expect.stringMatching(/^exchanges in .* m?s$/)]],
      ["Endpoints", ["time to the whole answer", "share of answers"]],
    ] as const) {
      await expect.poll(() => written(section)).toEqual(expect.arrayContaining([...names]));
    }
    const marks = (await written("Over time")).filter((text) => /^\d\d:\d\d/.test(text));
    expect(marks.length).toBeGreaterThan(1);
    expect(new Set(marks).size).toBe(marks.length);
    expect((await written("Replay")).filter((text) => /^[\d.,]+$/.test(text)).length).toBeGreaterThan(3);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("leads to its parts", () =>
    opened(async (page) => {
      await page.getByRole("navigation").getByRole("button", { name: "Endpoints" }).press("Enter");
      await expect.poll(async () => page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Endpoints");
      await expect.poll(async () => page.locator("section[aria-label='Endpoints'] h2").isVisible()).toBe(true);
      await expect.poll(async () => page.evaluate("scrollY > 0")).toBe(true);
    }));

  it("explains its keys: ?, and gives the focus back", () =>
    opened(async (page) => {
      await page.keyboard.press("j");
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      await expect.poll(async () => page.evaluate("document.activeElement.textContent")).toBe("Keys");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await expect.poll(async () => focused(page)).not.toBe("");
    }));

  it("explains what E means where it stands and in its help, by keyboard, and comes back", () =>
    opened(async (page) => {
      await expect.poll(async () => page.locator(".head .facts [title]").first().getAttribute("title")).toMatch(/^E says how strongly/);
      await page.keyboard.press("n");
      const evidence = page.locator(".card.expanded dd", { hasText: "What is E?" });
      await expect.poll(async () => evidence.innerText()).toMatch(/^E .*: equal builds would show as much in at most 1 of /);
      // From the finding's head the first thing that the Tab key reaches.
      await page.keyboard.press("Tab");
      await expect.poll(async () => page.evaluate("document.activeElement.textContent")).toBe("What is E?");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await expect.poll(async () => page.evaluate("document.activeElement.textContent.trim()")).toBe("Words");
      await expect.poll(async () => page.getByRole("dialog").locator("dt", { hasText: /^E$/ }).isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await expect.poll(async () => page.evaluate("document.activeElement.textContent")).toBe("What is E?");
      await page.getByRole("button", { name: "Help" }).press("Enter");
      await page.getByRole("dialog").getByText("next and previous finding, opened").waitFor();
    }));

  it("shows the same to whoever follows a link", () =>
    opened(
      async (page) => {
        await expect.poll(async () => openCards(page)).toEqual([expect.stringMatching(/price/)]);
        await expect.poll(async () => page.locator("#search").inputValue()).toBe("path:/price");
      },
      {},
      `#finding=${idOf("json.type")}&q=path%3A%2Fprice`,
    ));

  it("says of a link which finding is not here, and forgets it when it is told to", () =>
    opened(
      async (page) => {
        const said = page.locator(".missing [role=status]");
        await expect
          .poll(async () => said.innerText())
          .toMatch(/^There is no finding 0123456789ab in this report: it may be fixed, belong to another run, or be hidden by a rule\.$/);
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Forget it" }).press("Enter");
        await expect.poll(async () => page.locator(".missing").count()).toBe(0);
        expect(page.url()).not.toContain("#");
        // Whatever an address holds is text, and no wider than the page.
        await page.evaluate("location.hash = `finding=${encodeURIComponent('<img src=x onerror=window.acted=5>\u202e'.repeat(99))}`");
        await expect.poll(async () => said.innerText()).toContain("<img src=x");
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        await page.locator(".head").first().click();
        await expect.poll(async () => page.locator(".missing").count()).toBe(0);
      },
      {},
      "#finding=0123456789ab",
    ));

  it("keeps in its address which groups are unfolded, through searches and whatever else the link says", async () => {
    const noise = (page: Page): Promise<number> => page.locator(".state-noise").count();
    let link = "";
    await opened(async (page) => {
      await page.locator(".head").first().click();
      await page.locator(".toggle", { hasText: "Noise" }).click();
      await expect.poll(async () => noise(page)).toBeGreaterThan(0);
      link = new URL(page.url()).hash;
      expect(link).toMatch(/^#finding=[0-9a-f]{12}&groups=noise$/);
      await page.locator("button.fold", { hasText: "Told apart as noise" }).press("Enter");
      expect(new URL(page.url()).hash).toBe(link.replace("&groups=noise", ""));
      // The way past the header is no part of what is shown.
      await page.locator(".skip").press("Enter");
      expect(new URL(page.url()).hash).toBe(link.replace("&groups=noise", ""));
      await expect.poll(async () => page.evaluate("document.activeElement.id")).toBe("findings");
    });
    await opened(
      async (page) => {
        await expect.poll(async () => noise(page)).toBeGreaterThan(0);
        await expect.poll(async () => openCards(page)).toHaveLength(1);
        await page.locator("#search").fill("price");
        await page.locator("#search").fill("");
        expect(new URL(page.url()).hash).toBe("#groups=noise");
        expect(await noise(page)).toBeGreaterThan(0);
      },
      {},
      link,
    );
  });

  it("leaves noise with one Esc after a, which says why there is nothing to accept", () =>
    opened(async (page) => {
      await page.locator(".toggle", { hasText: "Noise" }).click();
      await page.locator(".state-noise .head").first().focus();
      await page.keyboard.press("a");
      await expect.poll(async () => openCards(page)).toHaveLength(1);
      const said = page.getByRole("complementary", { name: "Messages" }).getByRole("status").first();
      await expect.poll(async () => said.innerText()).toBe("There is nothing to accept: this finding is noise.");
      await page.keyboard.press("Escape");
      await expect.poll(async () => openCards(page)).toEqual([]);
    }));

  function idOf(kind: string): string {
    const report = JSON.parse(readFileSync(`${run?.directory ?? ""}/report.json`, "utf8")) as { findings: { id: string; kind: string }[] };
    return report.findings.find((finding) => finding.kind === kind)?.id ?? "";
  }

  it("shows all that was recorded as text, line for line, and none of it acts", () =>
    opened(async (page) => {
      const count = await page.locator(".group.open .card").count();
      for (let index = 0; index < count; index++) {
        await page.keyboard.press("n");
        await page.locator(".card.expanded .sample, .card.expanded .exemplars ~ .left, .card.expanded .left").first().waitFor();
      }
      await page.locator("#search").fill("endpoint:/pages");
      await page.locator("#search").press("Tab");
      await page.keyboard.press("j");
      await page.keyboard.press("n");
      await page.locator(".card.expanded .sides").first().waitFor();
      expect(await page.locator(".card.expanded .sides").first().innerText()).toContain("<script>window.acted = 1</script>");
      await expect.poll(async () => page.locator("main script, main img, main svg, main iframe, main a[href]").count()).toBe(0);
    }));

  it.each([
    ["wide and light", 1280, "light"],
    ["wide and dark", 1280, "dark"],
    ["narrow and light", 390, "light"],
    ["narrow and dark", 390, "dark"],
  ] as const)("is accessible, and no wider than the screen: %s", (_, width, colorScheme) =>
    opened(
      async (page) => {
        await page.keyboard.press("n");
        await page.locator(".sides").first().waitFor();
        await page.keyboard.press("a");
        await page.locator(".toggle", { hasText: "Noise" }).click();
        await page.locator("section[aria-label='Endpoints'] button.fold").first().press("Enter");
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        await expect.poll(async () => page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Unified" }).first().click();
        await page.keyboard.press("?");
        expect(await violations(page)).toEqual([]);
      },
      { viewport: { width, height: 900 }, colorScheme },
    ),
  );
  it("keeps drawings on a narrow screen, and each rate on one line", () =>
    opened(
      async (page) => {
        await page.locator("section[aria-label='Endpoints'] button.fold").first().press("Enter");
        await page.locator(".ecdf canvas").waitFor();
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        const beyond =
          "[...document.querySelectorAll('.plot, .ecdf tr, .rates')].filter((each) => each.getBoundingClientRect().right > innerWidth)";
        await expect.poll(async () => page.evaluate(`${beyond}.length`)).toBe(0);
        const tall =
          "[...document.querySelectorAll('.rates')].filter((each) => each.offsetHeight > 1.5 * parseFloat(getComputedStyle(each).lineHeight))";
        expect(await page.evaluate("document.querySelectorAll('.rates').length")).toBeGreaterThan(5);
        expect(await page.evaluate(`${tall}.length`)).toBe(0);
      },
      { viewport: { width: 390, height: 900 } },
    ));
});

/** What axe complains about, with the elements. */
async function violations(page: Page): Promise<string[]> {
  // The policy of the page lets no script be added; the browser's own tools may evaluate.
  await page.evaluate(axe.source);
  const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as axe.AxeResults;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`),
  );
}
