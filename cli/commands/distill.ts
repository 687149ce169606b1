/** penumbra distill: the part of a recording that has everything, for a replay of minutes instead of days. */

import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { checkDerivedPlace, writeDerived } from "../../recording/derived.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import { Redactor } from "../../recording/redaction.ts";
import { Distillation } from "../../replayer/distill/distill.ts";
import { distilledText } from "../../report/distilled.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkPlaces, defaultKeyFile } from "../places.ts";
import { readThrough } from "../reading.ts";
import type { Resolved } from "../resolve.ts";
import { note, ProgressLine, print } from "../terminal.ts";

const names = ["out", "force", "copies", "endpoints", "redact", "key-file", "config", "json"] as const;

export const distillCommand = command({
  name: "distill",
  about: "Make a small recording that has every data shape, parameter combination and overlap of a large one.",
  positional: [{ form: "<recording>", about: "a directory of segments, one segment, or an .ndjson file" }],
  options: names,
  example: "penumbra distill recording --out small",
  async run(given, [path = ""]) {
    const { out, force } = given;
    if (out === null) throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the directory of the small recording");
    const recording = await openRecording(path);
    const interrupt = catchInterrupt();
    const progress = new ProgressLine();
    try {
      checkOut(recording, path, given);
      checkDerivedPlace(out, force);
      const distillation = new Distillation({
        open: () => readThrough(recording, progress, interrupt.signal),
        copies: given.copies,
        endpoints: given.endpoints ?? [],
      });
      await distillation.choose();
      const redactor = redactorFor(recording, given);
      const written = await writeDerived(recording, redacted(distillation.exchanges(), redactor), {
        ...{ out, force, clock: systemClock, signal: interrupt.signal },
        redaction: redactor,
      });
      progress.clear();
      const interrupted = interrupt.exitCode();
      if (interrupted !== null || written === null) {
        note("penumbra: interrupted; nothing was written");
        return interrupted ?? exitCode.interrupted;
      }
      const distilled = distillation.result();
      print(given.json ? JSON.stringify({ recording: path, out, ...distilled }) : distilledText(path, out, distilled));
      return exitCode.pass;
    } finally {
      progress.clear();
      interrupt.release();
      recording.close();
    }
  },
});

type Given = Resolved<(typeof names)[number]>;

/** Neither in the recording that it is made of, nor the other way round. */
function checkOut(recording: Recording, path: string, given: Given): void {
  const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
  const places = recording.meta.form === "segments" ? [{ name: "the recording", path }] : [];
  checkPlaces([...places, { name: "--out", path: given.out ?? "" }], { name: "--key-file", path: keyFile });
}

/** Nobody has redacted what was written elsewhere. */
function redactorFor(recording: Recording, given: Given): Redactor | null {
  if (recording.meta.form === "segments") return null;
  return new Redactor({
    key: loadOrCreateKey(given["key-file"] ?? defaultKeyFile(process.env)).key,
    mode: given.redact,
    rules: given.redaction,
  });
}

async function* redacted(exchanges: AsyncIterable<Exchange>, redactor: Redactor | null): AsyncGenerator<Exchange> {
  for await (const exchange of exchanges) yield redactor === null ? exchange : redactor.exchange(exchange);
}
