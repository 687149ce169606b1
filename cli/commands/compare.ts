/** penumbra compare: judges two or three recordings against each other; nothing is sent. */

import { randomUUID } from "node:crypto";
import { Pairing } from "../../diff/pairing.ts";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { Observation, RunMeta, Trial } from "../../model/observation.ts";
import { milliseconds } from "../../model/units.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import type { Redactor } from "../../recording/redaction.ts";
import { redactedApart, redactorAsRecorded } from "../../recording/redaction-as-recorded.ts";
import type { RedactionRule } from "../../recording/redaction-rules.ts";
import { RunWriter } from "../../recording/run.ts";
import type { RedactionMode } from "../../recording/secrets.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkJudging, judgeAndTell } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { checkPlaces, defaultKeyFile, defaultRunDirectory } from "../places.ts";
import { note } from "../terminal.ts";

const unpaired: Trial = { outcome: { kind: "skipped", tookMs: milliseconds(0), detail: "unpaired" } };

export const compareCommand = command({
  name: "compare",
  about: "Compare recordings of the same traffic: production's answers with a candidate's.",
  positional: [
    { form: "<primary>", about: "a recording of the current build" },
    { form: "<candidate>", about: "a recording of the new build" },
  ],
  options: ["control", "out", "force", "seed", "redact", "key-file", ...judgingOptions],
  example: "penumbra compare old.ndjson new.ndjson --control old-again.ndjson",
  async run(values, [primary = "", candidate = ""]) {
    checkJudging(values);
    const directory = values.out ?? defaultRunDirectory(systemClock.now());
    checkPlaces([{ name: "--out", path: directory }], { name: "--key-file", path: values["key-file"] ?? defaultKeyFile(process.env) });
    const interrupt = catchInterrupt();
    try {
      const inputs = await readInputs(primary, candidate, values, interrupt.signal);
      const nothing = interrupt.exitCode();
      if (nothing !== null || inputs === null) {
        note("penumbra: interrupted; nothing was written");
        return nothing ?? exitCode.interrupted;
      }
      await writeRun(directory, inputs, { primary, candidate, values, signal: interrupt.signal });
      const verdictCode = await judgeAndTell(directory, values);
      const interrupted = interrupt.exitCode();
      if (interrupted !== null) note(`penumbra: interrupted; what was compared is kept in ${directory}`);
      else if (inputs.candidates.leftOver > 0)
        note(`${inputs.candidates.leftOver} exchanges of ${candidate} have no partner in ${primary}`);
      return interrupted ?? verdictCode;
    } finally {
      interrupt.release();
    }
  },
});

interface Given {
  readonly control: readonly string[];
  readonly redact: RedactionMode | "off";
  readonly "key-file": string | null;
  readonly redaction: readonly RedactionRule[];
}

type Redact = (recording: Recording, exchange: Exchange) => Exchange;

/** Nobody has redacted what was written elsewhere: it is redacted as our own recordings were, which are as they are. */
function redacting({ redact, "key-file": keyFile, redaction }: Given, recordings: readonly Recording[]): Redact {
  const segments = recordings.flatMap(({ meta }) => meta.segments);
  const apart = redactedApart(segments);
  if (apart !== null) note(`penumbra: the recordings were ${apart}`);
  let redactor: Redactor | null = null;
  return ({ meta }, exchange) => {
    if (meta.form === "segments" || redact === "off") return exchange;
    redactor ??= redactorAsRecorded(segments, {
      key: loadOrCreateKey(keyFile ?? defaultKeyFile(process.env)).key,
      mode: redact,
      rules: redaction,
    });
    return redactor.exchange(exchange);
  };
}

interface Inputs {
  readonly redact: Redact;
  readonly recording: Recording;
  readonly candidates: Pairing;
  readonly controls: readonly Pairing[];
}

/** Null when it was interrupted. */
async function readInputs(primary: string, candidate: string, given: Given, signal: AbortSignal): Promise<Inputs | null> {
  const recording = await openRecording(primary);
  const others = await Promise.all([candidate, ...given.control].map((path) => openRecording(path)));
  const redact = redacting(given, [recording, ...others]);
  const pairings: Pairing[] = [];
  for (const other of others) {
    const exchanges = await readUnique(other, signal);
    other.close();
    pairings.push(new Pairing(exchanges.map((exchange) => redact(other, exchange))));
  }
  await readUnique(recording, signal, { keep: false });
  const [candidates, ...controls] = pairings;
  if (!signal.aborted && candidates !== undefined) return { recording, candidates, controls, redact };
  recording.close();
  return null;
}

interface RunOf {
  readonly primary: string;
  readonly candidate: string;
  readonly values: { readonly control: readonly string[]; readonly seed: number; readonly force: boolean };
  readonly signal: AbortSignal;
}

/** One observation an exchange of the primary's recording; an interrupted run says so. */
async function writeRun(directory: string, inputs: Inputs, { primary, candidate, values, signal }: RunOf): Promise<void> {
  const meta: RunMeta = {
    id: randomUUID(),
    format: runFormat,
    startedAt: new Date(systemClock.now()).toISOString(),
    endedAt: null,
    tool: toolVersion,
    seed: values.seed,
    kind: "compare",
    targets: { primary, candidate, controls: values.control },
    labels: {},
    interrupted: false,
    replay: null,
  };
  const writer = RunWriter.create(directory, meta, { force: values.force });
  try {
    for await (const exchange of inputs.recording.exchanges()) {
      if (signal.aborted) break;
      const redacted = inputs.redact(inputs.recording, exchange);
      writer.append({ kind: "observation", observation: observe(redacted, inputs.candidates, inputs.controls) });
    }
  } finally {
    inputs.recording.close();
    await writer.finish({ ...meta, endedAt: new Date(systemClock.now()).toISOString(), interrupted: signal.aborted });
  }
}

function observe(exchange: Exchange, candidates: Pairing, controls: readonly Pairing[]): Observation {
  const partner = candidates.partnerOf(exchange);
  const trials = controls.map((control): Trial => {
    const found = control.partnerOf(exchange);
    return found === null ? unpaired : { outcome: found.outcome };
  });
  if (partner === null) return { exchange, candidate: null, controls: trials, notComparable: "unpaired" };
  return { exchange, candidate: { outcome: partner.outcome }, controls: trials };
}

/** Every exchange, until the signal aborts. @throws PenumbraError for two of the same id */
async function readUnique(
  recording: Recording,
  signal: AbortSignal,
  options: { readonly keep: boolean } = { keep: true },
): Promise<Exchange[]> {
  const seen = new Set<string>();
  const exchanges: Exchange[] = [];
  for await (const exchange of recording.exchanges()) {
    if (signal.aborted) break;
    if (seen.has(exchange.id)) {
      const which = `${recording.path} has two exchanges of the id ${JSON.stringify(exchange.id)}`;
      throw new PenumbraError("DUPLICATE_IDS", which, "ids have to be unique within a recording");
    }
    seen.add(exchange.id);
    if (options.keep) exchanges.push(exchange);
  }
  return exchanges;
}
