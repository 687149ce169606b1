import { describe, expect, it } from "vitest";
import type { Dependence, NeededRequest } from "../../model/dependence.ts";
import type { Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { dependenceSentence, experimentsSentence, reproductionCommand } from "../../report/dependence.ts";
import { htmlReporter } from "../../report/html.ts";
import { jsonReporter } from "../../report/json.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { reportSchema } from "../../report/schema.ts";
import { textReporter } from "../../report/text.ts";
import { findingWith, noDetails, richReport } from "./fixture.ts";
import { openedPage } from "./readers/opened-page.ts";

function request(method: string, target: string, after: number | null = null): NeededRequest {
  return { exchange: "x", method, target, after: after === null ? null : milliseconds(after) };
}

function depending(changes: Partial<Dependence>): Dependence {
  return {
    ...{ class: "deterministic", shown: 8, runs: 8, control: 0, requests: [request("GET", "/a")], minimal: true, within: null },
    ...{ sends: 40, recording: "reproductions/0123456789ab.ndjson", curl: ["curl http://new/a"] },
    ...changes,
  };
}

const race = depending({
  class: "concurrency",
  shown: 9,
  runs: 10,
  requests: [request("PUT", "/cart/7"), request("POST", "/checkout/7", 2)],
  within: milliseconds(3),
});

const sentence = (dependence: Dependence): string | null => dependenceSentence(findingWith({ dependence }));

describe("what a finding depends on", () => {
  it("is said in one line, whatever it is", () => {
    expect(sentence(depending({}))).toBe("shows every time: GET /a: 8 of 8 runs");
    expect(sentence(depending({ class: "sequence", requests: [request("PUT", "/n"), request("GET", "/n")] }))).toBe(
      "needs 2 requests one after the other: PUT /n, GET /n: 8 of 8 runs",
    );
    expect(sentence(race)).toBe("needs 2 requests that overlap: PUT /cart/7, within 3 ms POST /checkout/7: 9 of 10 runs");
    const read = depending({ ...race, requests: [request("GET", "/cart"), ...race.requests, request("GET", "/cart/7")] });
    expect(sentence(read)).toBe(
      "needs 4 requests, 2 of them overlapping: GET /cart, then PUT /cart/7, within 3 ms POST /checkout/7, then GET /cart/7: 9 of 10 runs",
    );
    expect(sentence(depending({ class: "flaky", shown: 5, runs: 120 }))).toBe("comes and goes under equal circumstances: 5 of 120 sends");
    expect(sentence(depending({ class: "unclassified", shown: 0, runs: 40 }))).toBe("not reproduced: 0 of 40 runs from a fresh state");
    expect(dependenceSentence(findingWith({}))).toBeNull();
  });

  it("says where there may be fewer requests, and cuts a long list short", () => {
    const many = Array.from({ length: 9 }, (_, index) => request("GET", `/${index}`));
    expect(sentence(depending({ class: "sequence", requests: many, minimal: false }))).toBe(
      "needs 9 requests one after the other (perhaps fewer): GET /0, GET /1, GET /2, GET /3, GET /4, GET /5 and 3 more: 8 of 8 runs",
    );
  });

  it("comes with the command that shows it again, one after the other unless it needs overlap", () => {
    const command = (dependence: Dependence): string | null => reproductionCommand(findingWith({ dependence }), richReport, "runs/one/");
    const { candidate, control } = richReport.run.targets;
    const targets = `--candidate ${candidate} --control ${control} --writes`;
    expect(command(race)).toBe(`penumbra replay runs/one/reproductions/0123456789ab.ndjson ${targets} --reset CMD`);
    expect(command(depending({}))).toBe(`penumbra replay runs/one/reproductions/0123456789ab.ndjson ${targets} --order serial --reset CMD`);
    expect(command(depending({ recording: null }))).toBeNull();
  });

  it("is in the text, in Markdown and in a report.json that can be read again", () => {
    const report: Report = { ...richReport, findings: [findingWith({ class: "concurrency", dependence: race })] };
    const details = { samples: [], width: 140, runDirectory: "run" };
    for (const { output } of [textReporter(report, details), markdownReporter(report, details)]) {
      expect(output).toMatch(/needs 2 requests that overlap: PUT \/cart\/7, within 3 ms POST \/checkout\/7: 9 of 10 runs/);
      expect(output).toContain("reproductions/0123456789ab");
    }
    expect(reportSchema.parse(JSON.parse(jsonReporter(report, details).output)).findings[0]?.dependence).toEqual(race);
  });
});

it("is on the page with whole commands: part of one is none", () => {
  const command = `(curl http://new/${"a".repeat(600)} & sleep 0.003; curl http://new/b & wait)`;
  const report: Report = { ...richReport, findings: [findingWith({ class: "concurrency", dependence: { ...race, curl: [command] } })] };
  const { details } = openedPage(htmlReporter(report, noDetails).output);
  expect(Object.values(details).flatMap(({ facts }) => facts)).toContainEqual(["Command", command]);
});

describe("the experiments of a run", () => {
  const withFacts = (changes: Partial<NonNullable<Report["run"]["experiments"]>>): Report => ({
    ...richReport,
    run: {
      ...richReport.run,
      experiments: { asked: 1, findings: 3, sends: 500, limit: 20_000, ended: "done", detail: null, ...changes },
    },
  });

  it("are a blind spot where none were made although there are findings, and where they did not come to their end", () => {
    expect(experimentsSentence(richReport)).toMatch(/^Not tested: .*--reset CMD/);
    const alone: Report = { ...richReport, run: { ...richReport.run, targets: { ...richReport.run.targets, control: null } } };
    expect(experimentsSentence(alone)).toMatch(/\(replay with --reset CMD, which restores both targets, and with a --control\)$/);
    expect(experimentsSentence({ ...richReport, findings: [] })).toBeNull();
    expect(experimentsSentence({ ...richReport, run: { ...richReport.run, replay: null } })).toBeNull();
    expect(experimentsSentence(withFacts({}))).toBeNull();
    const begin = "1 of 3 findings were asked what they depend on";
    expect(experimentsSentence(withFacts({ ended: "limit" }))).toBe(`${begin}: the 20,000 sends of --experiments were not enough`);
    expect(experimentsSentence(withFacts({ ended: "limit", detail: "they waited too long" }))).toBe(`${begin}: they waited too long`);
    expect(experimentsSentence(withFacts({ ended: "interrupted" }))).toBe(`${begin} until the interruption (500 sends)`);
    expect(experimentsSentence(withFacts({ ended: "reset-failed", detail: "--reset failed: exit code 1" }))).toBe(
      `${begin}: --reset failed: exit code 1`,
    );
  });
});
