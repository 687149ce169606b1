/** What the processes beside the live one have in common: production comes first, and the live process says when to end. */

import { constants, setPriority } from "node:os";
import { exitCode } from "../exit-codes.ts";
import { describeError, note } from "../terminal.ts";

/** Lowers the priority of this process, and leaves signals to the live process: Ctrl-C reaches the whole group. */
export function becomeCompanion(): void {
  process.stderr.on("error", () => {}); // see main.ts
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  process.on("uncaughtException", (error) => {
    note(describeError(error));
    process.exit(exitCode.internal);
  });
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A container may forbid it; this process then runs at the priority it has.
  }
}
