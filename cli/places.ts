/** Where things go when the user does not say: run directories and the key file. */

import { homedir } from "node:os";
import { join } from "node:path";
import type { EpochMs } from "../model/units.ts";

/** `./penumbra-runs/2026-11-22T10-15-00.123Z` */
export function defaultRunDirectory(now: EpochMs): string {
  return join("penumbra-runs", new Date(now).toISOString().replaceAll(":", "-"));
}

/** In the state directory of the XDG base directory specification. */
export function defaultKeyFile(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"];
  return join(state === undefined || state === "" ? join(homedir(), ".local", "state") : state, "penumbra", "key");
}
