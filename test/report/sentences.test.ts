import { describe, expect, it } from "vitest";
import { comparedSentence, noiseSentence, titleOf, toolOf, verdictSentence } from "../../report/sentences.ts";
import { emptyReport, findingWith, passingReport, richReport } from "./fixture.ts";

describe("a finding's title", () => {
  it("gets its endpoint in front only when it is the only one and not yet named", () => {
    expect(titleOf(findingWith({ title: "list became empty" }))).toBe("GET /posts · list became empty");
    expect(titleOf(findingWith({ title: "GET /posts: list became empty" }))).toBe("GET /posts: list became empty");
    const other = { endpoint: "GET /tags", location: "header", path: "etag", kind: "header.missing" } as const;
    expect(titleOf(findingWith({ title: "header etag gone on 2 endpoints", signatures: [other] }))).toBe("header etag gone on 2 endpoints");
  });
});

describe("the sentences of a run", () => {
  it("never call an inconclusive run a pass", () => {
    expect(verdictSentence(emptyReport)).toMatch(/^not a pass/);
    expect(verdictSentence(passingReport)).toBe("no difference that is not noise");
    expect(verdictSentence({ ...richReport, verdict: "pass" })).toBe("nothing at or over the gate; 3 findings under it");
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
