/** What the sidecar's two processes say: lines for people, or with `--log json` one JSON object a line.
 *
 *    events, notes ──text──► standard error
 *                  └─json──► pino ──► standard error
 *
 * Fields are numbers, names and reasons; never bodies, never credentials. */

import { type Logger, pino, stdTimeFunctions } from "pino";
import type { LogFields } from "../../proxy/observer/observer-log.ts";
import { note, sendNotesTo } from "../terminal.ts";

export type LogForm = "text" | "json";
type Level = "info" | "warn";

export interface SidecarLog {
  /** @param text the line for people; null = nothing that they need */
  event(level: Level, name: string, fields: LogFields, text: string | null): void;
}

/** From now on everything that this process notes takes that form. */
export function openLog(form: LogForm, of: "live" | "observer"): SidecarLog {
  if (form === "text") {
    return {
      event: (_level, _name, _fields, text) => {
        if (text !== null) note(text);
      },
    };
  }
  const logger: Logger = pino(
    { base: { process: of, pid: process.pid }, timestamp: stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    // Through the stream whose errors are caught: a log that is closed or full must not end a sidecar.
    { write: (line) => process.stderr.write(line) },
  );
  sendNotesTo((text) => logger.info({ event: "note" }, text.replace(/^penumbra: /, "")));
  return { event: (level, name, fields) => logger[level]({ event: name, ...fields }) };
}
