import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkJudging } from "../../cli/judging.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const nothing = { report: [], json: false, accept: null, baseline: null } as const;

function acceptedUntil(place: string, day: string): string {
  const file = join(place, "accepted.yaml");
  writeFileSync(file, `accepted:\n  - { fingerprint: 0123456789ab, transition: a→b, reason: wanted, expires: "${day}" }\n`);
  return file;
}

describe("what judging needs", () => {
  it.each([
    ["a report that is a directory", (place: string) => ({ report: [["json", place]] as const }), /it is a directory/],
    ["a report below a file", (place: string) => ({ report: [["json", join(place, "file", "x.json")]] as const }), /ENOTDIR/],
    ["a report far below a file", (place: string) => ({ report: [["json", join(place, "file", "a", "x.json")]] as const }), /ENOTDIR/],
    ["a report with too long a name", (place: string) => ({ report: [["json", join(place, "n".repeat(300))]] as const }), /ENAMETOOLONG/],
    ["a report without a name", () => ({ report: [["json", ""]] as const }), /no file is named/],
    [
      "two reports on standard output",
      () => ({ report: [["markdown", "-"] as const, ["junit", "-"] as const] }),
      /--report markdown=- and --report junit=- both go to standard output/,
    ],
    ["a report beside --json", () => ({ report: [["markdown", "-"]] as const, json: true }), /--report markdown=- and --json both go/],
    ["accepted changes that are not there", (place: string) => ({ accept: join(place, "none.yaml") }), /none\.yaml does not exist/],
    ["accepted changes that are none", (place: string) => ({ accept: join(place, "file") }), /file is wrong/],
    ["an acceptance until a month that is none", (place: string) => ({ accept: acceptedUntil(place, "2025-13-01") }), /a day that exists/],
    ["an acceptance until a day that is none", (place: string) => ({ accept: acceptedUntil(place, "2025-02-31") }), /a day that exists/],
    ["a baseline that is not there", (place: string) => ({ baseline: join(place, "none") }), /holds no report\.json/],
    ["a baseline without a report", (place: string) => ({ baseline: place }), /holds no report\.json/],
  ])("is refused before the work: %s", (_, wrong, complaint) => {
    const place = directory();
    writeFileSync(join(place, "file"), "text");
    expect(() => checkJudging({ ...nothing, ...wrong(place) })).toThrow(complaint);
  });

  it("may have an acceptance until a day that exists", () => {
    expect(() => checkJudging({ ...nothing, accept: acceptedUntil(directory(), "2028-02-29") })).not.toThrow();
  });

  it("may have reports in directories that are still to be made, in files that are there, and in what is no regular file", () => {
    const place = directory();
    mkdirSync(join(place, "there"));
    writeFileSync(join(place, "there", "old.json"), "{}");
    const paths = [join(place, "new", "deep", "x.json"), join(place, "there", "old.json"), "/dev/null", "beside.json"];
    expect(() => checkJudging({ ...nothing, report: paths.map((path) => ["json", path] as const) })).not.toThrow();
  });
});
