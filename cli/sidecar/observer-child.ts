/** The observer as a child of the live process: how it is started, and how it is told what to do (one environment
 * variable of packed JSON, written and read here). */

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Bytes } from "../../model/units.ts";
import type { ObserverOptions } from "../../proxy/observer/observer.ts";
import type { LogForm } from "./log.ts";

const observerOptionsVariable = "PENUMBRA_OBSERVER_OPTIONS";
const logVariable = "PENUMBRA_LOG";
/** What one variable may hold: the system bounds it at 128 KiB, its name and end included. */
const mostCharacters = 127 * 1024;
/** Users wait while the live process packs: this takes a few milliseconds a megabyte, the default takes seconds. */
const packing = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const bytesPerMebibyte = 2 ** 20;
const entry = new URL("./observer-process.ts", import.meta.url);

/** Starts the observer with the hand-over pipe as file descriptor 3.
 * @param heap what its JavaScript heap may grow to. Copies, recording batches and mirrored answers have bounds of their own,
 * mostly outside of it; an observer that outgrows it dies, and the live path goes on without it. */
export function spawnObserver(options: ObserverOptions, { heap, log }: { readonly heap: Bytes; readonly log: LogForm }): ChildProcess {
  const heapMebibytes = Math.floor(heap / bytesPerMebibyte);
  return spawn(process.execPath, [`--max-old-space-size=${heapMebibytes}`, fileURLToPath(entry)], {
    env: { ...process.env, [observerOptionsVariable]: packed(options), [logVariable]: log },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
}

/** The form of the observer's log. */
export function logFormOf(environment: Readonly<Record<string, string | undefined>>): LogForm {
  return environment[logVariable] === "json" ? "json" : "text";
}

/** Endpoints of a large document would not fit as they are. */
function packed(options: ObserverOptions): string {
  return brotliCompressSync(JSON.stringify(options), packing).toString("base64");
}

/** Whether an observer can be told all of this. */
export function fitsObserver(options: ObserverOptions): boolean {
  return packed(options).length <= mostCharacters;
}

/** What the observer process was told. Both ends are the same build, started by one another: the shape is not checked again. */
export function observerOptionsOf(environment: Readonly<Record<string, string | undefined>>): ObserverOptions {
  const packedOptions = Buffer.from(environment[observerOptionsVariable] ?? "", "base64");
  return JSON.parse(brotliDecompressSync(packedOptions).toString()) as ObserverOptions;
}
