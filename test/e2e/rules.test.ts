/** Rules by the real command line: the example of docs/rules.md does what it says, and a wrong one is refused before anything is written. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { until } from "../support/processes.ts";
import { itemsRecording, writeRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const documentation = readFileSync(join(import.meta.dirname, "..", "..", "docs", "rules.md"), "utf8");
const example = /```yaml\n([^]*?)```/.exec(documentation)?.[1] ?? "";

interface Order {
  readonly price: number;
  readonly tags: readonly string[];
  readonly items: readonly { readonly sku: string; readonly price: number }[];
  readonly requestId: string;
  readonly debug: unknown;
}

const start = 1_763_798_400_000;

describe("rules", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-rules-"));
  const config = join(scratch, "penumbra.yaml");
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  function recorded(name: string, server: string, orderOf: (index: number) => Order): string {
    const exchanges = Array.from({ length: 30 }, (_, index) => ({
      ...{ id: `e${index}`, at: start + index * 5, lane: `lane-${index}`, target: `/orders/${index + 1}` },
      headers: [
        ["Content-Type", "application/json"],
        ["X-Served-By", server],
      ] as const,
      body: JSON.stringify(orderOf(index)),
    }));
    return writeRecording(join(scratch, `${name}.ndjson`), exchanges);
  }

  const requestId = (build: number, index: number): string => `00000000-0000-4000-8000-${build}${String(index).padStart(11, "0")}`;
  const oldOrder = (index: number): Order => ({
    ...{ price: 10.1 + index, tags: ["a", "b"], requestId: requestId(1, index), debug: { build: 1 } },
    items: [
      { sku: "x", price: 1.1 },
      { sku: "y", price: 2 },
    ],
  });
  const newOrder = (index: number): Order => ({
    ...{ price: 10.11 + index, tags: ["b", "a"], requestId: requestId(2, index), debug: { build: 2, more: [1] } },
    items: [
      { sku: "x", price: 1.11 },
      { sku: "y", price: 2 },
    ],
  });
  const old = recorded("old", "web-1", oldOrder);
  const oldAgain = recorded("old-again", "web-1", oldOrder);
  const changed = recorded("new", "web-22", newOrder);
  const broken = recorded("broken", "a laptop", (index) => ({ ...newOrder(index), price: 10.2 + index }));

  async function compared(
    candidate: string,
    run: string,
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly report: Report }> {
    const out = join(scratch, run);
    const args = ["compare", old, candidate, "--control", oldAgain, "--out", out, "--config", config];
    const { code, stdout } = await runPenumbra(args);
    return { code, stdout, report: JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report };
  }

  beforeAll(() => writeFileSync(config, example));

  it("of the documentation hide what they are for, each of them, and say so", async () => {
    const { code, stdout, report } = await compared(changed, "documented");
    expect(report.findings).toEqual([]);
    expect([code, report.verdict]).toEqual([0, "pass"]);
    expect(report.rules?.map(({ text, hidden, idle }) => [text, hidden > 0, idle])).toEqual([
      ["ignore body $.debug", true, null],
      ["tolerance 0.01 of body $..price at GET /orders/{id}", true, null],
      ["unordered body $.tags", true, null],
      ["key sku of body $.items", false, null],
      ["format /web-[0-9]+/ of header x-served-by", true, null],
      ["format uuid of body $.requestId", false, null],
    ]);
    expect(stdout).toContain("ignore body $.debug: hid 60 differences in 30 exchanges (for developers, changes with every");
  });

  it("leave what is beyond them", async () => {
    const { code, report } = await compared(broken, "beyond");
    expect(code).toBe(1);
    const places = report.findings.flatMap(({ signatures }) => signatures.map(({ path, kind }) => `${path} ${kind}`));
    expect(places.sort()).toEqual(["/price json.value", "x-served-by header.format"]);
  });

  it("can be tried on a run that is there, with the same result each time", async () => {
    writeFileSync(join(scratch, "none.yaml"), "fail-on: medium\n");
    const run = join(scratch, "tried");
    const without = await runPenumbra([
      "compare",
      old,
      changed,
      "--control",
      oldAgain,
      "--out",
      run,
      "--config",
      join(scratch, "none.yaml"),
    ]);
    expect(without.code).toBe(1);
    const report = (): string => readFileSync(join(run, "report.json"), "utf8");
    expect((await runPenumbra(["diff", run, "--config", config])).code).toBe(0);
    const first = report();
    expect((await runPenumbra(["diff", run, "--config", config])).code).toBe(0);
    expect(report()).toBe(first);
  });

  it.each(["compare", "replay", "diff", "report", "proxy"])(
    "that are wrong are refused by %s in one line, before anything is written",
    async (command) => {
      const wrong = join(scratch, "wrong.yaml");
      writeFileSync(wrong, "rules:\n  - { at: body $.a, ignore: true, reason: x }\n  - { at: 'body $.a[-1]', unordered: true }\n");
      const out = join(scratch, "refused");
      const args: Readonly<Record<string, readonly string[]>> = {
        compare: [old, changed, "--out", out],
        replay: [old, "--candidate", "http://127.0.0.1:9", "--out", out],
        diff: [out],
        report: [out],
        proxy: ["--primary", "http://127.0.0.1:9", "--run", out],
      };
      const ended = await runPenumbra([command, ...(args[command] ?? []), "--config", wrong]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/^penumbra: rule 2 in \S+wrong\.yaml is wrong: [^\n]+; count elements from the start: \[0\]\n$/);
      expect(existsSync(out)).toBe(false);
    },
  );
});

describe("what rules hide is not asked again", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-rules-live-"));
  const config = join(scratch, "penumbra.yaml");
  const recording = itemsRecording(join(scratch, "items.ndjson"), 10);
  let services: readonly Service[] = [];
  let old: Service;
  let control: Service;
  let changed: Service;

  beforeEach(async () => {
    services = await Promise.all((["old", "old", "new"] as const).map((build) => startService(itemsHandler(build))));
    [old, control, changed] = services as readonly [Service, Service, Service];
    writeFileSync(config, "rules:\n  - { endpoint: 'GET /items/{id}', at: body $.price, ignore: true, reason: a test }\n");
  });
  afterEach(() => Promise.all(services.map((service) => service.close())));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const shared = (): readonly string[] => ["--key-file", join(scratch, "key"), "--candidate", changed.url, "--control", control.url];

  it.each([
    ["without rules it is", [], 1],
    ["with rules it is not", ["--config", config], 0],
  ])("by a replay: %s", async (name, rules, code) => {
    const args = [
      "replay",
      recording,
      "--candidate",
      changed.url,
      "--max-lateness",
      "5s",
      "--out",
      join(scratch, `replay ${name}`),
      ...rules,
    ];
    const ended = await runPenumbra([...args, ...shared()]);
    expect(ended.code).toBe(code);
    const asked = changed.seen.filter((line) => line.startsWith("GET /items/")).length;
    expect(asked > 10).toBe(rules.length === 0);
  });

  it.each([
    ["without rules it is", []],
    ["with rules it is not", ["--config", config]],
  ])("by a sidecar: %s", async (name, rules) => {
    const args = ["--listen", "127.0.0.1:0", "--primary", old.url, "--run", join(scratch, `live ${name}`), "--sample", "100%"];
    const sidecar = await startSidecarProcess([...args, ...shared(), ...rules]);
    for (let id = 1; id <= 10; id++) await (await fetch(`${sidecar.url}/items/${id}`)).text();
    // Copies leave after the users' answers, and probes after the copies.
    if (rules.length === 0) await until(() => changed.seen.length > 10);
    else await until(() => changed.seen.length === 10);
    expect((await sidecar.stop()).code).toBe(0);
    const report = JSON.parse(readFileSync(join(scratch, `live ${name}`, "report.json"), "utf8")) as Report;
    expect(report.totals.compared).toBe(10);
    expect(report.rules?.map(({ hidden }) => hidden)).toEqual(rules.length === 0 ? undefined : [10]);
    expect(changed.seen.length > 10).toBe(rules.length === 0);
  });
});
