/** penumbra assumptions: what test or staging traffic takes for granted and production violates. */

import { assumptionsOf } from "../../diff/assumptions/beliefs.ts";
import { Traffic, Vocabulary } from "../../diff/assumptions/traffic.ts";
import type { Exchange } from "../../model/exchange.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import { assumptionsText } from "../../report/assumptions.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { catchInterrupt } from "../interrupt.ts";
import { readThrough } from "../reading.ts";
import { note, ProgressLine, print } from "../terminal.ts";

export const assumptionsCommand = command({
  name: "assumptions",
  about: "Compare test or staging traffic with production's: what the tests take for granted and production violates.",
  positional: [
    { form: "<staging>", about: "a recording of test or staging traffic" },
    { form: "<production>", about: "a recording of production traffic" },
  ],
  options: ["endpoints", "json"],
  example: "penumbra assumptions staging production",
  async run(given, [stagingPath = "", productionPath = ""]) {
    const staging = await openRecording(stagingPath);
    const production = await openRecording(productionPath);
    const interrupt = catchInterrupt();
    const progress = new ProgressLine();
    try {
      const read = (recording: Recording): AsyncGenerator<Exchange> => readThrough(recording, progress, interrupt.signal);
      const vocabulary = new Vocabulary(given.endpoints ?? []);
      for (const each of [staging, production]) for await (const exchange of read(each)) vocabulary.learnName(exchange);
      for (const each of [staging, production]) for await (const exchange of read(each)) vocabulary.learnMaps(exchange);
      const staged = new Traffic(vocabulary, null);
      for await (const exchange of read(staging)) staged.add(exchange);
      const produced = new Traffic(vocabulary, staged);
      for await (const exchange of read(production)) produced.add(exchange);
      progress.clear();
      const interrupted = interrupt.exitCode();
      if (interrupted !== null) {
        note("penumbra: interrupted before the end");
        return interrupted;
      }
      const found = assumptionsOf(staged, produced);
      print(given.json ? JSON.stringify(found) : assumptionsText(stagingPath, productionPath, found));
      return exitCode.pass;
    } finally {
      progress.clear();
      interrupt.release();
      staging.close();
      production.close();
    }
  },
});
