/** Real programs in two versions: every true change is found and nothing else, live and in replay. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { falseFindings, isAtNoise, type Judged, missedTruths, Pair, realFindings, runLive, runReplay } from "./harness.ts";

const pairLimitMs = 90_000;

const changed = ["json-server-0-to-1", "fastify-3-to-4", "fastify-4-to-5", "marked-4-to-12", "qs-6.13-to-6.14"];
const unchanged = ["serve-13-to-14", "json-server-1-aa"];

/** After decoding of entities the addresses of both versions are equal: a comparison of what is shown is right to stay silent. */
const rightlySilent = ["mail-not-mangled"];

describe.each([...changed, ...unchanged])("the pair %s", (id) => {
  const pair = new Pair(id);
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-zoo-run-"));
  let live: Judged;
  let replay: Judged;

  beforeAll(async () => {
    live = await runLive(pair, scratch, { candidate: "new" });
    replay = await runReplay(pair, scratch, { candidate: "new" });
  }, pairLimitMs);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("is compared completely, live and in replay", () => {
    for (const { report } of [live, replay]) {
      expect(report.totals.exchanges).toBe(pair.traffic.length);
      expect(report.totals.notComparable).toEqual({});
    }
  });

  it("shows every true change, live and in replay", () => {
    expect({ live: missed(pair, live), replay: missed(pair, replay) }).toEqual({ live: [], replay: [] });
  });

  it("shows nothing else, live and in replay", () => {
    expect({ live: falseFindings(pair, live.report), replay: falseFindings(pair, replay.report) }).toEqual({ live: [], replay: [] });
  });

  it("ends with the right exit code in replay", () => {
    expect(replay.exitCode).toBe(unchanged.includes(id) ? 0 : 1);
  });

  it("has the same deterministic findings live and in replay", () => {
    expect(deterministic(pair, replay)).toEqual(expect.arrayContaining(deterministic(pair, live)));
  });
});

describe("a candidate that is the production build", () => {
  it.each(["json-server-0-to-1", "fastify-3-to-4", "marked-4-to-12", "qs-6.13-to-6.14"])(
    "passes live and in replay for %s",
    async (id) => {
      const pair = new Pair(id);
      const scratch = mkdtempSync(join(tmpdir(), "penumbra-zoo-run-"));
      try {
        const live = await runLive(pair, scratch, { candidate: "old" });
        const replay = await runReplay(pair, scratch, { candidate: "old" });
        for (const judged of [live, replay]) {
          expect(realFindings(judged.report).map((finding) => `${finding.state} ${finding.title}`)).toEqual([]);
          expect(judged.report.verdict).toBe("pass");
        }
        expect(replay.exitCode).toBe(0);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
    pairLimitMs,
  );
});

function missed(pair: Pair, judged: Judged): string[] {
  return missedTruths(pair, judged.report).filter((truth) => !rightlySilent.includes(truth));
}

/** By fingerprint and title; without those that stick to one copy's data where the pair is known to be noisy. */
function deterministic(pair: Pair, judged: Judged): string[] {
  return judged.report.findings
    .filter((finding) => finding.state === "new" && finding.class === "deterministic" && !isAtNoise(pair, finding))
    .map(({ id, title }) => `${id} ${title}`)
    .sort();
}
