/** SIGHUP: reads the configuration file and the certificates again, and takes over all of it or nothing.
 *
 *    read ──► check ──► certificate ──► sampling ──► in force
 *      └────────┴────────────┴──► one line that says what is wrong; what was in force stays */

import { isDeepStrictEqual } from "node:util";
import { PenumbraError } from "../../model/errors.ts";
import { ratio } from "../../model/units.ts";
import type { Sidecar } from "../../proxy/live/sidecar.ts";
import { checkJudging, type JudgingValues } from "../judging.ts";
import type { OptionName, OptionValues } from "../options.ts";
import { judgingOptions } from "../options.ts";
import type { ConfiguredRules } from "../resolve.ts";
import { describeError, note } from "../terminal.ts";
import { tlsIdentity } from "./tls.ts";

/** What can change while the sidecar runs. The judging options and the drain's bound are only looked at in the end. */
const changeable: ReadonlySet<OptionName | "rules" | "sampling"> = new Set<OptionName | "rules" | "sampling">([
  ...(["sample", "tls-cert", "tls-key", "drain-timeout"] as const),
  ...judgingOptions,
  "rules",
  "sampling",
]);

/** @returns the options that are in force now: the new ones, or the old ones when anything about the new ones is wrong */
export function reload<Values extends OptionValues<"sample" | "tls-cert" | "tls-key"> & JudgingValues & Pick<ConfiguredRules, "sampling">>(
  sidecar: Sidecar,
  inForce: Values,
  reread: () => Values,
): Values {
  try {
    const wanted = reread();
    const fixed = fixedChange(inForce, wanted);
    if (fixed !== null)
      throw new PenumbraError("NEEDS_RESTART", `${fixed} cannot change while the sidecar runs`, "restart it, or change it back");
    checkJudging(wanted);
    const tls = tlsIdentity(wanted);
    if (tls !== null) sidecar.renewCertificate(tls);
    // Only a rate that was changed: a renewed certificate must not undo what an operator has set over the admin port.
    if (wanted.sample !== inForce.sample) sidecar.setSampling({ ...sidecar.sampling(), rate: ratio(wanted.sample) });
    if (!isDeepStrictEqual(wanted.sampling, inForce.sampling)) sidecar.setSamplingRules(wanted.sampling);
    note("penumbra: reloaded");
    return wanted;
  } catch (error) {
    if (!(error instanceof PenumbraError)) throw error;
    note(`${describeError(error)} (not reloaded: what was in force stays)`);
    return inForce;
  }
}

/** The first option that differs and may not, or null. TLS may change its files, not come or go. */
function fixedChange(before: OptionValues<"tls-cert">, after: OptionValues<"tls-cert">): string | null {
  const values = new Map<string, unknown>(Object.entries(after));
  for (const [name, value] of Object.entries(before)) {
    if (!changeable.has(name as OptionName) && !isDeepStrictEqual(value, values.get(name))) return `--${name}`;
  }
  return (before["tls-cert"] === null) === (after["tls-cert"] === null) ? null : "--tls-cert";
}
