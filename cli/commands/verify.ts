/** penumbra verify: opens a recording, recounts its bodies and its ledger, and warns of what looks like a secret. */

import { verifyRecording } from "../../recording/verify.ts";
import { visible } from "../../report/visible.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { print } from "../terminal.ts";

/** Warnings in words; what comes after is rarer. */
const mostWarnings = 20;

export const verifyCommand = command({
  name: "verify",
  about: "Check a recording: it opens, bodies match their hashes, the counters add up, and nothing looks like a secret.",
  positional: [{ form: "<recording>", about: "a recording" }],
  options: ["json"],
  example: "penumbra verify recording",
  async run(values, [path = ""]) {
    const verified = await verifyRecording(path);
    if (values.json) print(JSON.stringify(verified));
    else {
      print(`${path}: ${verified.exchanges} exchanges in ${verified.segments} segments, ${verified.bodies} bodies checked`);
      for (const problem of verified.problems) print(`problem: ${problem}`);
      for (const { kind, place, count, exchange } of verified.suspects.slice(0, mostWarnings))
        print(visible(`warning: ${count} × what looks like ${articleOf(kind)} ${kind} in the ${place}, first in exchange ${exchange}`));
      if (verified.suspects.length > mostWarnings)
        print(`warning: … at ${verified.suspects.length - mostWarnings} more places (--json lists all)`);
      print(verified.problems.length === 0 ? "all is well" : `${verified.problems.length} problems`);
    }
    return verified.problems.length === 0 ? exitCode.pass : exitCode.fail;
  },
});

function articleOf(word: string): string {
  return /^[aeiou]/i.test(word) ? "an" : "a";
}
