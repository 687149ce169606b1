/** Options of a replay that did nothing beside certain others, and nobody was told. */

import { describe, expect, it } from "vitest";
import { replayCommand } from "../../cli/commands/replay.ts";
import { checkCombinations } from "../../cli/replay-combinations.ts";
import { type GivenTexts, resolveOptions } from "../../cli/resolve.ts";

const names = [
  ...(["pace", "speed", "max-gap", "arrivals", "concurrency", "order", "write-scope", "control", "reset", "experiments"] as const),
  ...(["resume", "out", "force", "dry-run"] as const),
] as const;

const check = (given: GivenTexts): void => checkCombinations(resolveOptions(names, given, {}));
const control = ["http://127.0.0.1:2"];

describe("options of a replay", () => {
  it.each<[GivenTexts, string]>([
    [{ speed: ["2"], pace: ["100/s"] }, "--speed says nothing beside --pace 100/s"],
    [{ speed: ["2"], pace: ["max"] }, "--speed says nothing beside --pace max"],
    [{ speed: ["2"], order: ["serial"] }, "--speed says nothing beside --order serial"],
    [{ "max-gap": ["1s"], pace: ["100/s"] }, "--max-gap says nothing beside --pace 100/s"],
    [{ "max-gap": ["1s"], order: ["serial"] }, "--max-gap says nothing beside --order serial"],
    [{ arrivals: ["uniform"] }, "--arrivals says nothing beside --pace recorded"],
    [{ arrivals: ["uniform"], pace: ["max"] }, "--arrivals says nothing beside --pace max"],
    [{ concurrency: ["4"] }, "--concurrency says nothing beside --pace recorded"],
    [{ concurrency: ["4"], pace: ["100/s"] }, "--concurrency says nothing beside --pace 100/s"],
    [{ concurrency: ["4"], pace: ["max"], order: ["serial"] }, "--concurrency says nothing beside --order serial"],
    [{ "write-scope": ["lane"], order: ["lane"] }, "--write-scope says nothing beside --order lane"],
    [{ experiments: ["5"] }, "--experiments says nothing without --reset CMD"],
    [{ experiments: ["5"], reset: ["true"] }, "--experiments says nothing without --control URL"],
    [{ resume: ["run"], force: ["true"] }, "--force says nothing beside --resume"],
    [{ resume: ["run"], out: ["other"] }, "--out says nothing beside --resume"],
    [{ resume: ["run"], "dry-run": ["true"] }, "--resume says nothing beside --dry-run"],
  ])("%o are refused together", (given, complaint) => {
    expect(() => check(given)).toThrow(complaint);
  });

  it.each<GivenTexts>([
    {},
    { speed: ["2"], "max-gap": ["1s"] },
    { speed: ["2"], order: ["lane"] },
    { pace: ["100/s"], arrivals: ["uniform"], order: ["serial"] },
    { pace: ["max"], concurrency: ["4"], "write-scope": ["lane"] },
    { experiments: ["0"] },
    { experiments: ["5"], reset: ["true"], control },
    { resume: ["run"], reset: ["true"] },
  ])("%o go together", (given) => {
    expect(() => check(given)).not.toThrow();
  });

  it("are looked at before a recording is opened, and so are those whose text is wrong", async () => {
    const run = (given: GivenTexts): Promise<number> => replayCommand.runWith({ ...given, "dry-run": ["true"] }, ["nowhere.ndjson"]);
    await expect(run({ arrivals: ["uniform"] })).rejects.toThrow("--arrivals says nothing beside --pace recorded");
    await expect(run({ pace: ["fast"], order: ["serial"] })).rejects.toThrow('--pace cannot be "fast"');
    await expect(run({ from: ["2026-02-01"], to: ["2026-01-01"] })).rejects.toThrow("--from 2026-02-01 is after --to 2026-01-01");
  });
});
