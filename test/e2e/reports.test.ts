/** Reports of real runs, written by the real command line: each format read by a strict parser, and where its parts go. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { readCodeQuality } from "../report/readers/code-quality.ts";
import { logCommandsIn } from "../report/readers/log-commands.ts";
import {
  type Figures,
  figuresInAnnotations,
  figuresInCodeQuality,
  figuresInHtml,
  figuresInJson,
  figuresInJunit,
  figuresInMarkdown,
  figuresInText,
  figuresOf,
} from "../report/readers/read-back.ts";
import { renderedElements } from "../report/readers/rendered-markdown.ts";
import { problemsForWriters } from "../report/readers/report-json.ts";
import { seenLines } from "../report/readers/terminal.ts";
import { itemsRecording, type PlainExchange, writeRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-reports-"));
const key = ["--key-file", join(scratch, "key")];
const formats = ["text", "json", "html", "markdown", "junit", "github", "gitlab"] as const;
let old: Service;
let control: Service;
let changed: Service;

beforeAll(async () => {
  [old, control, changed] = await Promise.all([
    startService(itemsHandler("old")),
    startService(itemsHandler("old")),
    startService(itemsHandler("new")),
  ]);
});
afterAll(async () => {
  await Promise.all([old.close(), control.close(), changed.close()]);
  rmSync(scratch, { recursive: true, force: true });
});

interface Written {
  readonly ended: Ended;
  readonly report: Report;
  readonly texts: Readonly<Record<(typeof formats)[number], string>>;
}

let places = 0;

/** Runs a command with every format asked for. */
async function written(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Written> {
  const place = join(scratch, `${++places}`);
  const out = ["replay", "compare"].includes(args[0] ?? "") ? ["--out", join(place, "run")] : [];
  const asked = formats.flatMap((format) => ["--report", `${format}=${join(place, format)}`]);
  const ended = await runPenumbra([...args, ...out, ...asked], env);
  expect(ended.stderr.split("\n").filter((line) => line.startsWith("penumbra:"))).toEqual([]);
  const texts = Object.fromEntries(formats.map((format) => [format, readFileSync(join(place, format), "utf8")])) as Written["texts"];
  return { ended, texts, report: JSON.parse(texts.json) as Report };
}

function figuresOfAll({ ended, texts }: Written): Record<string, Figures | null> {
  return {
    json: figuresInJson(texts.json),
    text: figuresInText(texts.text),
    printed: figuresInText(ended.stdout),
    html: figuresInHtml(texts.html),
    markdown: figuresInMarkdown(texts.markdown),
    junit: figuresInJunit(texts.junit),
    github: figuresInMarkdown(texts.github),
    annotations: figuresInAnnotations(annotationLines(ended.stdout)),
    gitlab: figuresInCodeQuality(texts.gitlab),
  };
}

const annotationLines = (log: string): string[] => log.split("\n").filter((line) => line.startsWith("::"));

function expectAgreement(run: Written): void {
  const { byReason, ...short } = figuresOf(run.report);
  const whole = { ...short, byReason };
  const { annotations, gitlab, ...others } = figuresOfAll(run);
  for (const [format, figures] of Object.entries(others)) expect([format, figures]).toEqual([format, whole]);
  expect(annotations).toEqual(short);
  expect(gitlab).toEqual(short.verdict === "pass" ? null : short);
  expect(problemsForWriters(run.report)).toBe("");
}

const hostile = [
  "</script><script>owned</script>",
  "::error::owned",
  "##[error]owned ##vso[task.complete]x",
  "| a | b |\n::stop-commands::x\n# head",
  "\u001b]8;;http://evil.example\u0007\u009b2J\u202e\u2028",
  "]]> \u0000\u0008 %0A::warning::owned",
  "<img src=x onerror=owned> [x](javascript:owned) @team www.evil.example",
];

function hostileRecording(name: string, suffix: string): string {
  const exchanges = Array.from({ length: 420 }, (_, index): PlainExchange => {
    const text = hostile[index % hostile.length] ?? "";
    return {
      id: `e${index}`,
      at: 1_763_798_400_000 + index * 5,
      lane: `lane-${index}`,
      target: `/${encodeURIComponent(text)}?q=%3A%3Aerror%3A%3Ax`,
      headers: [
        ["Content-Type", "application/json"],
        ["X-Note", `::error::${suffix} ##[error]${suffix}`],
      ],
      body: JSON.stringify({ [text]: `${text}${suffix}`, list: [text, suffix] }),
    };
  });
  return writeRecording(join(scratch, name), exchanges);
}

describe("the reports of real runs", () => {
  it("agree about a replay of a changed build, and fail where it failed", async () => {
    const recording = itemsRecording(join(scratch, "items.ndjson"), 40);
    const run = await written(["replay", recording, "--candidate", changed.url, "--control", control.url, "--max-lateness", "5s", ...key]);
    expect(run.ended.code).toBe(1);
    expectAgreement(run);
    expect(logCommandsIn(run.ended.stdout).map(({ name }) => name)).toEqual(["error", "error"]);
  });

  it("agree about a pass", async () => {
    const recording = itemsRecording(join(scratch, "same.ndjson"), 40);
    const run = await written(["compare", recording, recording, "--control", recording]);
    expect(run.ended.code).toBe(0);
    expectAgreement(run);
    expect(logCommandsIn(run.ended.stdout).map(({ name }) => name)).toEqual(["notice"]);
    expect(run.texts.gitlab).toBe("[]\n");
  });

  it("agree about an inconclusive run, which looks unlike a pass in each", async () => {
    const primary = itemsRecording(join(scratch, "whole.ndjson"), 100);
    const candidate = itemsRecording(join(scratch, "part.ndjson"), 20);
    const run = await written(["compare", primary, candidate, "--control", primary]);
    expect(run.ended.code).toBe(3);
    expectAgreement(run);
    expect(logCommandsIn(run.ended.stdout).map(({ name }) => name)).toEqual(["warning"]);
    expect(readCodeQuality(run.texts.gitlab).map(({ check_name }) => check_name)).toEqual(["penumbra/verdict/inconclusive"]);
  });

  it("agree about hostile traffic, and none of it acts", async () => {
    const run = await written([
      "compare",
      hostileRecording("a.ndjson", "1"),
      hostileRecording("b.ndjson", "2"),
      "--control",
      hostileRecording("c.ndjson", "1"),
    ]);
    expect(run.ended.code).toBe(1);
    expectAgreement(run);
    seenLines(run.ended.stdout);
    seenLines(run.ended.stderr);
    const ours = annotationLines(run.ended.stdout);
    expect(logCommandsIn(run.ended.stdout).map(({ name }) => name)).toEqual(ours.map(() => "error"));
    expect(ours.length).toBeLessThanOrEqual(5);
    // The page is for a browser; the others are also looked at in a log.
    const { html: _, ...texts } = run.texts;
    expect(logCommandsIn(Object.values(texts).join("\n"))).toEqual([]);
    for (const text of [run.texts.markdown, run.texts.github]) {
      const elements = renderedElements(text);
      expect(elements.filter(({ name }) => ["a", "img", "script"].includes(name))).toEqual([]);
    }
  });
});

describe("the report for GitHub", () => {
  const recording = itemsRecording(join(scratch, "github.ndjson"), 30);
  const run = join(scratch, "github-run");
  beforeAll(async () => {
    await runPenumbra(["compare", recording, recording, "--control", recording, "--out", run]);
  });

  it("is added to the step's summary, which every other file is replaced by", async () => {
    const summary = join(scratch, "summary.md");
    const other = join(scratch, "other.md");
    for (const path of [summary, other]) writeFileSync(path, "# Built\n");
    const reports = [summary, other].flatMap((path) => ["--report", `github=${path}`]);
    expect((await runPenumbra(["diff", run, ...reports], { GITHUB_STEP_SUMMARY: summary })).code).toBe(0);
    expect(readFileSync(summary, "utf8")).toMatch(/^# Built\n\n## ✅ Penumbra: PASS\n/u);
    expect(readFileSync(other, "utf8")).toMatch(/^## ✅ Penumbra: PASS\n/u);
  });

  it("leaves the step's summary under the limit when it is nearly full", async () => {
    const summary = join(scratch, "full.md");
    writeFileSync(summary, "x".repeat(899_000));
    await runPenumbra(["diff", run, "--report", `github=${summary}`], { GITHUB_STEP_SUMMARY: summary });
    expect(readFileSync(summary).length).toBeLessThan(901_000);
    expect(readFileSync(summary, "utf8")).toContain("Penumbra: PASS");
  });

  it("keeps annotations off a standard output that is a document", async () => {
    const path = join(scratch, "json.md");
    const json = await runPenumbra(["diff", run, "--json", "--report", `github=${path}`]);
    expect((JSON.parse(json.stdout) as Report).verdict).toBe("pass");
    expect(logCommandsIn(json.stderr).map(({ name }) => name)).toEqual(["notice"]);
    const summary = await runPenumbra(["report", run, "--format", "github"]);
    expect(summary.stdout).toMatch(/^## ✅/u);
    expect([logCommandsIn(summary.stdout), logCommandsIn(summary.stderr).map(({ name }) => name)]).toEqual([[], ["notice"]]);
    const file = await runPenumbra(["report", run, "--format", "github", "--out", path]);
    expect(logCommandsIn(file.stdout).map(({ name }) => name)).toEqual(["notice"]);
  });

  it("is refused in one line without a file, as where no step is running", async () => {
    const ended = await runPenumbra(["diff", run, "--report", "github="]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toMatch(/^penumbra: --report github= cannot be written: no file is named; [^\n]+\n$/);
    expect(existsSync("github=")).toBe(false);
  });
});

describe("a report on standard output (--report FORMAT=-)", () => {
  const recording = itemsRecording(join(scratch, "shown.ndjson"), 30);
  const run = join(scratch, "shown-run");
  const file = join(scratch, "shown.md");
  beforeAll(async () => {
    await runPenumbra(["compare", recording, recording, "--control", recording, "--out", run, "--report", `markdown=${file}`]);
  });

  it("stands there alone, in place of the text, as it would in a file", async () => {
    const shown = await runPenumbra(["diff", run, "--report", "markdown=-"]);
    expect([shown.code, shown.stdout]).toEqual([0, readFileSync(file, "utf8")]);
    expect(shown.stderr).toBe(`page: ${join(run, "report.html")}\n`);
    expect(existsSync("-")).toBe(false);
  });

  it("keeps annotations off it", async () => {
    const shown = await runPenumbra(["report", run, "--out", file, "--report", "github=-"]);
    expect(logCommandsIn(shown.stdout)).toEqual([]);
    expect(logCommandsIn(shown.stderr).map(({ name }) => name)).toEqual(["notice"]);
  });

  it("takes the place of what report shows, and is refused in one line beside another form", async () => {
    const shown = await runPenumbra(["report", run, "--report", "markdown=-"]);
    expect([shown.code, shown.stdout]).toEqual([0, (await runPenumbra(["report", run, "--format", "markdown"])).stdout]);
    expect(shown.stdout).toContain("<!-- penumbra");
    const ended = await runPenumbra(["report", run, "--report", "markdown=-", "--format", "junit"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toMatch(/^penumbra: --report markdown=- and --format junit both go to standard output; give one of them[^\n]+\n$/);
  });
});
