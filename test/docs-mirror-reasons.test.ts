import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mirrorDropReasons } from "../proxy/handover/reasons.ts";

it("docs/security.md tells operators what every reason of mirrorDropped means", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "docs", "security.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, reason]) => reason));
  expect(named).toHaveLength(mirrorDropReasons.length);
  expect(new Set(named)).toEqual(new Set(mirrorDropReasons));
});
