import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { textReporter } from "../../report/text.ts";
import { displayWidth } from "../../report/text-layout.ts";
import { emptyReport, findingWith, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";

describe("the text report", () => {
  it.each([40, 80, 100, 140])("keeps every line within %i columns", (width) => {
    for (const report of [richReport, passingReport, emptyReport, hostileReport]) {
      const lines = textReporter(report, { ...noDetails, width }).output.split("\n");
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    }
  });

  it("has the same words with and without colours", () => {
    const colored = textReporter(richReport, { ...richDetails, color: true }).output;
    expect(colored).toContain("\u001b[");
    expect(stripVTControlCharacters(colored)).toBe(textReporter(richReport, richDetails).output);
  });

  it("emits no control or direction character of the traffic, and only our own colours", () => {
    const plain = textReporter(hostileReport, { ...hostileDetails, color: false }).output;
    expect(plain.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    const colored = textReporter(hostileReport, hostileDetails).output;
    expect(colored.replace(/\u001b\[\d+m/g, "").replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("makes an inconclusive run look unlike a pass without any colour", () => {
    const [frame = "", banner = ""] = textReporter(emptyReport, noDetails).output.split("\n");
    const [passFrame = "", passBanner = ""] = textReporter(passingReport, noDetails).output.split("\n");
    expect(banner).toContain("? INCONCLUSIVE  not a pass");
    expect(passBanner).toContain("✓ PASS");
    expect(frame).not.toBe(passFrame);
  });

  it("names the worst finding before any other", () => {
    const { output } = textReporter({ ...richReport, findings: richReport.findings.toReversed() }, noDetails);
    expect(output.indexOf("list became empty")).toBeLessThan(output.indexOf("no answer where there was one"));
    expect(output.indexOf("no answer where there was one")).toBeLessThan(output.indexOf("a number became text"));
  });

  it("says how many findings it leaves out", () => {
    const findings = Array.from({ length: 55 }, (_, index) =>
      findingWith({ id: index.toString(16).padStart(12, "0"), title: `GET /posts · field ${index}` }),
    );
    const report: Report = { ...richReport, findings };
    expect(textReporter(report, noDetails).output).toContain("15 more findings left out here");
  });
});
