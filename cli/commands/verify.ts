/** penumbra verify: opens a recording, recounts its bodies and its ledger, and warns of what looks like a secret. */

import type { LedgerCheck } from "../../recording/ledger-check.ts";
import { type Verification, verifyRecording } from "../../recording/verify.ts";
import { visible } from "../../report/visible.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { removedText } from "../removed-text.ts";
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
      for (const ledger of verified.ledgers) if (ledger.problems.length === 0) print(visible(ledgerText(ledger)));
      if (verified.removed !== null) print(removedText(verified.removed));
      for (const problem of verified.problems) print(visible(`problem: ${problem}`));
      for (const unknown of verified.unknowns) print(visible(`not known: ${unknown}`));
      for (const { kind, place, count, exchange } of verified.suspects.slice(0, mostWarnings))
        print(visible(`warning: ${count} × what looks like ${articleOf(kind)} ${kind} in the ${place}, first in exchange ${exchange}`));
      if (verified.suspects.length > mostWarnings)
        print(`warning: … at ${verified.suspects.length - mostWarnings} more places (--json lists all)`);
      print(conclusion(verified));
    }
    if (verified.problems.length > 0) return exitCode.fail;
    return verified.unknowns.length > 0 ? exitCode.inconclusive : exitCode.pass;
  },
});

function ledgerText({ epoch, sampled, recorded, underWay, drops }: LedgerCheck): string {
  const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
  const reasons = Object.entries(drops).map(([reason, count]) => `${reason} ${count}`);
  return [
    `ledger ${epoch}: ${recorded} recorded`,
    `${dropped} dropped${dropped === 0 ? "" : ` (${reasons.join(", ")})`}`,
    ...(underWay === 0 ? [] : [`${underWay} under way`]),
  ]
    .join(" + ")
    .concat(` = ${sampled} sampled`);
}

function conclusion({ problems, unknowns, isBeingWritten }: Verification): string {
  if (problems.length > 0) return problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  if (unknowns.length > 0) return "what is here is well; what may be missing is not all known";
  return isBeingWritten ? "all is well so far; it is being written" : "all is well";
}

function articleOf(word: string): string {
  return /^[aeiou]/i.test(word) ? "an" : "a";
}
