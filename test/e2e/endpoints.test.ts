/** Given endpoints by the real command line: requests, rules and blind spots are named by the document, and a wrong document is
 * refused before anything is sent or written. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { until } from "../support/processes.ts";
import { type PlainExchange, writeRecording } from "../support/recordings.ts";
import { itemsHandler, startService } from "../support/service.ts";

const start = 1_763_798_400_000;

/** Slugs, which nothing but a document tells from routes while there are so few of them. */
const slugs = ["tea", "coffee"];

describe("--endpoints", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-endpoints-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };

  function recorded(name: string, priceOf: (slug: string) => unknown): string {
    const exchanges = slugs.flatMap((slug, index) =>
      Array.from({ length: 20 }, (_, number): PlainExchange => {
        const id = `${slug}-${number}`;
        const body = JSON.stringify({ slug, price: priceOf(slug) });
        return { id, at: start + number * 10 + index, lane: id, target: `/v1/drinks/${slug}?n=${number}`, body };
      }),
    );
    const other = { id: "other", at: start + 900, lane: "other", target: "/v1/other/7", body: "{}" };
    return writeRecording(join(scratch, `${name}.ndjson`), [...exchanges, other]);
  }

  const document = file(
    "openapi.yaml",
    `
openapi: 3.0.3
info: { title: drinks, version: "1" }
servers: [{ url: "https://drinks.example/v1" }]
paths:
  /drinks: { get: {}, post: {} }
  /drinks/{slug}: { get: {}, delete: {} }
`,
  );
  const routes = file("routes.txt", "GET /v1/drinks/:slug # one\n");
  const old = recorded("old", (slug) => slug.length);
  const changed = recorded("new", (slug) => String(slug.length));

  async function compared(
    run: string,
    ...options: readonly string[]
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly report: Report }> {
    const out = join(scratch, run);
    const { code, stdout } = await runPenumbra(["compare", old, changed, "--control", old, "--out", out, ...options]);
    return { code, stdout, report: JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report };
  }

  it("names requests, findings and what was never asked by an OpenAPI document, and infers the rest", async () => {
    const { code, stdout, report } = await compared("openapi", "--endpoints", document);
    expect(code).toBe(1);
    expect(report.endpoints.map(({ endpoint, compared: count }) => [endpoint, count])).toEqual([
      ["GET /v1/drinks/{slug}", 40],
      ["GET /v1/other/{id}", 1],
    ]);
    expect(report.findings.map(({ endpoint, count }) => [endpoint, count])).toEqual([["GET /v1/drinks/{slug}", 40]]);
    expect(report.givenEndpoints).toEqual({ given: 4, met: 1, unmet: ["DELETE /v1/drinks/{slug}", "GET /v1/drinks", "POST /v1/drinks"] });
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "3 of the 4 given endpoints were met by no request: DELETE /v1/drinks/{slug}, GET /v1/drinks, POST /v1/drinks",
    );
  });

  it("takes a routes list, from the environment or the configuration file too, for a run that is there", async () => {
    const before = await compared("tried");
    expect(before.report.endpoints.map(({ endpoint }) => endpoint)).toContain("GET /v1/drinks/tea");
    expect(before.report.givenEndpoints).toBeUndefined();
    const config = file(
      "penumbra.yaml",
      `endpoints: ${routes}\nrules:\n  - { endpoint: "GET /v1/drinks/{slug}", at: body $.price, ignore: true, reason: a test }\n`,
    );
    const run = join(scratch, "tried");
    await runPenumbra(["diff", run, "--config", config]);
    const first = readFileSync(join(run, "report.json"), "utf8");
    const report = JSON.parse(first) as Report;
    expect(report.endpoints.map(({ endpoint }) => endpoint)).toEqual(["GET /v1/drinks/{slug}", "GET /v1/other/{id}"]);
    expect(report.givenEndpoints).toEqual({ given: 1, met: 1, unmet: [] });
    expect(report.rules?.map(({ idle }) => idle)).toEqual([null]);
    await runPenumbra(["diff", run, "--config", config]);
    expect(readFileSync(join(run, "report.json"), "utf8")).toBe(first);
  });

  it.each(["compare", "replay", "diff", "report", "proxy"])(
    "refuses a wrong file in one line, before anything is done: %s",
    async (command) => {
      const wrong = file("wrong.txt", "GET /a\nGET b\n");
      const out = join(scratch, "refused");
      const args: Readonly<Record<string, readonly string[]>> = {
        compare: [old, changed, "--out", out],
        replay: [old, "--candidate", "http://127.0.0.1:9", "--out", out],
        diff: [out],
        report: [out],
        proxy: ["--primary", "http://127.0.0.1:9", "--run", out],
      };
      const ended = await runPenumbra([command, ...(args[command] ?? []), "--endpoints", wrong]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/^penumbra: the endpoints in \S+wrong\.txt cannot be used: line 2, "GET b", is no route; [^\n]+\n$/);
      expect(existsSync(out)).toBe(false);
    },
  );

  it("refuses a sidecar more endpoints than its observer can be handed, and leaves nothing behind", async () => {
    const random = seededRandom(1);
    const letters = (): string => Array.from({ length: 30 }, () => String.fromCharCode(0x61 + random.below(26))).join("");
    const list = file("random.txt", Array.from({ length: 15_000 }, () => `GET /${letters()}`).join("\n"));
    const run = join(scratch, "too many");
    const args = [
      "--primary",
      "http://127.0.0.1:9",
      "--candidate",
      "http://127.0.0.1:8",
      "--run",
      run,
      "--key-file",
      join(scratch, "unused"),
    ];
    const ended = await runPenumbra(["proxy", "--listen", "127.0.0.1:0", ...args, "--endpoints", list]);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/^penumbra: --endpoints, or the rules and the redaction of [^\n]+\n$/),
    ]);
    expect([existsSync(run), existsSync(join(scratch, "unused"))]).toEqual([false, false]);
  });

  it("reaches the sidecar's observer, however long the document: what a rule hides by a given name is not asked again", async () => {
    const services = await Promise.all((["old", "old", "new"] as const).map((build) => startService(itemsHandler(build))));
    const [primary, control, candidate] = services;
    if (primary === undefined || control === undefined || candidate === undefined) throw new Error("no service");
    try {
      const many = Array.from({ length: 4_000 }, (_, index) => `GET /unused/number-${index}/{id}`);
      const list = file("many.txt", ["GET /{kind}/{number}", ...many].join("\n"));
      const config = file(
        "live.yaml",
        // A regular expression takes the name as it is; {kind} in a plain name stands for any segment while the run goes on.
        "rules:\n  - { endpoint: '/GET .\\{kind\\}.*/', at: body $.price, ignore: true, reason: a test }\n",
      );
      const run = join(scratch, "live");
      const sidecar = await startSidecarProcess([
        ...["--listen", "127.0.0.1:0", "--primary", primary.url, "--run", run, "--sample", "100%", "--key-file", join(scratch, "key")],
        ...["--candidate", candidate.url, "--control", control.url, "--endpoints", list, "--config", config],
      ]);
      for (let id = 1; id <= 10; id++) await (await fetch(`${sidecar.url}/items/${id}`)).text();
      await until(() => candidate.seen.length >= 10);
      expect((await sidecar.stop()).code).toBe(0);
      const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
      expect(report.endpoints.map(({ endpoint, compared: count }) => [endpoint, count])).toEqual([["GET /{kind}/{number}", 10]]);
      expect(report.givenEndpoints).toMatchObject({ given: 4_001, met: 1 });
      expect(report.givenEndpoints?.unmet).toHaveLength(100);
      expect(candidate.seen.length).toBe(10);
    } finally {
      await Promise.all(services.map((service) => service.close()));
    }
  });
});
