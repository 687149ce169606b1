/** penumbra export: a recording as NDJSON for scripts, as HAR for browsers and proxies, or for GoReplay.
 *
 *    recording ──► pieces of the form ──[gzip]──► FILE.partial ──► FILE */

import { createWriteStream, existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { reasonOf } from "../../recording/atomic-file.ts";
import { Tally } from "../../recording/formats/tally.ts";
import { piecesOf, type WrittenForm, writtenForms } from "../../recording/formats/written-forms.ts";
import { partialText } from "../../recording/import-mark.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { note, print } from "../terminal.ts";
import * as values from "../values.ts";

const privateFileMode = 0o600;

export const exportCommand = command({
  name: "export",
  about: "Write a recording as NDJSON, one exchange a line, as HAR 1.2, or as a GoReplay file.",
  positional: [
    { form: "<form>", about: "ndjson, har or gor" },
    { form: "<recording>", about: "a recording" },
  ],
  options: ["out", "force", "json"],
  example: "penumbra export ndjson recording --out recording.ndjson",
  async run(given, [form = "", path = ""]) {
    const known = values.oneOf(...writtenForms)(form, "the form");
    const out = given.out;
    if (out === null) throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the file to write");
    if (existsSync(out) && !given.force) throw new PenumbraError("FILE_EXISTS", `${out} is already there`, "add --force to replace it");
    const interrupt = catchInterrupt();
    try {
      const written = await write(path, known, out, interrupt.signal);
      if (written === null) {
        note(`penumbra: interrupted; nothing was written to ${out}`);
        return interrupt.exitCode() ?? exitCode.interrupted;
      }
      const { count, leftOut } = written;
      if (given.json) print(JSON.stringify({ out, exchanges: count, leftOut }));
      else note(`${count} exchanges: ${out}${leftOut.length === 0 ? "" : `\npenumbra: ${leftOut.join("; ")}`}`);
      return exitCode.pass;
    } finally {
      interrupt.release();
    }
  },
});

interface Written {
  /** Exchanges that were read. */
  readonly count: number;
  /** What the form cannot hold. */
  readonly leftOut: readonly string[];
}

/** Writes beside the place and moves it there when it is whole. Null when it was interrupted, which leaves nothing. */
async function write(path: string, form: WrittenForm, out: string, signal: AbortSignal): Promise<Written | null> {
  const recording = await openRecording(path);
  if (recording.meta.isPartial) note(`penumbra: ${path}: ${partialText}`);
  const tally = new Tally();
  const counted = { count: 0 };
  let place: Place | null = null;
  try {
    place = placeOf(out);
    const pieces = Readable.from(piecesOf(form, countedExchanges(recording, counted, signal), tally));
    const file = createWriteStream(place.written, { mode: privateFileMode });
    if (form !== "ndjson" && /\.gz$/i.test(out)) await pipeline(pieces, createGzip(), file);
    else await pipeline(pieces, file);
    if (signal.aborted) {
      remove(place);
      return null;
    }
    if (place.moved !== null) renameSync(place.written, place.moved);
    return { count: counted.count, leftOut: tally.sentences() };
  } catch (cause) {
    remove(place);
    if (cause instanceof PenumbraError) throw cause;
    throw new PenumbraError(
      "CANNOT_WRITE",
      `${out} cannot be written: ${reasonOf(cause)}`,
      "check the path, its permissions and the space on the disk",
      cause,
    );
  } finally {
    recording.close();
  }
}

interface Place {
  readonly written: string;
  /** Where it goes when it is whole; null = it is there already. */
  readonly moved: string | null;
}

/** A symbolic link stays one; what is no plain file (a pipe, /dev/stdout) is written to and never replaced. */
function placeOf(out: string): Place {
  const existing = statSync(out, { throwIfNoEntry: false });
  if (existing?.isDirectory() === true) throw new PenumbraError("NOT_A_FILE", `${out} is a directory`, "give the file to write");
  if (existing !== undefined && !existing.isFile()) return { written: out, moved: null };
  const real = existing === undefined ? out : realpathSync(out);
  return { written: `${real}.partial`, moved: real };
}

function remove(place: Place | null): void {
  if (place !== null && place.moved !== null) rmSync(place.written, { force: true });
}

async function* countedExchanges(recording: Recording, counted: { count: number }, signal: AbortSignal): AsyncGenerator<Exchange> {
  for await (const exchange of recording.exchanges()) {
    if (signal.aborted) return;
    counted.count++;
    yield exchange;
  }
}
