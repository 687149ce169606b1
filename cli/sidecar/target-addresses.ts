/** Targets must be other servers than those that users reach: a candidate that is a primary would get every copy on top
 * of production's traffic, and one that is the sidecar itself would copy copies. Checked by address, before anything
 * listens. */

import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { sameTargets } from "../same-targets.ts";
import { hostPortOf, type KnownNames, namesKnownHere, ServerIdentity } from "../server-identity.ts";
import type { HostPort } from "../values.ts";

export interface Addresses {
  readonly listen: HostPort;
  readonly admin: HostPort | null;
  /** Of the dashboard. */
  readonly ui: HostPort | null;
  /** URLs, here and below. */
  readonly primary: string;
  /** Of the gateway's routes. */
  readonly otherPrimaries: readonly string[];
  readonly candidate: string | null;
  readonly controls: readonly string[];
  /** Writes are mirrored. */
  readonly writes: boolean;
}

/** Port 0 means any free one: nobody can have named it as a target. */
const anyPort = 0;

export function knownNames({ primary, otherPrimaries, candidate, controls, listen }: Addresses, clock: Clock): Promise<KnownNames> {
  const urls = [primary, ...otherPrimaries, ...controls, ...(candidate === null ? [] : [candidate])];
  return namesKnownHere([...urls.map((url) => hostPortOf(url).host), listen.host], clock);
}

/** @returns what the operator should know though it is allowed; null = nothing
 * @throws PenumbraError `TARGET_IS_PRIMARY`, `TARGET_IS_SIDECAR`, `PRIMARY_IS_SIDECAR`, `TARGETS_ARE_ONE` */
export function checkTargetAddresses(given: Addresses, known: KnownNames): string | null {
  const servers = new ServerIdentity(known);
  const ours = [given.listen, given.admin, given.ui].filter((each) => each !== null && each.port !== anyPort) as readonly HostPort[];
  const isOurs = (address: HostPort): boolean => ours.some((mine) => servers.isServedBy(address, mine));
  const primaries = [{ flag: "--primary", url: given.primary }, ...given.otherPrimaries.map((url) => ({ flag: "--route to", url }))];
  for (const { flag, url } of primaries) {
    if (!isOurs(hostPortOf(url))) continue;
    const hint = "name the production build, or listen elsewhere";
    throw new PenumbraError("PRIMARY_IS_SIDECAR", `${flag} ${url} is the sidecar's own address`, hint);
  }
  const targets = [
    ...(given.candidate === null ? [] : [{ flag: "--candidate", url: given.candidate }]),
    ...given.controls.map((url) => ({ flag: "--control", url })),
  ];
  for (const { flag, url } of targets) {
    const address = hostPortOf(url);
    const same = primaries.find((primary) => servers.isSame(address, hostPortOf(primary.url)));
    if (same !== undefined) {
      const what = same.url === given.primary ? "the primary" : `a primary (${same.flag} ${same.url})`;
      const hint = "start another copy of the service, on a port of its own, and name that";
      throw new PenumbraError("TARGET_IS_PRIMARY", `${flag} ${url} is ${what}`, hint);
    }
    if (isOurs(address))
      throw new PenumbraError("TARGET_IS_SIDECAR", `${flag} ${url} is the sidecar's own address`, "name the build itself");
  }
  return sameTargets(targets, given.writes ? "--mirror-writes" : null, servers);
}
