/** Dashboard, alerts and documentation ask for what a running sidecar exposes. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type RunningSidecar, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { type Service, startService } from "../support/service.ts";
import { type Selector, selectorsOf } from "./promql.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-metrics-"));
const services: Service[] = [];
let sidecar: RunningSidecar | null = null;
let scraped = "";

const requests = 20;

beforeAll(async () => {
  const answering = (price: number): Promise<Service> =>
    startService((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ price })));
  services.push(...(await Promise.all([answering(1), answering(2), answering(1)])));
  const [primary = "", candidate = "", control = ""] = services.map(({ url }) => url);
  sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", primary, "--candidate", candidate, "--control", control],
    ...["--sample", "100%", "--record", join(scratch, "recording"), "--run", join(scratch, "run"), "--key-file", join(scratch, "key")],
  ]);
  for (let i = 0; i < requests; i++)
    await (await fetch(`${sidecar.url}/orders/${i}`, { headers: { authorization: `Bearer user-${i}` } })).text();
  // The observer tells its numbers every two seconds; a test that waits for ever is ended by its runner.
  while (!scraped.includes(`penumbra_compared_total{endpoint="GET /orders/{id}"} ${requests}`)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    scraped = await (await fetch(`${sidecar.adminUrl}/metrics`)).text();
  }
}, 60_000);

afterAll(async () => {
  await sidecar?.stop();
  await Promise.all(services.map((service) => service.close()));
  rmSync(scratch, { recursive: true, force: true });
});

interface Family {
  readonly type: string;
  readonly help: string;
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The text format, by metric. */
function families(): Map<string, Family> {
  const found = new Map<string, { type: string; help: string; labels: Map<string, Set<string>> }>();
  for (const line of scraped.split("\n")) {
    const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (name !== "") found.set(name, { type: "", help, labels: new Map() });
    const [, typed = "", type = ""] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? [];
    const family = found.get(typed);
    if (family !== undefined) family.type = type;
    const [, series = "", labels = ""] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    const owner = found.get(series) ?? found.get(series.replace(/_(bucket|sum|count)$/, ""));
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      owner?.labels.set(label, (owner.labels.get(label) ?? new Set()).add(value));
  }
  return found;
}

/** Prometheus adds these. */
const targetLabels: readonly string[] = ["job", "instance"];
/** Only known once there is such a failure. */
const openLabels: readonly string[] = ["code"];

/** What is wrong with a selector: a metric, a label or a value that the sidecar does not have. */
function problems({ metric, matchers }: Selector): string[] {
  const known = families();
  const base = metric.replace(/_(bucket|sum|count)$/, "");
  const family = known.get(metric) ?? (known.get(base)?.type === "histogram" ? known.get(base) : undefined);
  if (family === undefined) return [`${metric} is not exposed`];
  return matchers
    .filter(({ label }) => !targetLabels.includes(label))
    .flatMap(({ label, operator, value }) => {
      const values = family.labels.get(label);
      if (values === undefined) return openLabels.includes(label) ? [] : [`${metric} has no label ${label}`];
      const asked = operator.includes("~") ? value.split("|") : [value];
      return asked.filter((each) => !values.has(each)).map((each) => `${metric} never has ${label}="${each}"`);
    });
}

const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Penumbra[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["critical", "warning", "info"]) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.number().int(),
  panels: z.array(
    z.object({
      id: z.number().int(),
      type: z.enum(["row", "stat", "timeseries", "table"]),
      title: z.string().min(1),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number().max(24), h: z.number() }),
      targets: z.array(z.object({ expr: z.string(), refId: z.string() })).optional(),
    }),
  ),
});

const alerts = ruleFile.parse(parse(readFileSync("deploy/prometheus/penumbra.rules.yml", "utf8"))).groups.flatMap(({ rules }) => rules);
const { panels } = dashboard.parse(JSON.parse(readFileSync("deploy/grafana/penumbra-dashboard.json", "utf8")));

describe("the metrics of a running sidecar", () => {
  it("say what was compared, where it differs and how long the targets took", () => {
    expect(scraped).toContain(`penumbra_different_total{endpoint="GET /orders/{id}"} ${requests}`);
    for (const target of ["candidate", "control"]) {
      expect(scraped).toContain(`penumbra_mirror_duration_seconds_count{endpoint="GET /orders/{id}",target="${target}"} ${requests}`);
      expect(scraped).toContain(
        `penumbra_mirror_duration_seconds_bucket{endpoint="GET /orders/{id}",target="${target}",le="+Inf"} ${requests}`,
      );
    }
    expect(scraped).toMatch(/penumbra_disk_free_bytes\{place="recording"\} [1-9]/);
    expect(scraped).toMatch(/penumbra_disk_free_bytes\{place="run"\} [1-9]/);
    expect(scraped).toMatch(/penumbra_alarms_total\{severity="medium"\} 1\n/);
  });

  it("use base units and say what each is", () => {
    for (const [name, { type, help }] of families()) {
      expect(name).toMatch(type === "counter" ? /^penumbra_\w+_total$/ : /^penumbra_\w+$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/);
      expect(help.length, name).toBeGreaterThan(10);
    }
  });

  it("are all in the table of docs/operations.md, and nothing else is", () => {
    const rows = [...readFileSync("docs/operations.md", "utf8").matchAll(/^\| `(penumbra_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$/gm)];
    const documented = rows.map(([, name = "", type = "", labels = "", help = ""]) => [name, type, labels.trim(), help.trim()]);
    const exposed = [...families()].map(([name, { type, help, labels }]) => {
      const own = name.includes("_failures_") ? ["code"] : [...labels.keys()].filter((label) => label !== "le");
      return [name, type, own.map((label) => `\`${label}\``).join(", "), help];
    });
    expect(documented).toEqual(exposed);
  });
});

describe("the alert rules", () => {
  it("ask for what is exposed", () => {
    expect(alerts.flatMap(({ expr }) => selectorsOf(expr)).flatMap(problems)).toEqual([]);
  });

  it("are each explained in docs/operations.md", () => {
    const text = readFileSync("docs/operations.md", "utf8");
    expect(alerts.map(({ alert }) => alert).filter((alert) => !text.includes(`\`${alert}\``))).toEqual([]);
  });
});

describe("the Grafana dashboard", () => {
  it("asks for what is exposed", () => {
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(15);
    expect(expressions.flatMap(selectorsOf).flatMap(problems)).toEqual([]);
  });

  it("has panels that do not overlap, each with an id of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
