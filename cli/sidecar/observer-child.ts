/** The observer as a child of the live process: how it is started, and how it is told what to do (one environment
 * variable of JSON, written and read here). */

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bytes } from "../../model/units.ts";
import type { ObserverOptions } from "../../proxy/observer/observer.ts";

const observerOptionsVariable = "PENUMBRA_OBSERVER_OPTIONS";
const bytesPerMebibyte = 2 ** 20;
const entry = new URL("./observer-process.ts", import.meta.url);

/** Starts the observer with the hand-over pipe as file descriptor 3.
 * @param heap what its JavaScript heap may grow to. Copies, recording batches and mirrored answers have bounds of their own,
 * mostly outside of it; an observer that outgrows it dies, and the live path goes on without it. */
export function spawnObserver(options: ObserverOptions, heap: Bytes): ChildProcess {
  const heapMebibytes = Math.floor(heap / bytesPerMebibyte);
  return spawn(process.execPath, [`--max-old-space-size=${heapMebibytes}`, fileURLToPath(entry)], {
    env: { ...process.env, [observerOptionsVariable]: JSON.stringify(options) },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
}

/** What the observer process was told. Both ends are the same build, started by one another: the shape is not checked again. */
export function observerOptionsOf(environment: Readonly<Record<string, string | undefined>>): ObserverOptions {
  return JSON.parse(environment[observerOptionsVariable] ?? "") as ObserverOptions;
}
