/** Where things go: run directories and the key file when the user does not say, and that none of them lies in another. */

import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import type { EpochMs } from "../model/units.ts";
import { missingDirectories } from "../recording/directories.ts";

/** `./penumbra-runs/2026-11-22T10-15-00.123Z` */
export function defaultRunDirectory(now: EpochMs): string {
  return join("penumbra-runs", new Date(now).toISOString().replaceAll(":", "-"));
}

/** In the state directory of the XDG base directory specification. */
export function defaultKeyFile(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"];
  return join(state === undefined || state === "" ? join(homedir(), ".local", "state") : state, "penumbra", "key");
}

/** A path and what the user calls it, e.g. `--record`. */
export interface NamedPlace {
  readonly name: string;
  readonly path: string;
}

/** Recordings and runs take no other files in, and a key beside what it protects protects nothing.
 * @throws PenumbraError `SAME_PLACE`, `PLACE_INSIDE` */
export function checkPlaces(directories: readonly NamedPlace[], keyFile: NamedPlace): void {
  for (const outer of directories) {
    for (const inner of directories) {
      if (inner === outer) continue;
      if (realPath(inner.path) === realPath(outer.path)) {
        throw new PenumbraError("SAME_PLACE", `${outer.name} and ${inner.name} are both ${inner.path}`, "give each a directory of its own");
      }
      if (isInside(inner.path, outer.path)) throw inside(inner, outer, "give each a directory of its own");
    }
    if (isInside(keyFile.path, outer.path)) throw inside(keyFile, outer, "keep the key apart: who has both can test guesses of secrets");
  }
}

function inside(inner: NamedPlace, outer: NamedPlace, hint: string): PenumbraError {
  return new PenumbraError("PLACE_INSIDE", `${inner.name} ${inner.path} lies in ${outer.name} ${outer.path}`, hint);
}

function isInside(inner: string, outer: string): boolean {
  const way = relative(realPath(outer), realPath(inner));
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Without symbolic links, as far as the path is there. */
function realPath(path: string): string {
  const whole = resolve(path);
  const [outermost = join(whole, "none")] = missingDirectories(whole);
  const there = dirname(outermost);
  try {
    return join(realpathSync(there), relative(there, whole));
  } catch {
    return whole; // it went in this moment
  }
}
