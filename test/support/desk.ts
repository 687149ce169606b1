/** The environment of somebody's desk, wherever these tests run: what CI systems set is taken back. */

import { ciVariables } from "../../cli/reviewing.ts";

export const onADesk: Readonly<Record<string, string>> = Object.fromEntries(ciVariables.map((name) => [name, ""]));
