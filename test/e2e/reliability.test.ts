/** Isolation and bounds, through the real command line: each fault of the table, made while users send a steady load. No request
 * fails, no answer changes, the ledger adds up at every scrape, memory stays bounded, and the recording is whole in the end.
 *
 * `npm run bench -- reliability` makes the same trials longer and writes docs/reliability.md. Times are shown there, never asserted. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsIn } from "./reliability/document.ts";
import { faultNames, possibleFaults } from "./reliability/faults.ts";
import { type Primary, startPrimary } from "./reliability/primary.ts";
import { runTrial } from "./reliability/trial.ts";
import { complaints } from "./reliability/verdict.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-reliability-"));
const lengths = { calmMs: 500, faultMs: 2000 };
/** Mounts, loads and drains, on a machine that does other things as well. */
const trialTimeoutMs = 120_000;

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("users of the production service", () => {
  let primary: Primary;

  beforeAll(async () => {
    primary = await startPrimary();
  });
  afterAll(() => primary.close());

  it.concurrent.each(possibleFaults(scratch))(
    "notice nothing of $name",
    async (fault) => {
      const own = join(scratch, fault.name.replaceAll(/[^a-z0-9]+/gi, "-"));
      mkdirSync(own);
      const trial = await runTrial(fault, { primaryUrl: primary.url, scratch: own, ...lengths });
      expect(complaints(trial)).toEqual([]);
      expect(fault.showed(trial), "the fault was not seen to have happened").toBe(true);
    },
    trialTimeoutMs,
  );
});

describe("docs/reliability.md", () => {
  const rows = rowsIn(readFileSync("docs/reliability.md", "utf8"));

  it("has a row for every fault, in their order", () => {
    expect(rows.map(({ fault }) => fault)).toEqual(faultNames());
  });

  it("shows no failure", () => {
    expect(rows.filter(({ failures }) => failures !== "0")).toEqual([]);
  });
});
