/** The evidence that noise is not taken for a regression, and that regressions are still seen through it. */

import { describe, expect, it } from "vitest";
import { seededRandom } from "../../model/random.ts";
import { judge, realFindings } from "./fabricate.ts";
import { type NoiseForm, type NoisyField, type Stickiness, simulate, simulateReport } from "./simulate.ts";

const seeds = 100;
/** About 5 s a test on an idle core; the rest is room for a busy machine. */
const patience = 120_000;
const rates = [0.001, 0.01, 0.03, 0.1, 0.3, 0.5];
const forms: readonly NoiseForm[] = ["value", "missing", "length", "type"];

function noisyFields(seed: number, stickiness: Stickiness): NoisyField[] {
  const random = seededRandom(seed);
  return forms.map((form) => ({ name: `${form}Field`, form, stickiness, rate: rates[random.below(rates.length)] ?? 0 }));
}

describe("equal builds, 40 lanes of 12 requests, 3 endpoints with 4 noisy fields each, probed", () => {
  for (const stickiness of ["independent", "lane", "entity"] as const) {
    it(
      `never yield a finding over ${seeds} seeds when noise is ${stickiness === "independent" ? "independent" : `sticky to ${stickiness}`}`,
      () => {
        const found: string[] = [];
        for (let seed = 1; seed <= seeds; seed++) {
          const report = simulateReport({ seed, lanes: 40, requestsPerLane: 12, fields: noisyFields(seed, stickiness), withProbes: true });
          found.push(...report.findings.filter(({ state }) => state === "new").map(({ title }) => `seed ${seed}: ${title}`));
        }
        expect(found).toEqual([]);
      },
      patience,
    );
  }
});

describe("planted regressions", () => {
  const quiet: NoisyField[] = [{ name: "colour", form: "value", stickiness: "independent", rate: 0 }];

  it("are found when a field is always missing", () => {
    const report = simulateReport({
      seed: 3,
      lanes: 40,
      requestsPerLane: 12,
      fields: noisyFields(3, "lane"),
      regression: (answer) => {
        delete answer["name"];
      },
    });
    expect(report.verdict).toBe("fail");
    const [finding, ...others] = realFindings(report).filter(({ state }) => state === "new");
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ path: "/name", kind: "json.missing", state: "new", severity: "high", rate: 1, noiseRate: 0 });
    expect(finding?.signatures.length).toBe(3);
  });

  it("are found when they need a parameter that 2 % of requests carry, with the condition, thanks to probes", () => {
    const simulation = {
      seed: 11,
      lanes: 40,
      requestsPerLane: 12,
      fields: quiet,
      targetOf: (entity: number, random: { next(): number }): string => `/items/${entity}${random.next() < 0.02 ? "?expand=all" : ""}`,
      regression: (answer: Record<string, unknown>, { target }: { target: string }): void => {
        if (target.endsWith("?expand=all")) answer["colour"] = "green";
      },
    };
    expect(simulateReport(simulation).findings[0]).toMatchObject({ state: "unconfirmed" });
    expect(simulateReport(simulation).verdict).toBe("inconclusive");
    const [finding, ...others] = realFindings(simulateReport({ ...simulation, withProbes: true }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ state: "new", class: "deterministic", path: "/colour", kind: "json.value" });
    expect(finding?.condition).toMatch(/^only when query expand is present: (\d+)\/\1, else 0\/\d+$/);
  });

  it("are found in a field that is noisy in 30 % of the answers anyway, in 9 of 10 runs or more", () => {
    const runs = Array.from({ length: 10 }, (_, index) =>
      simulateReport({
        seed: index + 1,
        lanes: 100,
        requestsPerLane: 8,
        fields: [{ name: "colour", form: "value", stickiness: "independent", rate: 0.3 }],
        entities: 50,
        targetOf: (entity) => `/items/${entity}`,
        regression: (answer, { random }) => {
          if (random.next() < 0.3) answer["colour"] = "green";
        },
      }),
    );
    const found = runs.filter(({ findings }) => findings[0]?.state === "new");
    expect(found.length).toBeGreaterThanOrEqual(9);
    for (const { findings } of found) expect(findings[0]?.noiseRate).toBeGreaterThan(0.2);
  });

  it("stay unconfirmed, never passed, when they stick to a single session", () => {
    const report = simulateReport({
      seed: 8,
      lanes: 40,
      requestsPerLane: 12,
      fields: quiet,
      withProbes: true,
      regression: (answer, { lane }) => {
        if (lane === 7) answer["colour"] = "green";
      },
    });
    expect(report.verdict).toBe("inconclusive");
    expect(realFindings(report).every(({ state }) => state === "unconfirmed")).toBe(true);
  });
});

describe("exchanging control and candidate", () => {
  it("exchanges b and c of every signature", () => {
    const entries = simulate({ seed: 21, lanes: 25, requestsPerLane: 6, fields: noisyFields(4, "independent") });
    const swapped = entries.map((entry) => {
      if (entry.kind !== "observation") return entry;
      const { candidate, controls } = entry.observation;
      const [control] = controls;
      return control === undefined || candidate === null
        ? entry
        : { kind: "observation" as const, observation: { ...entry.observation, candidate: control, controls: [candidate] } };
    });
    // What is a finding one way round may absorb its consequences, which stand alone the other way round.
    const counts = (report: ReturnType<typeof judge>, flip: boolean): Map<string, string> =>
      new Map(
        report.findings
          .filter(({ signatures }) => signatures.length === 1)
          .map(({ endpoint, path, kind, evidence: { b, c } }) => [`${endpoint} ${path} ${kind}`, flip ? `${c} ${b}` : `${b} ${c}`]),
      );
    const [direct, flipped] = [counts(judge(entries), false), counts(judge(swapped), true)];
    const both = [...direct.keys()].filter((key) => flipped.has(key));
    expect(both.length).toBeGreaterThan(10);
    expect(both.map((key) => `${key} ${flipped.get(key) ?? ""}`)).toEqual(both.map((key) => `${key} ${direct.get(key) ?? ""}`));
  });
});
