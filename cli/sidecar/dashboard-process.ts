/** Entry point of the dashboard's process, started by `penumbra proxy --ui`. It is told what to do on standard input, and ends with it:
 * a live process that is gone leaves no dashboard behind. Ctrl-C reaches the whole group: the live process says when to end. */

import { createInterface } from "node:readline";
import { systemClock } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { Dashboard } from "../dashboard/dashboard.ts";
import { messageOf } from "../dashboard/protocol.ts";
import { exitCode } from "../exit-codes.ts";
import { describeError, note } from "../terminal.ts";
import { becomeCompanion } from "./companion-process.ts";

const beatInterval: Milliseconds = milliseconds(1000);
let beatAfter: MonotonicMs = monotonicMs(0);

becomeCompanion();
process.stdout.on("error", () => {}); // nobody listens: then standard input has ended as well

/** Tells the live process that this one lives, once a second at most. */
function beat(): void {
  const now = systemClock.monotonic();
  if (now < beatAfter) return;
  beatAfter = monotonicMs(now + beatInterval);
  process.stdout.write("\n");
}

async function serve(): Promise<void> {
  let dashboard: Dashboard | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = messageOf(line);
    if (message.kind === "options") {
      dashboard = new Dashboard(message.options, beat);
      await dashboard.start();
    } else if (message.state.observer === "finished") {
      return await dashboard?.finish(message.state);
    } else {
      dashboard?.state(message.state);
    }
  }
}

try {
  await serve();
} catch (error) {
  note(describeError(error));
  process.exit(exitCode.internal);
}
process.exit(exitCode.pass);
