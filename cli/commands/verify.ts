/** penumbra verify: opens a recording, recounts its bodies and its ledger. */

import { verifyRecording } from "../../recording/verify.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { print } from "../terminal.ts";

export const verifyCommand = command({
  name: "verify",
  about: "Check a recording: it opens, bodies match their hashes, and the counters add up.",
  positional: [{ form: "<recording>", about: "a recording" }],
  options: ["json"],
  example: "penumbra verify recording",
  async run(values, [path = ""]) {
    const verified = await verifyRecording(path);
    if (values.json) print(JSON.stringify(verified));
    else {
      print(`${path}: ${verified.exchanges} exchanges in ${verified.segments} segments, ${verified.bodies} bodies checked`);
      for (const problem of verified.problems) print(`problem: ${problem}`);
      print(verified.problems.length === 0 ? "all is well" : `${verified.problems.length} problems`);
    }
    return verified.problems.length === 0 ? exitCode.pass : exitCode.fail;
  },
});
