/** Names of lanes that tell nothing of what they were made of: a keyed hash, as redaction's tokens are. */

import { hash } from "node:crypto";
import type { NameLane } from "./foreign.ts";

const digits = 16;

/** A quarter of the hash is told, so that nobody can go on from it to another text; createHmac takes ten times as long for each.
 * @param key who has it can test guesses; who has the names alone cannot */
export function laneNames(key: Uint8Array): NameLane {
  const prefix = hash("sha256", Buffer.concat([Buffer.from("lane\0"), key]), "hex");
  return (secret) => hash("sha256", `${prefix}${secret}`, "hex").slice(0, digits);
}
