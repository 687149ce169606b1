/** Entry point of the observer process, started by `penumbra proxy` with the pipe as file descriptor 3.
 * Ctrl-C reaches the whole group: this process leaves it to the live process, whose pipe ends when it is done. */

import { Socket } from "node:net";
import { runObserver } from "../../proxy/observer/observer.ts";
import type { LogFields } from "../../proxy/observer/observer-log.ts";
import { exitCode } from "../exit-codes.ts";
import { becomeCompanion } from "./companion-process.ts";
import { openLog } from "./log.ts";
import { logFormOf, observerOptionsOf } from "./observer-child.ts";

const handoverDescriptor = 3;

const sidecarLog = openLog(logFormOf(process.env), "observer");

function log(level: "info" | "warn"): (event: string, fields: LogFields) => void {
  return (event, fields) =>
    sidecarLog.event(level, event, fields, level === "warn" ? `penumbra: ${event} ${JSON.stringify(fields)}` : null);
}

becomeCompanion();
// Half open: when the live process has said its last, the final dispositions still go back to it.
const pipe = new Socket({ fd: handoverDescriptor, readable: true, writable: true, allowHalfOpen: true });
await runObserver(observerOptionsOf(process.env), pipe, { info: log("info"), warn: log("warn") });
process.exit(exitCode.pass);
