/** One server as candidate and control: no difference can show, and every write would happen twice. */

import type { Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import { hostPortOf, namesKnownHere, ServerIdentity } from "./server-identity.ts";

export interface NamedTarget {
  /** `--candidate` or `--control`. */
  readonly flag: string;
  readonly url: string;
}

/** Of a replay that sends writes. @throws PenumbraError `TARGETS_ARE_ONE` */
export async function refuseSameTargets(candidate: string, controls: readonly string[], clock: Clock): Promise<void> {
  const targets = [{ flag: "--candidate", url: candidate }, ...controls.map((url) => ({ flag: "--control", url }))];
  const known = await namesKnownHere(
    targets.map(({ url }) => hostPortOf(url).host),
    clock,
  );
  sameTargets(targets, "--writes", new ServerIdentity(known));
}

/** @param writes the option by which writes are sent; null = they are not
 * @returns what the operator should know though it is allowed; null = nothing
 * @throws PenumbraError `TARGETS_ARE_ONE` */
export function sameTargets(targets: readonly NamedTarget[], writes: string | null, servers: ServerIdentity): string | null {
  for (const [index, one] of targets.entries()) {
    const other = targets.slice(index + 1).find(({ url }) => servers.isSame(hostPortOf(one.url), hostPortOf(url)));
    if (other === undefined) continue;
    const both = `${one.flag} ${one.url} and ${other.flag} ${other.url} are one server`;
    if (writes === null)
      return `${both}: a dry run, in which ${one.flag === "--candidate" ? "no change of the candidate" : "no noise"} can show`;
    const hint = "give each a server and a state of its own";
    throw new PenumbraError("TARGETS_ARE_ONE", `${both}: with ${writes} every write would happen twice there`, hint);
  }
  return null;
}
