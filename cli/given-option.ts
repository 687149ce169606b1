/** Whether somebody said something about an option, by flag, environment or configuration file. */

import { isDeepStrictEqual } from "node:util";
import { type OptionName, type OptionSpec, options } from "./options.ts";

/** Whether its value differs from what holds when nothing is given. */
export function isGiven(name: OptionName, value: unknown): boolean {
  const spec: OptionSpec<unknown> = options[name];
  return !isDeepStrictEqual(value, spec.read([], name));
}
