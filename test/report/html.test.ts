import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { htmlReporter } from "../../report/html.ts";
import { pageScript } from "../../report/page/script.ts";
import { pageStyle } from "../../report/page/style.ts";
import { answered, emptyReport, findingWith, noDetails, requestOf, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** Every element of the page as a browser's parser (with scripts on) sees it. */
function elementsOf(html: string): Element[] {
  const errors: string[] = [];
  const document = parse(html, { scriptingEnabled: true, onParseError: ({ code }) => errors.push(code) });
  expect(errors).toEqual([]);
  const found: Element[] = [];
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (!("tagName" in node)) continue;
      found.push(node);
      walk(node.childNodes);
    }
  };
  walk(document.childNodes);
  return found;
}

const attributeOf = (element: Element | undefined, name: string): string | undefined =>
  element?.attrs.find((attribute) => attribute.name === name)?.value;
const textOf = (element: Element | undefined): string =>
  element?.childNodes.map((node) => ("value" in node ? node.value : "")).join("") ?? "";
const frame: readonly string[] = [
  "html",
  "head",
  "meta",
  "meta",
  "meta",
  "meta",
  "meta",
  "title",
  "style",
  "body",
  "noscript",
  "div",
  "script",
  "script",
];

describe("the HTML report", () => {
  it("looks as it was last reviewed, style and script apart", async () => {
    const shell = htmlReporter(richReport, richDetails)
      .output.replace(pageStyle, () => "…")
      .replace(pageScript, () => "…");
    await expect(shell).toMatchFileSnapshot("golden/report.html");
  });

  it("allows its own style and script by hash, and nothing else", () => {
    const elements = elementsOf(htmlReporter(richReport, richDetails).output);
    const policy = attributeOf(
      elements.find((element) => attributeOf(element, "http-equiv") === "Content-Security-Policy"),
      "content",
    );
    const hash = (element: Element | undefined): string => `'sha256-${createHash("sha256").update(textOf(element)).digest("base64")}'`;
    const style = elements.find(({ tagName }) => tagName === "style");
    const script = elements.findLast(({ tagName }) => tagName === "script");
    expect(policy).toBe(`default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`);
  });

  it("names no other file and no address to load", () => {
    const elements = elementsOf(htmlReporter(richReport, richDetails).output);
    for (const element of elements)
      expect(element.attrs.map(({ name }) => name)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(?:src|href|srcset|style|on.*)$/)]),
      );
    expect(pageStyle).not.toMatch(/url\(|@import/);
  });

  it.each([
    ["a plain run", richReport, richDetails],
    ["a hostile run", hostileReport, hostileDetails],
    ["an empty run", emptyReport, noDetails],
  ])("is parsed into the same elements for %s", (_, report, details) => {
    expect(elementsOf(htmlReporter(report, details).output).map(({ tagName }) => tagName)).toEqual(frame);
  });

  it("holds data that parses back, without any raw line separator or acting character", () => {
    const { output } = htmlReporter(hostileReport, hostileDetails);
    const data = textOf(elementsOf(output).find((element) => attributeOf(element, "id") === "data"));
    expect(data).not.toMatch(/[<>\p{Cf}\p{Zl}\p{Zp}]/u);
    const block = JSON.parse(data) as { samples: Record<string, unknown> };
    expect(Object.keys(block.samples)).toHaveLength(hostileDetails.samples.length);
  });

  it("shortens a line of a megabyte around the place where it differs, and says so", () => {
    const { output } = htmlReporter(hostileReport, hostileDetails);
    expect(output.length).toBeLessThan(300_000);
    expect(output).toMatch(/\[\d+ characters\] …y+END/);
  });

  it("stays within 15 MB, keeps a sample of the worst finding, and counts what it left out", () => {
    const lines = Array.from({ length: 1100 }, (_, line) => `${line} ${"z".repeat(580)}`).join("\n");
    const findings = Array.from({ length: 16 }, (_, index) =>
      findingWith({
        id: index.toString(16).padStart(12, "0"),
        title: `GET /posts · ${index}`,
        score: 100 - index,
        exemplars: [`big-${index}`],
      }),
    );
    const samples = findings.toReversed().map(({ exemplars }) => ({
      exchangeId: exemplars[0] ?? "",
      request: requestOf("GET", "/posts"),
      primary: answered(200, "OK", [["Content-Type", "text/plain"]], lines),
      control: null,
      candidate: answered(200, "OK", [["Content-Type", "text/plain"]], lines.replaceAll("z ", "q ").replace(/^\d/gm, "x")),
      differences: [],
    }));
    const { output } = htmlReporter({ ...richReport, findings }, { samples });
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(15_000_000);
    const block = JSON.parse(textOf(elementsOf(output).find((element) => attributeOf(element, "id") === "data"))) as {
      samplesLeftOut: number;
      samples: Record<string, unknown>;
    };
    expect(block.samplesLeftOut).toBeGreaterThan(0);
    expect(Object.keys(block.samples).length + block.samplesLeftOut).toBe(16);
    expect(block.samples).toHaveProperty("big-0");
  });

  it("stays within 15 MB for any number of wordy findings, and counts what it left out", () => {
    const signatures = Array.from({ length: 30 }, () => ({
      endpoint: "x".repeat(500),
      location: "body" as const,
      path: "",
      kind: "json.value" as const,
    }));
    const findings = Array.from({ length: 2500 }, (_, index) => findingWith({ id: index.toString(16).padStart(12, "0"), signatures }));
    const { output } = htmlReporter({ ...richReport, findings }, noDetails);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(15_000_000);
    const block = JSON.parse(textOf(elementsOf(output).find((element) => attributeOf(element, "id") === "data"))) as {
      data: { groups: { findings: unknown[]; leftOut: number }[] };
    };
    const [open] = block.data.groups;
    expect(open?.leftOut).toBeGreaterThan(500); // more than the limit of 2,000 alone leaves out
    expect((open?.findings.length ?? 0) + (open?.leftOut ?? 0)).toBe(2500);
  });
});
