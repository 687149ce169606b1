/** Bounds the room that V8 gives to young objects in the live process. By default it doubles up to 128 MB while connections
 * come fast, and stays: more than ten thousand connections hold themselves. What a request needs is dead after a moment, so that
 * little room is as good. The flag is read whenever V8 thinks of growing, so that it can be set while the process runs. */

import { setFlagsFromString } from "node:v8";

export function boundYoungObjects(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
