/** The HTML report: one file that loads nothing, lets nothing run but its own script, and stays small. */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pageBundle } from "../../cli/page-bundle.ts";
import type { Report } from "../../model/report.ts";
import type { ReportDetails } from "../../report/details.ts";
import { htmlReporter, livePage } from "../../report/html.ts";
import { answered, emptyReport, findingWith, noDetails, requestOf, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import { type Element, elementsOf, openedPage, textOf } from "./readers/opened-page.ts";

const page = pageBundle();

function html(report: Report, details: ReportDetails): string {
  return htmlReporter(report, { ...details, page }).output;
}

function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((attribute) => attribute.name === name)?.value;
}

function policyOf(elements: readonly Element[]): string | undefined {
  return attributeOf(
    elements.find((element) => attributeOf(element, "http-equiv") === "Content-Security-Policy"),
    "content",
  );
}

const hashOf = (element: Element | undefined): string => `'sha256-${createHash("sha256").update(textOf(element)).digest("base64")}'`;

describe("the HTML report", () => {
  it("holds what was last reviewed", async () => {
    const { index, details, samples } = openedPage(html(richReport, richDetails));
    await expect(`${JSON.stringify({ index, details, samples }, null, 2)}\n`).toMatchFileSnapshot("golden/page.json");
  });

  it("allows its own style and script by hash, and nothing else", () => {
    const elements = elementsOf(html(richReport, richDetails));
    const style = elements.find(({ tagName }) => tagName === "style");
    const script = elements.findLast(({ tagName }) => tagName === "script");
    expect(policyOf(elements)).toBe(
      `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`,
    );
  });

  it("names no other file and no address to load", () => {
    for (const element of elementsOf(html(richReport, richDetails)))
      expect(element.attrs.map(({ name }) => name)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(?:src|href|srcset|style|on.*)$/)]),
      );
    expect(page.style).not.toMatch(/url\(|@import/);
  });

  it("has a script that makes no markup of strings and cannot end its own element", () => {
    // What Preact can do and this page never asks for: dangerouslySetInnerHTML, and attributes by name.
    expect(page.script.replaceAll(/dangerouslySetInnerHTML|\.innerHTML/g, "")).not.toMatch(
      /outerHTML|insertAdjacent|document\.write|\beval\b|new Function|<\/script|<!--/i,
    );
  });

  it.each([
    ["a plain run", richReport, richDetails],
    ["a hostile run", hostileReport, hostileDetails],
    ["an empty run", emptyReport, noDetails],
  ])("is parsed into the same elements for %s", (_, report, details) => {
    const names = elementsOf(html(report, details)).filter(({ tagName }) => tagName !== "script");
    const frame = ["html", "head", "meta", "meta", "meta", "meta", "meta", "title", "style", "body", "noscript", "div"];
    expect(names.map(({ tagName }) => tagName)).toEqual(frame);
  });

  it("holds every sample of a hostile run", () => {
    expect(Object.keys(openedPage(html(hostileReport, hostileDetails)).samples)).toHaveLength(hostileDetails.samples.length);
  });

  it("shortens a line of a megabyte around the place where it differs, and says so", () => {
    const output = html(hostileReport, hostileDetails);
    expect(output.length).toBeLessThan(300_000);
    expect(JSON.stringify(openedPage(output).samples)).toMatch(/\[\d+ characters\] …y+END/);
  });

  it("stays within 15 MB, keeps a sample of the worst finding, and counts what it left out", () => {
    const noise = randomText(1100 * 580);
    const lines = Array.from({ length: 1100 }, (_, line) => `${line} ${noise.slice(line * 580, (line + 1) * 580)}`);
    const findings = Array.from({ length: 26 }, (_, index) =>
      findingWith({
        id: index.toString(16).padStart(12, "0"),
        title: `GET /posts · ${index}`,
        score: 100 - index,
        exemplars: [`big-${index}`],
      }),
    );
    const samples = findings.toReversed().map(({ exemplars }, turn) => {
      const own = lines.map((line, index) => line + noise.slice((index * 7 + turn) % 1000, ((index * 7 + turn) % 1000) + 8));
      return {
        exchangeId: exemplars[0] ?? "",
        request: requestOf("GET", "/posts"),
        primary: answered(200, "OK", [["Content-Type", "text/plain"]], own.join("\n")),
        control: null,
        candidate: answered(
          200,
          "OK",
          [["Content-Type", "text/plain"]],
          own.map((line) => line.split("").toReversed().join("")).join("\n"),
        ),
        differences: [],
      };
    });
    const output = html({ ...richReport, findings }, { samples });
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(15_000_000);
    const { index, samples: kept } = openedPage(output);
    expect(index.samplesLeftOut).toBeGreaterThan(0);
    expect(Object.keys(kept).length + index.samplesLeftOut).toBe(26);
    expect(kept).toHaveProperty("big-0");
  }, 60_000);

  it("stays within 15 MB for any number of wordy findings, and counts what it left out", () => {
    const words = randomText(64 * 500);
    const findings = Array.from({ length: 3000 }, (_, index) => {
      const signatures = Array.from({ length: 12 }, (_unused, at) => ({
        endpoint: words.slice(((index * 13 + at * 31) % 63) * 500 + (index % 400), ((index * 13 + at * 31) % 63) * 500 + 500) + index,
        location: "body" as const,
        path: "",
        kind: "json.value" as const,
      }));
      return findingWith({ id: index.toString(16).padStart(12, "0"), signatures });
    });
    const output = html({ ...richReport, findings }, noDetails);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(15_000_000);
    const [open] = openedPage(output).index.data.groups;
    expect((open?.findings.length ?? 0) + (open?.leftOut ?? 0)).toBe(3000);
  }, 60_000);

  it("has details of every finding, whichever chunk they are in", () => {
    const findings = Array.from({ length: 450 }, (_, index) => findingWith({ id: index.toString(16).padStart(12, "0") }));
    const { index, details } = openedPage(html({ ...richReport, findings }, noDetails));
    const ids = index.data.groups.flatMap((group) => group.findings.map(({ id }) => id));
    expect(ids).toHaveLength(450);
    expect(Object.keys(details).toSorted()).toEqual(ids.toSorted());
  });
});

describe("the live page", () => {
  it("holds no data, may only ask the address that it came from, and has the token that it was given", () => {
    const elements = elementsOf(livePage(page, 'a"<b'));
    expect(policyOf(elements)).toMatch(/^default-src 'none'; .*; connect-src 'self'; base-uri 'none'; form-action 'none'$/);
    expect(elements.filter(({ tagName }) => tagName === "script")).toHaveLength(1);
    expect(
      attributeOf(
        elements.find((element) => attributeOf(element, "name") === "penumbra-token"),
        "content",
      ),
    ).toBe('a"<b');
    expect(elementsOf(livePage(page, null)).some((element) => attributeOf(element, "name") === "penumbra-token")).toBe(false);
  });
});

/** Text that does not deflate. */
function randomText(length: number): string {
  let text = "";
  for (let part = 0; text.length < length; part++) text += createHash("sha512").update(String(part)).digest("base64");
  return text.slice(0, length);
}
