/** Names of lanes that tell nothing of what they were made of: a keyed hash, as redaction's tokens are. */

import { createHmac } from "node:crypto";
import type { NameLane } from "./foreign.ts";

const digits = 16;

/** @param key who has it can test guesses; who has the names alone cannot */
export function laneNames(key: Uint8Array): NameLane {
  return (secret) => createHmac("sha256", key).update("lane\0").update(secret).digest("hex").slice(0, digits);
}
