/** penumbra compare: judges two or three recordings against each other; nothing is sent. */

import { randomUUID } from "node:crypto";
import { Pairing } from "../../diff/pairing.ts";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { Observation, RunMeta, Trial } from "../../model/observation.ts";
import { milliseconds } from "../../model/units.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import { RunWriter } from "../../recording/run.ts";
import { command } from "../command.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkReportTargets, judgeAndTell } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { defaultRunDirectory } from "../places.ts";
import { note } from "../terminal.ts";

const unpaired: Trial = { outcome: { kind: "skipped", tookMs: milliseconds(0), detail: "unpaired" } };

export const compareCommand = command({
  name: "compare",
  about: "Compare recordings of the same traffic: production's answers with a candidate's.",
  positional: [
    { form: "<primary>", about: "a recording of the current build" },
    { form: "<candidate>", about: "a recording of the new build" },
  ],
  options: ["control", "out", "force", "seed", ...judgingOptions],
  example: "penumbra compare old.ndjson new.ndjson --control old-again.ndjson",
  async run(values, [primary = "", candidate = ""]) {
    checkReportTargets(values);
    const directory = values.out ?? defaultRunDirectory(systemClock.now());
    const candidates = new Pairing(await readAll(candidate));
    const controls: Pairing[] = [];
    for (const path of values.control) controls.push(new Pairing(await readAll(path)));
    const recording = await openRecording(primary);
    await checkUniqueIds(recording);
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
    const interrupt = catchInterrupt();
    try {
      for await (const exchange of recording.exchanges()) {
        if (interrupt.signal.aborted) break;
        writer.append({ kind: "observation", observation: observe(exchange, candidates, controls) });
      }
    } finally {
      recording.close();
      await writer.finish({ ...meta, endedAt: new Date(systemClock.now()).toISOString(), interrupted: interrupt.signal.aborted });
      interrupt.release();
    }
    const interrupted = interrupt.exitCode();
    if (interrupted !== null) {
      await judgeAndTell(directory, values);
      note(`penumbra: interrupted; what was compared until now is kept in ${directory}`);
      return interrupted;
    }
    if (candidates.leftOver > 0) note(`${candidates.leftOver} exchanges of ${candidate} have no partner in ${primary}`);
    return judgeAndTell(directory, values);
  },
});

function observe(exchange: Exchange, candidates: Pairing, controls: readonly Pairing[]): Observation {
  const partner = candidates.partnerOf(exchange);
  const trials = controls.map((control): Trial => {
    const found = control.partnerOf(exchange);
    return found === null ? unpaired : { outcome: found.outcome };
  });
  if (partner === null) return { exchange, candidate: null, controls: trials, notComparable: "unpaired" };
  return { exchange, candidate: { outcome: partner.outcome }, controls: trials };
}

async function readAll(path: string): Promise<Exchange[]> {
  const recording = await openRecording(path);
  const exchanges: Exchange[] = [];
  try {
    await checkUniqueIds(recording);
    for await (const exchange of recording.exchanges()) exchanges.push(exchange);
  } finally {
    recording.close();
  }
  return exchanges;
}

async function checkUniqueIds(recording: Recording): Promise<void> {
  const seen = new Set<string>();
  for await (const { id } of recording.exchanges()) {
    if (seen.has(id)) {
      throw new PenumbraError(
        "DUPLICATE_IDS",
        `${recording.path} has two exchanges of the id ${JSON.stringify(id)}`,
        "ids have to be unique within a recording",
      );
    }
    seen.add(id);
  }
}
