import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { recordingFormat } from "../../model/format.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { openRecording } from "../../recording/open.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const fixtures = fileURLToPath(new URL("./fixtures", import.meta.url));
const everyFormat = Array.from({ length: recordingFormat }, (_, index) => index + 1);

describe("a recording of an older build", () => {
  it.each(everyFormat)("in format %d opens and says what it said", async (format) => {
    const golden = join(fixtures, `format-${format}`);
    const path = join(directory(), "000001.penumbra");
    copyFileSync(join(golden, "000001.penumbra"), path);
    const recording = await openRecording(path);
    const exchanges = await Array.fromAsync(recording.exchanges());
    recording.close();
    expect(exchanges.map(encodeExchange)).toEqual(readFileSync(join(golden, "expected.ndjson"), "utf8").trimEnd().split("\n"));
    expect((await verifyRecording(path)).problems).toEqual([]);
  });
});
