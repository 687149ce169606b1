/** penumbra export: a recording as NDJSON, for scripts. */

import { once } from "node:events";
import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { PenumbraError } from "../../model/errors.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { openRecording } from "../../recording/open.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { note, print } from "../terminal.ts";
import * as values from "../values.ts";

const privateFileMode = 0o600;

export const exportCommand = command({
  name: "export",
  about: "Write a recording as NDJSON, one exchange a line.",
  positional: [
    { form: "<form>", about: "ndjson" },
    { form: "<recording>", about: "a recording" },
  ],
  options: ["out", "force", "json"],
  example: "penumbra export ndjson recording --out recording.ndjson",
  async run(given, [form = "", path = ""]) {
    values.oneOf("ndjson")(form, "the form");
    const out = given.out;
    if (out === null) throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the file to write");
    if (existsSync(out) && !given.force) throw new PenumbraError("FILE_EXISTS", `${out} is already there`, "add --force to replace it");
    const interrupt = catchInterrupt();
    try {
      const count = await writeLines(path, out, interrupt.signal);
      if (count === null) {
        note(`penumbra: interrupted; nothing was written to ${out}`);
        return interrupt.exitCode() ?? exitCode.interrupted;
      }
      if (given.json) print(JSON.stringify({ out, exchanges: count }));
      else note(`${count} exchanges: ${out}`);
      return exitCode.pass;
    } finally {
      interrupt.release();
    }
  },
});

/** Writes beside the place and moves it there when it is whole. Null when it was interrupted, which leaves nothing. */
async function writeLines(path: string, out: string, signal: AbortSignal): Promise<number | null> {
  const recording = await openRecording(path);
  const partial = `${out}.partial`;
  const file = createWriteStream(partial, { mode: privateFileMode });
  let count = 0;
  try {
    await once(file, "open");
    for await (const exchange of recording.exchanges()) {
      if (signal.aborted) break;
      count++;
      if (!file.write(`${encodeExchange(exchange)}\n`)) await once(file, "drain");
    }
    file.end();
    await once(file, "finish");
    if (signal.aborted) {
      rmSync(partial, { force: true });
      return null;
    }
    renameSync(partial, out);
    return count;
  } catch (cause) {
    file.destroy();
    rmSync(partial, { force: true });
    if (cause instanceof PenumbraError) throw cause;
    throw new PenumbraError("CANNOT_WRITE", `${out} cannot be written`, "check the path, its permissions and the space on the disk", cause);
  } finally {
    recording.close();
  }
}
