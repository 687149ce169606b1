import vm from "node:vm";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../model/report.ts";
import type { ReportDetails } from "../../../report/details.ts";
import { htmlReporter } from "../../../report/html.ts";
import { pageScript } from "../../../report/page/script.ts";
import { emptyReport, noDetails, richDetails, richReport } from "../fixture.ts";
import { hostileDetails, hostileReport, hostileStrings } from "../hostile-fixture.ts";
import { FakeDocument, type FakeNode } from "./fake-dom.ts";

interface OpenPage {
  readonly document: FakeDocument;
  readonly location: { hash: string; pathname: string; search: string };
  readonly copied: string[];
  readonly globals: Record<string, unknown>;
}

function openPage(report: Report, details: ReportDetails, hash = ""): OpenPage {
  const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(htmlReporter(report, details).output)?.[1] ?? "";
  const document = new FakeDocument(data);
  const location = { hash, pathname: "/report.html", search: "" };
  const copied: string[] = [];
  const globals: Record<string, unknown> = {
    document,
    location,
    window: { addEventListener: () => undefined },
    history: {
      replaceState: (_state: unknown, _title: string, url: string) => {
        location.hash = url.startsWith("#") ? url : "";
      },
    },
    navigator: {
      clipboard: {
        writeText: (text: string) => {
          copied.push(text);
          return Promise.resolve();
        },
      },
    },
    setTimeout: () => 0,
  };
  vm.runInNewContext(pageScript, globals);
  return { document, location, copied, globals };
}

const byId = ({ document }: OpenPage, id: string): FakeNode => {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`no #${id}`);
  return node;
};
const cards = (page: OpenPage): FakeNode[] => page.document.body.all(".card");
const shownCards = (page: OpenPage): string[] =>
  cards(page)
    .filter((card) => !card.hidden)
    .map((card) => card.id);
const headOf = (page: OpenPage, id: string): FakeNode => byId(page, `finding-${id}`).all(".head")[0] ?? byId(page, "missing");

describe("the page's source", () => {
  it("builds nothing from strings and cannot end its own element", () => {
    expect(pageScript).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|<\/script|<!--|https?:/i);
  });
});

describe("the page", () => {
  it("shows verdict, totals that add up, reasons, findings, endpoints and blind spots", () => {
    const text = openPage(richReport, richDetails)
      .document.body.all("main")
      .concat(openPage(richReport, richDetails).document.body.all("header"))
      .map((node) => node.textContent)
      .join(" ");
    for (const expected of [
      "FAIL",
      "262 exchanges = 250 compared + 12 not comparable",
      "2 new findings at or over medium",
      "list became empty",
      "4 findings",
      "GET /profile",
      "Nothing compared at DELETE /posts/{id}",
      "valid · 260 of 262 sent",
    ])
      expect(text).toContain(expected);
  });

  it("shows how a replay went, in columns and in words, and nothing of it where nothing is known", () => {
    const { replay } = richReport.run;
    if (replay === null) throw new Error("it is of a replay");
    const spread = { p50: 1, p95: 2, p99: 3, max: 4 };
    const concurrency = { stepMs: 50, recorded: [1, 4], achieved: [0, 2] };
    const answerTimes = { candidate: { service: spread, response: null }, control: { service: spread, response: { ...spread, max: 5 } } };
    const { document } = openPage(
      { ...richReport, run: { ...richReport.run, replay: { ...replay, concurrency, answerTimes } } },
      noDetails,
    );
    const bars = document.body
      .all(".step")
      .map((step) => step.children.map((bar) => `${bar.attributes.get("class")} ${bar.style["height"]}`));
    expect(bars).toEqual([["recorded 25%"], ["recorded 100%", "achieved 50%"]]);
    const panel = document.body.all(".panel").find((each) => each.attributes.get("aria-label") === "Replay");
    expect(panel?.textContent).toContain("At most 4 at once in production, 2 in the replay.");
    expect(panel?.all(".columns")[0]?.attributes.get("aria-hidden")).toBe("true");
    expect(panel?.all("tr").map((row) => row.children.map((cell) => cell.textContent))).toEqual([
      ["Answers: p50 / p95 / p99 / max", "Since the request was sent", "Since it was due"],
      ["Candidate", "1 ms / 2 ms / 3 ms / 4 ms", ""],
      ["Control", "1 ms / 2 ms / 3 ms / 4 ms", "1 ms / 2 ms / 3 ms / 5 ms"],
    ]);
    expect(openPage(richReport, richDetails).document.body.all(".curve")).toEqual([]);
  });

  it("opens a finding with its exchanges on a click and closes it again", () => {
    const page = openPage(richReport, richDetails);
    const head = headOf(page, "3fa9c1d27b04");
    head.click();
    const card = byId(page, "finding-3fa9c1d27b04");
    expect([head.attributes.get("aria-expanded"), page.location.hash]).toEqual(["true", "#finding=3fa9c1d27b04"]);
    expect(card.textContent).toContain("GET /posts?_start=0&_limit=15");
    expect(card.all(".changed").some((cell) => cell.textContent.includes('"id": "1"'))).toBe(true);
    head.click();
    expect([head.attributes.get("aria-expanded"), page.location.hash]).toEqual(["false", ""]);
  });

  it("follows a deep link, also into what is folded away", () => {
    const page = openPage(richReport, richDetails, "#finding=aa01aa01aa01");
    expect(headOf(page, "aa01aa01aa01").attributes.get("aria-expanded")).toBe("true");
    expect(byId(page, "group-settled").open).toBe(true);
    expect(openPage(richReport, richDetails, "#finding=ffffffffffff").document.activeElement).toBeNull();
  });

  it("marks what the candidate changed and leaves what only the control changed grey", () => {
    const page = openPage(richReport, richDetails, "#finding=3fa9c1d27b04");
    const card = byId(page, "finding-3fa9c1d27b04");
    expect(card.all(".noisy").map((cell) => cell.textContent)).toEqual(["date: Sat, 22 Nov 2025 10:00:02 GMT"]);
    expect(card.all(".base").some((cell) => cell.textContent === "x-total-count: 100")).toBe(true);
  });

  it("leaves the column of a target without an answer empty, not different", () => {
    const card = byId(openPage(richReport, richDetails, "#finding=9f10e55a7c02"), "finding-9f10e55a7c02");
    expect(card.textContent).toContain("reset (ECONNRESET) after 1,204 ms");
    expect([card.all(".changed"), card.all(".base")]).toEqual([[], []]);
  });

  it("filters by every word, and says when nothing is left", () => {
    const page = openPage(richReport, richDetails);
    const search = byId(page, "search");
    search.value = "posts NUMBER";
    search.dispatch("input");
    expect(shownCards(page)).toEqual(["finding-c41d00b1e9aa"]);
    search.value = "no such text";
    search.dispatch("input");
    expect([shownCards(page), byId(page, "nothing").hidden]).toEqual([[], false]);
  });

  it("moves with j and k, filters with /, closes with Esc, and never while typing", () => {
    const page = openPage(richReport, richDetails);
    const { document } = page;
    document.press("j");
    document.press("j");
    expect(document.activeElement).toBe(headOf(page, "9f10e55a7c02"));
    document.press("k");
    expect(document.activeElement).toBe(headOf(page, "3fa9c1d27b04"));
    document.activeElement?.click();
    document.press("Escape");
    expect(headOf(page, "3fa9c1d27b04").attributes.get("aria-expanded")).toBe("false");
    document.press("/");
    expect(document.activeElement).toBe(byId(page, "search"));
    document.press("j");
    expect(document.activeElement).toBe(byId(page, "search"));
  });

  it("passes folded findings by until their toggle opens them", () => {
    const page = openPage(richReport, richDetails);
    for (let i = 0; i < 9; i++) page.document.press("j");
    expect(page.document.activeElement).toBe(headOf(page, "77d0aa10bb3c"));
    byId(page, "toggle-noise").click();
    expect(byId(page, "toggle-noise").attributes.get("aria-pressed")).toBe("true");
    for (let i = 0; i < 9; i++) page.document.press("j");
    expect(page.document.activeElement).toBe(headOf(page, "ee05ee05ee05"));
  });

  it("copies the request as a curl command", () => {
    const page = openPage(richReport, richDetails, "#finding=aa01aa01aa01");
    byId(page, "finding-aa01aa01aa01").all(".copy")[0]?.click();
    expect(page.copied[0]).toContain("curl \\\n  -X 'POST'");
  });

  it("folds long equal stretches behind a button", () => {
    const page = openPage(hostileReport, hostileDetails, "#finding=abcdef000000");
    for (const button of page.document.body.all(".gap").filter(({ tag }) => tag === "button")) button.click();
    expect(page.document.body.all(".gap").filter(({ tag }) => tag === "button")).toEqual([]);
  });

  it("shows hostile text as text: no element, no attribute, no code comes of it", () => {
    const page = openPage(hostileReport, hostileDetails);
    for (const card of cards(page)) card.all(".head")[0]?.click();
    const elements = new Set<string>();
    const walk = (node: FakeNode): void => {
      elements.add(node.tag);
      for (const name of node.attributes.keys())
        expect(name).toMatch(
          /^(?:id|class(?::expanded)?|type|role|hidden|open|tabindex|scope|href|data-side|aria-[a-z]+|placeholder|autocomplete|spellcheck)$/,
        );
      for (const child of node.children) walk(child);
    };
    walk(byId(page, "page"));
    for (const tag of ["script", "img", "iframe", "style", "object"]) expect(elements).not.toContain(tag);
    expect(page.globals["owned"]).toBeUndefined();
    expect(byId(page, "page").textContent).toContain(hostileStrings[0]);
    expect(
      byId(page, "page")
        .all("a")
        .map((link) => link.attributes.get("href")),
    ).toEqual(["#findings"]);
  });

  it("lists what rules hid, and shows it grey in the exchanges", () => {
    const [sample] = richDetails.samples;
    if (sample === undefined) throw new Error("no sample");
    const hidden = sample.differences.map((difference) => ({ difference, rule: "ignore body (a test)" }));
    const rules = [{ text: "ignore body", reason: "a test", hidden: 3, exchanges: 2, places: [], idle: null }];
    const page = openPage({ ...richReport, rules }, { ...richDetails, samples: [{ ...sample, hidden }] });
    expect(page.document.body.all(".rules")[0]?.textContent).toContain("ignore body hid 3 differences in 2 exchanges (a test)");
    headOf(page, "c41d00b1e9aa").click();
    expect(byId(page, "finding-c41d00b1e9aa").all(".hidden-by-rules")[0]?.textContent).toContain("hidden: ignore body (a test)");
    expect(openPage(richReport, richDetails).document.body.all(".rules")).toEqual([]);
  });

  it("opens for a run in which nothing was compared", () => {
    const page = openPage(emptyReport, noDetails);
    expect(byId(page, "page").textContent).toContain("INCONCLUSIVE");
    expect(byId(page, "page").textContent).toContain("No findings");
    page.document.press("j");
    page.document.press("/");
    page.document.press("Escape");
    expect(page.document.activeElement).toBeNull();
  });
});
