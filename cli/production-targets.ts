/** A replay must not reach the service that was recorded: users would pay for it with load, and with --writes with their data.
 *
 *    addresses of the primary that the recorder wrote down ─┐
 *                                                           ├─ same server as a target? ─ yes, and not named twice ─► refused
 *    Host fields of the first recorded requests ────────────┘
 *
 * Host fields that name the machine itself say nothing: a service under test is called the same wherever it runs. */

import type { Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import { headerValue } from "../model/exchange.ts";
import type { Recording } from "../recording/open.ts";
import { hostPortOf, type KnownNames, namesKnownHere, ServerIdentity } from "./server-identity.ts";
import type { HostPort } from "./values.ts";

export interface ReplayTargets {
  readonly recordings: readonly Pick<Recording, "meta" | "exchanges">[];
  /** Origins, here and below. */
  readonly candidate: string;
  readonly controls: readonly string[];
  /** Named a second time: they may be production. */
  readonly allowed: readonly string[];
}

/** One way to production, and how the complaint calls it. */
export interface ProductionAddress extends HostPort {
  readonly what: string;
  /** From a Host field: where it names this machine, it may be any service on it. */
  readonly isHostField: boolean;
}

/** A service has few names; more exchanges would only be read for nothing. */
const exchangesLookedAt = 100;
/** A Host without a port does not say which of them it was. */
const defaultPorts = [80, 443] as const;

/** Before anything is made or sent.
 * @throws PenumbraError `TARGET_IS_PRODUCTION`, `NO_SUCH_TARGET` */
export async function checkProductionTargets(targets: ReplayTargets, clock: Clock): Promise<void> {
  const production = await productionOf(targets.recordings);
  const urls = [targets.candidate, ...targets.controls].map(hostPortOf);
  // Names are looked up only where the answer could matter: most recordings are replayed to other ports.
  const inQuestion = production.filter(({ port }) => urls.some((url) => url.port === port));
  const hosts = inQuestion.length === 0 ? [] : [...inQuestion, ...urls].map(({ host }) => host);
  refuseProduction(targets, inQuestion, await namesKnownHere(hosts, clock));
}

/** @throws PenumbraError `TARGET_IS_PRODUCTION`, `NO_SUCH_TARGET` */
export function refuseProduction(
  { candidate, controls, allowed }: Omit<ReplayTargets, "recordings">,
  production: readonly ProductionAddress[],
  known: KnownNames,
): void {
  const servers = new ServerIdentity(known);
  const targets = [{ flag: "--candidate", url: candidate }, ...controls.map((url) => ({ flag: "--control", url }))];
  for (const url of allowed) {
    if (targets.some((target) => target.url === url)) continue;
    throw new PenumbraError(
      "NO_SUCH_TARGET",
      `--production-target ${url} is none of the targets`,
      "write it exactly like the --candidate or --control that is meant, or leave it out",
    );
  }
  for (const { flag, url } of targets) {
    if (allowed.includes(url)) continue;
    const address = hostPortOf(url);
    const same = production.find((one) => servers.isSame(address, one) && !(one.isHostField && servers.isThisMachine(one.host)));
    if (same === undefined) continue;
    const hint = `name a copy of the service; if production itself is meant, name it twice: add --production-target ${url}`;
    throw new PenumbraError("TARGET_IS_PRODUCTION", `${flag} ${url} is the production host of the recording (${same.what})`, hint);
  }
}

async function productionOf(recordings: ReplayTargets["recordings"]): Promise<readonly ProductionAddress[]> {
  const primaries = recordings.flatMap(({ meta }) => meta.primaries).filter((url) => URL.canParse(url));
  const hosts = new Set<string>();
  for (const recording of recordings) {
    let seen = 0;
    for await (const { request } of recording.exchanges()) {
      const host = headerValue(request.headers, "host");
      if (host !== undefined) hosts.add(host.toLowerCase());
      if (++seen === exchangesLookedAt) break;
    }
  }
  return [
    ...primaries.map((url) => ({ ...hostPortOf(url), what: `recorded in front of ${url}`, isHostField: false })),
    ...[...hosts].flatMap(addressesOfHost),
  ];
}

/** What a Host field (RFC 9110 §7.2) may stand for; what is none stands for nothing. */
function addressesOfHost(field: string): readonly ProductionAddress[] {
  const [, host = "", port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(field) ?? [];
  if (!URL.canParse(`http://${host}`)) return [];
  const ports = port === undefined ? defaultPorts : [Number(port)];
  return ports.map((each) => ({
    host: host.replace(/^\[|\]$/g, ""),
    port: each,
    what: `its requests have Host: ${field}`,
    isHostField: true,
  }));
}
