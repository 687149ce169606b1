/** penumbra import: exchanges from elsewhere become a recording; secrets are redacted on the way in.
 *
 *    file ──read once: is it what it should be?──► read again ──redact──► recording */

import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { NameLane } from "../../recording/formats/foreign.ts";
import { checkForeign, type ForeignForm } from "../../recording/formats/foreign-file.ts";
import { laneNames } from "../../recording/formats/name-lane.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording } from "../../recording/open.ts";
import { RedactionError, Redactor } from "../../recording/redaction.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkPlaces, defaultKeyFile } from "../places.ts";
import { note, print } from "../terminal.ts";
import * as values from "../values.ts";

export const importCommand = command({
  name: "import",
  about: "Make a recording of a HAR file, a GoReplay file, an access log or NDJSON.",
  positional: [
    { form: "<form>", about: "har, gor, log (Apache's and nginx's common and combined format) or ndjson" },
    { form: "<file>", about: "what to read; har, gor and log may be gzip" },
  ],
  options: ["out", "redact", "key-file", "label", "config", "json"],
  example: "penumbra import har checkout.har --out recording",
  async run(given, [form = "", path = ""]) {
    const known = values.oneOf("har", "gor", "log", "ndjson")(form, "the form");
    const out = given.out;
    if (out === null) throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the directory of the recording");
    if (!existsSync(path)) throw new PenumbraError("FILE_NOT_FOUND", `${path} does not exist`, `name ${article(known)} file`);
    const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
    checkPlaces([{ name: "--out", path: out }], { name: "--key-file", path: keyFile });
    const key = (): Uint8Array => loadOrCreateKey(keyFile).key;
    const source = await open(path, known, key);
    const redactor = new Redactor({ key: key(), mode: given.redact, rules: given.redaction });
    const interrupt = catchInterrupt();
    try {
      const { imported, unredacted } = await write(out, source, redactor, {
        labels: Object.fromEntries(given.label),
        signal: interrupt.signal,
      });
      const interrupted = interrupt.exitCode();
      if (interrupted !== null) {
        note(`penumbra: interrupted; ${imported} exchanges are in ${out}, which says that it is a part`);
        return interrupted;
      }
      const leftOut = [...source.leftOut, ...(unredacted === 0 ? [] : [`${unredacted} left out because they could not be redacted`])];
      if (given.json) print(JSON.stringify({ out, exchanges: imported, leftOut }));
      else note(`${imported} exchanges: ${out}${leftOut.length === 0 ? "" : `\npenumbra: ${leftOut.join("; ")}`}`);
      return exitCode.pass;
    } finally {
      interrupt.release();
      source.close();
    }
  },
});

interface Written {
  readonly imported: number;
  /** Left out because a rule of redaction failed. */
  readonly unredacted: number;
}

interface WriteOptions {
  readonly labels: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Until the signal aborts. A recording that was not there before is not left behind half written.
 * @throws PenumbraError `CANNOT_WRITE`; as the source */
async function write(out: string, source: Source, redactor: Redactor, { labels, signal }: WriteOptions): Promise<Written> {
  const isNew = !existsSync(out);
  let imported = 0;
  let lost: string | null = null;
  const writer = RecordingWriter.open(out, {
    labels,
    epoch: randomUUID(),
    clock: systemClock,
    redaction: redactor.description,
    redactionRules: redactor.rules,
    keyId: redactor.keyId,
    isImport: true,
    onCommitted: (sequences) => {
      imported += sequences.length;
    },
    onDropped: (_, reason) => {
      lost = reason;
    },
    onPaused: () => {},
  });
  let unredacted = 0;
  let isWhole = false;
  try {
    let sequence = 0;
    for await (const exchange of source.exchanges()) {
      if (signal.aborted) break;
      const redacted = redactedOrNull(redactor, exchange);
      if (redacted === null) unredacted++;
      else writer.append(++sequence, redacted);
    }
    writer.flush();
    if (lost === null && !signal.aborted && !writer.markWhole()) lost = "its end could not be written";
    writer.close();
    isWhole = lost === null;
  } finally {
    writer.close();
    if (!isWhole && isNew) rmSync(out, { recursive: true, force: true });
  }
  if (!isWhole) {
    const hint = isNew
      ? "check the space on the disk; nothing was left there"
      : "check the space on the disk and import again into an empty directory";
    throw new PenumbraError("CANNOT_WRITE", `${out} is not complete: ${String(lost)}`, hint);
  }
  return { imported, unredacted };
}

interface Source {
  readonly leftOut: readonly string[];
  exchanges(): AsyncGenerator<Exchange>;
  close(): void;
}

async function open(path: string, form: ForeignForm | "ndjson", key: () => Uint8Array): Promise<Source> {
  if (form === "ndjson") {
    const recording = await openRecording(path);
    if (recording.count() === 0) throw nothingToImport(path);
    return { leftOut: [], exchanges: () => recording.exchanges(), close: () => recording.close() };
  }
  let names: NameLane | null = null;
  // A file that cannot be read is no reason to make a key.
  const { count, leftOut, asTheyStand } = await checkForeign(path, form, (secret) => (names ??= laneNames(key()))(secret));
  if (count === 0) throw nothingToImport(path);
  return { leftOut, exchanges: asTheyStand, close: () => {} };
}

function nothingToImport(path: string): PenumbraError {
  return new PenumbraError("FILE_EMPTY", `${path} has no exchange in it: there is nothing to import`, "check what should have written it");
}

/** Null = a rule failed, so nothing of it may be stored. */
function redactedOrNull(redactor: Redactor, exchange: Exchange): Exchange | null {
  try {
    return redactor.exchange(exchange);
  } catch (cause) {
    if (cause instanceof RedactionError) return null;
    throw cause;
  }
}

function article(form: ForeignForm | "ndjson"): string {
  const names = { har: "a .har", gor: "a .gor", log: "an access log", ndjson: "an .ndjson" };
  return names[form];
}
