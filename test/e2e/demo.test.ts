/** The demo finds what the two versions of the shop document as changed, and nothing else; equal builds pass. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import type { PageData } from "../../report/page/data.ts";
import { EventReader } from "../support/event-source.ts";
import { falseFindings, Pair, realFindings } from "../zoo/harness.ts";

const demoLimitMs = 60_000;

/** Changes of the pair that the demo's shoppers do not meet: their requests are not among theirs. */
const notMet = ["db-route-gone", "embed-empty", "expand-empty", "id-filter-empty", "sort-descending"];

interface Demo {
  readonly code: number | null;
  readonly output: string;
  readonly live: Report;
  readonly replay: Report;
}

async function demo(...args: string[]): Promise<Demo> {
  const out = mkdtempSync(join(tmpdir(), "penumbra-demo-"));
  try {
    const ended = await runPenumbra(["demo", "--out", out, ...args]);
    const read = (act: string): Report => JSON.parse(readFileSync(join(out, act, "report.json"), "utf8")) as Report;
    return { code: ended.code, output: ended.stdout + ended.stderr, live: read("live"), replay: read("replay") };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

describe("penumbra demo", () => {
  it(
    "shows the documented changes and nothing else, live and in replay, and says where the page is",
    async () => {
      const pair = new Pair("json-server-0-to-1");
      const { code, output, live, replay } = await demo();
      expect(code).toBe(0);
      expect(output).toMatch(/report: +\S+replay\/report\.html/);
      for (const report of [live, replay]) {
        expect(falseFindings(pair, report)).toEqual([]);
        expect(report.findings.filter((finding) => finding.state === "unconfirmed")).toEqual([]);
        expect(missed(pair, report)).toEqual(notMet);
        expect(report.totals.notComparable).toEqual({});
      }
      const ids = (report: Report): string[] => realFindings(report).map((finding) => finding.id);
      expect(ids(replay).sort()).toEqual(ids(live).sort());
    },
    demoLimitMs,
  );

  it(
    "leaves a dashboard up with --keep, over which shoppers go on, until Ctrl-C",
    async () => {
      const out = mkdtempSync(join(tmpdir(), "penumbra-demo-"));
      const { process: child, ended } = startPenumbra(["demo", "--keep", "--out", out]);
      try {
        const address = await new Promise<string>((resolve, reject) => {
          let printed = "";
          child.stdout?.on("data", (text: string) => {
            printed += text;
            const [, url] = /^dashboard: +(\S+) \(Ctrl-C ends it\)$/m.exec(printed) ?? [];
            if (url !== undefined) resolve(url);
          });
          child.once("exit", () => reject(new Error("the demo ended by itself")));
        });
        const events = new EventReader(address);
        const shown = await events.first<PageData>("report", ({ verdict }) => verdict === "fail", demoLimitMs);
        expect(shown.data.groups[0]?.findings.length).toBeGreaterThan(0);
        events.close();
        child.kill("SIGINT");
        expect((await ended).code).toBe(0);
        expect(await fetch(address).catch(() => "nobody is there")).toBe("nobody is there");
      } finally {
        // In order, so that the shops end as well when the test has failed.
        child.kill("SIGINT");
        await ended;
        rmSync(out, { recursive: true, force: true });
      }
    },
    2 * demoLimitMs,
  );

  // Two at a time: a demo mostly waits for its shoppers.
  it.each([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ])(
    "passes when the candidate is production, seeds %d and %d",
    async (...seeds) => {
      const ended = await Promise.all(seeds.map((seed) => demo("--equal", "--seed", String(seed))));
      for (const [index, { code, live, replay }] of ended.entries()) {
        const doubts = [...live.reasons, ...replay.reasons].map((reason) => reason.text);
        const said = { seed: seeds[index], live: live.verdict, replay: replay.verdict, code, doubts };
        expect(said).toMatchObject({ live: "pass", replay: "pass", code: 0 });
        expect([...realFindings(live), ...realFindings(replay)]).toEqual([]);
      }
    },
    demoLimitMs,
  );
});

/** Truths that no finding stands for, told apart by their own place and kind of change. */
function missed(pair: Pair, report: Report): string[] {
  const has = (id: string): boolean => {
    const mark = marks[id];
    return mark !== undefined && realFindings(report).some((finding) => finding.signatures.some((each) => mark(each)));
  };
  return pair.truths
    .map((truth) => truth.id)
    .filter((id) => !has(id))
    .sort();
}

type Mark = (signature: { readonly endpoint: string; readonly location: string; readonly path: string; readonly kind: string }) => boolean;

const at =
  (endpoint: string | null, location: string, path: string, kind?: string): Mark =>
  (signature) =>
    (endpoint === null || signature.endpoint === endpoint) &&
    signature.location === location &&
    signature.path === path &&
    (kind === undefined || signature.kind === kind);

const marks: Readonly<Record<string, Mark>> = {
  "id-string": at("GET /posts/{id}", "body", "/id", "json.type"),
  "id-generated": at("POST /todos", "body", "/id", "json.type"),
  "page-envelope": at("GET /posts", "body", "", "json.type"),
  "slice-empty": at("GET /posts", "body", "", "json.element-count"),
  "order-empty": at("GET /posts", "body", "", "json.element-count"),
  "like-empty": at("GET /posts", "body", "", "json.element-count"),
  "full-text-empty": at("GET /posts", "body", "", "json.element-count"),
  "total-count-header": at("GET /posts", "header", "x-total-count"),
  "link-header": at("GET /posts", "header", "link"),
  "nested-route-gone": at("GET /posts/{id}/comments", "status", ""),
  "not-found-body": at("GET /nothing", "body", "/error"),
  "head-refused": at("HEAD /tags/{id}", "status", ""),
  "compression-gone": at("GET /posts", "header", "content-encoding"),
  "invalid-json-status": at("POST /authors", "status", ""),
  "delete-answer": at("DELETE /todos/{id}", "body", "/text"),
  "location-header": at("POST /todos", "header", "location"),
  "powered-by": at(null, "header", "x-powered-by"),
  "cors-headers": at(null, "header", "vary"),
  "cache-headers": at(null, "header", "cache-control"),
  nosniff: at(null, "header", "x-content-type-options"),
  etag: at(null, "header", "etag"),
  "content-type": at(null, "header", "content-type"),
};
