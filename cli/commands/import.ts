/** penumbra import: exchanges from elsewhere become a recording; secrets are redacted on the way in. */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording } from "../../recording/open.ts";
import { Redactor } from "../../recording/redaction.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkPlaces, defaultKeyFile } from "../places.ts";
import { note, print } from "../terminal.ts";
import * as values from "../values.ts";

export const importCommand = command({
  name: "import",
  about: "Make a recording of an NDJSON file.",
  positional: [
    { form: "<form>", about: "ndjson" },
    { form: "<file>", about: "what to read" },
  ],
  options: ["out", "redact", "key-file", "label", "json"],
  example: "penumbra import ndjson exchanges.ndjson --out recording",
  async run(given, [form = "", path = ""]) {
    values.oneOf("ndjson")(form, "the form");
    const out = given.out;
    if (out === null) throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the directory of the recording");
    if (!existsSync(path)) throw new PenumbraError("FILE_NOT_FOUND", `${path} does not exist`, "name an .ndjson file");
    const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
    checkPlaces([{ name: "--out", path: out }], { name: "--key-file", path: keyFile });
    const recording = await openRecording(path);
    const redactor = new Redactor({ key: loadOrCreateKey(keyFile).key, mode: given.redact, rules: given.redaction });
    let imported = 0;
    let lost: string | null = null;
    const writer = RecordingWriter.open(out, {
      labels: Object.fromEntries(given.label),
      epoch: randomUUID(),
      clock: systemClock,
      redaction: redactor.description,
      redactionRules: redactor.rules,
      keyId: redactor.keyId,
      onCommitted: (sequences) => {
        imported += sequences.length;
      },
      onDropped: (_, reason) => {
        lost = reason;
      },
      onPaused: () => {},
    });
    const interrupt = catchInterrupt();
    try {
      let sequence = 0;
      for await (const exchange of recording.exchanges()) {
        if (interrupt.signal.aborted) break;
        writer.append(++sequence, redactor.exchange(exchange));
      }
    } finally {
      interrupt.release();
      writer.close();
      recording.close();
    }
    if (lost !== null)
      throw new PenumbraError(
        "CANNOT_WRITE",
        `${out} is not complete: ${String(lost)}`,
        "check the space on the disk and import again into an empty directory",
      );
    const interrupted = interrupt.exitCode();
    if (interrupted !== null) {
      note(`penumbra: interrupted; ${imported} exchanges are in ${out}`);
      return interrupted;
    }
    if (given.json) print(JSON.stringify({ out, exchanges: imported }));
    else note(`${imported} exchanges: ${out}`);
    return exitCode.pass;
  },
});
