import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { jsonReporter } from "../../report/json.ts";
import { reportJsonSchema, reportSchema } from "../../report/schema.ts";
import { emptyReport, noDetails, passingReport, richReport } from "./fixture.ts";
import { hostileReport } from "./hostile-fixture.ts";

const reports: readonly (readonly [string, Report])[] = [
  ["a failed run", richReport],
  ["a passing run", passingReport],
  ["an empty run", emptyReport],
  ["a hostile run", hostileReport],
];

/** The same value with the keys of every object in reverse order. */
function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, held]) => [key, reversedKeys(held)]),
  );
}

describe("report.json", () => {
  it.each(reports)("gives %s back as it was", (_, report) => {
    expect(JSON.parse(jsonReporter(report, noDetails).output)).toEqual(report);
  });

  it("has the same bytes whatever order its builder used", () => {
    const shuffled = reversedKeys(richReport) as Report;
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(richReport));
    expect(jsonReporter(shuffled, noDetails).output).toBe(jsonReporter(richReport, noDetails).output);
  });

  it("ends in one line feed and holds no character that acts on a terminal", () => {
    const { output } = jsonReporter(hostileReport, noDetails);
    expect(output.endsWith("}\n")).toBe(true);
    expect(output.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe("the schema of report.json", () => {
  it.each(reports)("knows every key of %s", (_, report) => {
    // Zod leaves a label named __proto__ out, as a precaution of its own; JSON Schema has no such rule.
    const findings = report.findings.filter(({ title }) => title !== "__proto__");
    const written: unknown = JSON.parse(jsonReporter({ ...report, findings }, noDetails).output);
    // Unknown keys would be dropped by parsing.
    expect(reportSchema.parse(written)).toEqual(written);
  });

  it("refuses another version, an unknown verdict, and a finding without its evidence", () => {
    expect(reportSchema.safeParse({ ...richReport, schema: "penumbra.report/2" }).success).toBe(false);
    expect(reportSchema.safeParse({ ...richReport, verdict: "maybe" }).success).toBe(false);
    const [first] = richReport.findings;
    expect(reportSchema.safeParse({ ...richReport, findings: [{ ...first, evidence: undefined }] }).success).toBe(false);
  });

  it("is published as it is", async () => {
    await expect(reportJsonSchema()).toMatchFileSnapshot("../../docs/report.schema.json");
  });

  it("is a JSON Schema of 2020-12 that lets later versions add keys", () => {
    const schema = JSON.parse(reportJsonSchema()) as { $schema: string; additionalProperties?: unknown; required: string[] };
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.additionalProperties).toBeUndefined();
    expect(schema.required).toEqual(Object.keys(richReport));
  });
});
