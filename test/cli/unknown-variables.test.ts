/** Variables that were meant for Penumbra and that it does not know. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { unknownVariables } from "../../cli/unknown-variables.ts";
import { itemsRecording } from "../support/recordings.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-variables-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("a variable of the environment", () => {
  it.each([
    ["PENUMBRA_CANDIDAT", "did you mean PENUMBRA_CANDIDATE?"],
    ["PENUMBRA_FAIL-ON", "did you mean PENUMBRA_FAIL_ON?"],
    ["PENUMBRA_fail_on", "did you mean PENUMBRA_FAIL_ON?"],
    ["PENUMBRA_SOMETHING_ELSE", "docs/options.md has the names"],
  ])("%s is told, without its value", (name, hint) => {
    expect(unknownVariables({ [name]: "s3cret" })).toEqual([
      `penumbra: the environment variable ${name} is ignored: there is no such option; ${hint}`,
    ]);
  });

  it.each([
    ...["PENUMBRA_CANDIDATE", "PENUMBRA_FAIL_ON", "CANDIDATE", "PENUMBRAL_X"],
    // A Kubernetes service that is called penumbra.
    ...["PENUMBRA_SERVICE_HOST", "PENUMBRA_SERVICE_PORT", "PENUMBRA_SERVICE_PORT_HTTP", "PENUMBRA_PORT", "PENUMBRA_PORT_8080_TCP"],
    ...["PENUMBRA_PORT_8080_TCP_ADDR", "PENUMBRA_PORT_8080_TCP_PROTO", "PENUMBRA_ADMIN_PORT_9901_TCP_PORT"],
  ])("%s is not", (name) => {
    expect(unknownVariables({ [name]: "x" })).toEqual([]);
    expect(unknownVariables({ PENUMBRA_CANDIDAT: "" })).toEqual([]);
  });

  it("that nobody knows is one line on standard error, and changes neither the result nor the exit code", async () => {
    const recording = itemsRecording(join(scratch, "items.ndjson"), 3);
    const plain = await runPenumbra(["verify", recording]);
    const told = await runPenumbra(["verify", recording], { PENUMBRA_OTU: "s3cret" });
    expect([told.code, told.stdout]).toEqual([plain.code, plain.stdout]);
    expect(told.stderr).toBe(
      `penumbra: the environment variable PENUMBRA_OTU is ignored: there is no such option; did you mean PENUMBRA_OUT?\n${plain.stderr}`,
    );
  });

  it("is told in the form of the sidecar's log", async () => {
    const key = join(scratch, "key");
    const args = ["--listen", "127.0.0.1:0", "--primary", "http://127.0.0.1:9", "--key-file", key, "--log", "json"];
    const ended = await runPenumbra(["proxy", ...args, "--ui-host", "x"], { PENUMBRA_SAMPEL: "1%" });
    const lines = ended.stderr.trimEnd().split("\n");
    expect(lines.filter((line) => line.includes("PENUMBRA_SAMPEL")).map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      "note",
    ]);
  });
});
