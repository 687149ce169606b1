import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { seededRandom } from "../../model/random.ts";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

const item = (id: number, changes: Record<string, unknown> = {}): Outcome => answered({ id, title: `title ${id}`, ...changes });
const oldBuild = (id: number): Outcome => item(id, { price: String(10 + id) });
const newBuild = (id: number): Outcome => item(id, { price: 10 + id });

interface Fleet {
  readonly primary: (id: number, instance: string) => Outcome;
  readonly candidate?: (id: number, instance: string) => Outcome;
  readonly control?: (id: number) => Outcome;
  readonly lanes?: number;
}

/** Eight instances in two zones answer in turn; sessions wander between them. */
function fleet({ primary, candidate = newBuild, control = newBuild, lanes = 40 }: Fleet): Case[] {
  return Array.from({ length: 400 }, (_, index): Case => {
    const id = 1 + ((index * 7) % 10);
    const instance = "abcdefgh".charAt(seededRandom(index).below(8));
    return {
      id: `x${index}`,
      lane: `lane ${index % lanes}`,
      target: `/items/${id}`,
      labels: { instance, zone: instance < "e" ? "north" : "south" },
      primary: primary(id, instance),
      candidate: candidate(id, instance),
      control: control(id),
    };
  });
}

describe("heterogeneity", () => {
  for (const lanes of [40, 4]) {
    it(`names the one server of eight that missed the deploy, with ${lanes} lanes`, () => {
      const report = judgeCases(fleet({ primary: (id, instance) => (instance === "c" ? oldBuild(id) : newBuild(id)), lanes }));
      const [finding, ...others] = realFindings(report);
      expect(others).toEqual([]);
      expect(finding).toMatchObject({
        class: "heterogeneity",
        state: "new",
        severity: "low",
        labels: { instance: "c" },
        path: "/price",
        kind: "json.type",
        condition: null,
      });
      expect(finding?.count).toBe(fleet({ primary: newBuild }).filter(({ labels }) => labels?.["instance"] === "c").length);
      expect(report.verdict).toBe("pass");
      expect(report.reasons).toContainEqual({
        code: "production-differs",
        text: "production answers differently from control and candidate at instance=c",
      });
    });
  }

  it("says it of a whole zone", () => {
    const report = judgeCases(fleet({ primary: (id, instance) => (instance >= "e" ? oldBuild(id) : newBuild(id)) }));
    expect(realFindings(report)).toMatchObject([{ class: "heterogeneity", labels: { zone: "south" } }]);
  });

  it("is not what the control alone shows, nor what every instance shows now and then", () => {
    const control = (id: number): Outcome => item(id, { price: 0 });
    const alone = fleet({ primary: newBuild }).map((one) => (one.labels?.["instance"] === "c" ? { ...one, control: control(1) } : one));
    expect(judgeCases(alone).findings.map((finding) => finding.class)).not.toContain("heterogeneity");
    const random = seededRandom(5);
    const noisy = fleet({ primary: (id) => (random.next() < 0.15 ? oldBuild(id) : newBuild(id)) });
    expect(judgeCases(noisy).findings.map((finding) => finding.class)).not.toContain("heterogeneity");
  });

  it("never is one session's noise, whatever instance it stuck to", () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const strange = Array.from({ length: 40 }, () => random.next() < 0.2);
      const instances = Array.from({ length: 40 }, () => "abcdefgh".charAt(random.below(8)));
      const cases = fleet({ primary: newBuild }).map((one, index): Case => {
        const lane = index % 40;
        const labels = { instance: instances[lane] ?? "" };
        return { ...one, labels, ...(strange[lane] === true ? { primary: item(1, { price: "1" }) } : {}) };
      });
      found.push(
        ...judgeCases(cases)
          .findings.filter((finding) => finding.class === "heterogeneity")
          .map(({ title }) => `${seed}: ${title}`),
      );
    }
    expect(found).toEqual([]);
  });

  it("keeps a fault of the candidate apart from that of an instance, though both changed the same field", () => {
    const report = judgeCases(
      fleet({
        primary: (id, instance) => (instance === "c" ? oldBuild(id) : newBuild(id)),
        candidate: (id) => item(id, { price: 10 + id, title: null }),
      }),
    );
    expect(realFindings(report).map((finding) => [finding.path, finding.class, finding.severity, finding.labels])).toEqual([
      ["/title", "unclassified", "high", null],
      ["/price", "heterogeneity", "low", { instance: "c" }],
    ]);
    expect(report.verdict).toBe("fail");
  });

  it("has a name of its own, so that accepting it accepts nothing of the candidate", () => {
    const [ofProduction] = realFindings(judgeCases(fleet({ primary: (id, instance) => (instance === "c" ? oldBuild(id) : newBuild(id)) })));
    const [ofCandidate] = realFindings(judgeCases(fleet({ primary: oldBuild, control: oldBuild })));
    expect([ofCandidate?.path, ofCandidate?.kind, ofCandidate?.transition]).toEqual([
      ofProduction?.path,
      ofProduction?.kind,
      ofProduction?.transition,
    ]);
    expect(ofCandidate?.id).not.toBe(ofProduction?.id);
  });
});

describe("labels", () => {
  it("tell beside which production a fault of the candidate shows", () => {
    const report = judgeCases(
      fleet({ primary: newBuild, candidate: (id, instance) => (instance < "e" ? newBuild(id) : item(id, { price: null })) }),
    );
    expect(realFindings(report)).toMatchObject([{ class: "unclassified", severity: "high", labels: { zone: "south" } }]);
  });

  it("make an instance's difference of what shows only there, when there is no control to tell", () => {
    const cases = fleet({ primary: (id, instance) => (instance === "c" ? oldBuild(id) : newBuild(id)) });
    const report = judgeCases(
      cases.map((one) => ({ ...one, control: null })),
      { hasControl: false },
    );
    expect(realFindings(report)).toMatchObject([{ class: "heterogeneity", severity: "high", labels: { instance: "c" } }]);
  });

  it("are all named that go together", () => {
    const cases = fleet({ primary: (id, instance) => (instance === "c" ? oldBuild(id) : newBuild(id)) }).map((one) => ({
      ...one,
      labels: { ...one.labels, build: one.labels?.["instance"] === "c" ? "1.2" : "1.3" },
    }));
    expect(realFindings(judgeCases(cases))).toMatchObject([{ labels: { build: "1.2", instance: "c" } }]);
  });
});
