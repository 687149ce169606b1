import { describe, expect, it } from "vitest";
import type { Finding, FindingState, Report } from "../../model/report.ts";
import {
  comparedSentence,
  evidenceSentence,
  noiseSentence,
  titleOf,
  toolOf,
  verdictSentence,
  waysSentence,
} from "../../report/sentences.ts";
import { emptyReport, findingWith, passingReport, richReport } from "./fixture.ts";

describe("a finding's title", () => {
  it("gets its endpoint in front where it does not name it yet", () => {
    expect(titleOf(findingWith({ title: "list became empty" }))).toBe("GET /posts · list became empty");
    expect(titleOf(findingWith({ title: "GET /posts: list became empty" }))).toBe("GET /posts: list became empty");
  });

  it("says how many other endpoints show the same, not those with consequences only", () => {
    const at = (endpoint: string, kind: "header.missing" | "json.missing" = "header.missing") =>
      ({ endpoint, location: kind === "header.missing" ? "header" : "body", path: "etag", kind }) as const;
    const shared = { title: "GET /posts: header etag gone", location: "header", kind: "header.missing" } as const;
    expect(
      titleOf(findingWith({ ...shared, signatures: [at("GET /posts"), at("GET /tags"), at("GET /me"), at("GET /x", "json.missing")] })),
    ).toBe("GET /posts: header etag gone (and 2 other endpoints)");
    expect(titleOf(findingWith({ ...shared, signatures: [at("GET /posts"), at("GET /x", "json.missing")] }))).toBe(
      "GET /posts: header etag gone",
    );
  });
});

describe("the ways in which a finding shows", () => {
  const signature = (location: "status" | "body", path: string, ...transitions: readonly (readonly [string, number])[]) => ({
    ...({ endpoint: "GET /a", location, path, kind: location === "status" ? "status.class" : "json.type" } as const),
    transitions: transitions.map(([transition, rate]) => ({ transition, fingerprint: "0123456789ab", rate })),
  });
  const main = { endpoint: "GET /a", location: "status", path: "", transition: "200→500" } as const;

  it("are all named with their shares, the title's own first, since its count is of all of them", () => {
    const parts = [signature("body", "/id", ["present→absent", 0.7], ["number→object", 0.05]), signature("status", "", ["200→500", 0.4])];
    expect(waysSentence(findingWith({ ...main, signatures: parts }))).toBe(
      "shows as status 200→500 (40 %), body /id present→absent (70 %), body /id number→object (5 %)",
    );
  });

  it("are not repeated where there is but one, and counted where there are many", () => {
    expect(waysSentence(findingWith({ ...main, signatures: [signature("status", "", ["200→500", 0.4])] }))).toBeNull();
    expect(waysSentence(findingWith({ ...main, signatures: [{ ...main, kind: "status.class" }] }))).toBeNull();
    const many = Array.from({ length: 9 }, (_, index) => signature("body", `/${index}`, ["null", 0.1]));
    expect(waysSentence(findingWith({ ...main, signatures: many }))).toMatch(/ and 3 other ways$/);
  });
});

describe("the evidence of a finding, in words", () => {
  it.each([
    [null, "without a control nobody knows how often equal builds show as much"],
    [1, "by itself that says nothing"],
    [1.99, "by itself that says nothing"],
    [31.9, "equal builds would show as much in at most 1 of 31 runs"],
    [9999.9, "equal builds would show as much in at most 1 of 9,999 runs"],
    [212_345, "equal builds would show as much in at most 1 of 2.1e5 runs"],
    [1e300, "equal builds would show as much in at most 1 of over 1e300 runs"],
  ])("is for E = %s", (e, sentence) => {
    expect(evidenceSentence(findingWith({ evidence: { b: 1, c: 0, e, probes: 0 } }))).toBe(sentence);
  });

  it("names what probes showed where the figure alone says nothing", () => {
    const of = (parts: Partial<Finding>): string => evidenceSentence(findingWith({ evidence: { b: 9, c: 0, e: 1, probes: 3 }, ...parts }));
    expect(of({ class: "deterministic" })).toBe("by itself that says nothing, but sent again the same request shows it every time");
    expect(of({ class: "flaky" })).toBe("by itself that says nothing");
  });
});

describe("the sentences of a run", () => {
  it("never call an inconclusive run a pass", () => {
    expect(verdictSentence(emptyReport)).toMatch(/^not a pass/);
    expect(verdictSentence(passingReport)).toBe("no difference that is not noise");
    expect(verdictSentence({ ...richReport, verdict: "pass" })).toBe("nothing at or over the gate; 3 findings and 1 unconfirmed under it");
    const settled = (...states: readonly FindingState[]): Report => ({
      ...passingReport,
      findings: states.map((state) => findingWith({ state })),
    });
    expect(verdictSentence(settled("accepted", "known", "fixed", "noise"))).toBe(
      "no difference but noise and 2 accepted or known findings",
    );
    expect(verdictSentence(settled("fixed", "noise"))).toBe("no difference that is not noise");
    expect(verdictSentence(settled("unconfirmed"))).toBe("nothing at or over the gate; 1 unconfirmed under it");
  });

  it("speak of noise only where there is some", () => {
    expect(noiseSentence([])).toBeNull();
    expect(noiseSentence([findingWith({ state: "noise", noiseRate: 0, path: "/at" })])).toBe(
      "1 signature told apart as noise, e.g. GET /posts body /at",
    );
    expect(comparedSentence(emptyReport)).toBe("0 compared = 0 same + 0 different");
  });

  it("name the tool whether the run holds its name or only its version", () => {
    const run = (tool: string) => ({ ...richReport, run: { ...richReport.run, tool } });
    expect([toolOf(run("0.1.0")), toolOf(run("penumbra 0.1.0"))]).toEqual(["penumbra 0.1.0", "penumbra 0.1.0"]);
  });
});
