/** What import is given: rules of redaction by --config, files in which nothing is, and a line that is none. */

import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { systemClock } from "../../model/clock.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange, text } from "../recording/examples.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-import-input-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const key = ["--key-file", join(scratch, "key")];
const at = (name: string): string => join(scratch, name);
const importing = (form: string, file: string, out: string, ...more: readonly string[]) =>
  runPenumbra(["import", form, file, "--out", out, ...key, ...more]);

it("redacts by the rules of --config", async () => {
  const request = { ...plainExchange().request, headers: [["X-Tenant", "acme-4711"]] as const, body: text("plain") };
  writeFileSync(at("one.ndjson"), `${encodeExchange(plainExchange({ request }))}\n`);
  writeFileSync(at("penumbra.yaml"), "redaction:\n  - header: X-Tenant\n");
  expect((await importing("ndjson", at("one.ndjson"), at("ruled"), "--config", at("penumbra.yaml"))).code).toBe(0);
  const shown = await runPenumbra(["inspect", at("ruled"), "a1"]);
  expect(shown.stdout).toMatch(/X-Tenant: tok_/);
  expect(readFileSync(join(at("ruled"), "000001.penumbra")).includes("acme-4711")).toBe(false);
});

it("is not the only one that does: distill takes --config too, and export says what is a part", async () => {
  const request = { ...plainExchange().request, headers: [["X-Tenant", "acme-4712"]] as const, body: text("plain") };
  writeFileSync(at("two.ndjson"), `${encodeExchange(plainExchange({ request }))}\n`);
  writeFileSync(at("penumbra.yaml"), "redaction:\n  - header: X-Tenant\n");
  const out = at("distilled");
  expect((await runPenumbra(["distill", at("two.ndjson"), "--out", out, "--config", at("penumbra.yaml"), ...key])).code).toBe(0);
  expect(readFileSync(join(out, "000001.penumbra")).includes("acme-4712")).toBe(false);
  const writer = RecordingWriter.open(at("part"), {
    ...{ labels: {}, epoch: "e", clock: systemClock, redaction: "token", keyId: "k", isImport: true },
    ...{ onCommitted: () => {}, onDropped: () => {}, onPaused: () => {} },
  });
  writer.append(1, plainExchange({ id: "one" }));
  writer.close();
  const exported = await runPenumbra(["export", "ndjson", at("part"), "--out", at("part.ndjson")]);
  expect([exported.code, exported.stderr]).toEqual([0, expect.stringContaining("did not come to its end")]);
});

describe("nothing to import", () => {
  it.each([
    ["har", '{"log":{"version":"1.2","creator":{},"entries":[]}}'],
    ["har", '{"entries":[]}'],
    ["ndjson", ""],
    ["ndjson", "\n\n"],
    ["gor", ""],
    ["log", ""],
  ])("in a %s file of %j is refused in one line, and nothing is made", async (form, content) => {
    const [file, out] = [at(`empty.${form}`), at(`from-empty-${form}`)];
    writeFileSync(file, content);
    const { code, stderr } = await importing(form, file, out);
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain(file);
    expect(existsSync(out)).toBe(false);
  });
});

it("says what a line of 300 MB should be", async () => {
  const file = at("long.ndjson");
  openSync(file, "w");
  truncateSync(file, 300_000_000);
  const { code, stderr } = await importing("ndjson", file, at("from-long"));
  expect(code).toBe(2);
  expect(stderr).toContain("line 1 is longer than 268435456 bytes; an exchange is one line, ended by a line feed");
  expect(existsSync(at("from-long"))).toBe(false);
});
