/** Targets must be other servers than those that users reach: a candidate that is a primary would get every copy on top
 * of production's traffic, and one that is the sidecar itself would copy copies. Checked by address, before anything
 * listens: names are looked up as they will be when they are connected to, and this machine's own are known. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { type Clock, sleep } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { addressOf } from "../../target/address.ts";
import type { HostPort } from "../values.ts";

export interface Addresses {
  readonly listen: HostPort;
  readonly admin: HostPort | null;
  /** URLs, here and below. */
  readonly primary: string;
  /** Of the gateway's routes. */
  readonly otherPrimaries: readonly string[];
  readonly candidate: string | null;
  readonly controls: readonly string[];
  /** Writes are mirrored. */
  readonly writes: boolean;
}

/** What names mean from here, as far as two of them may mean one server. */
export interface KnownNames {
  /** Of this machine. */
  readonly own: readonly string[];
  /** Name in lower case → addresses; a name that is not there could not be looked up. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/** Port 0 means any free one: nobody can have named it as a target. */
const anyPort = 0;
const loopback = "loopback";
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
/** A name server that does not answer must not hold up the start: what is not known by then is compared as it is written. */
const lookupBound: Milliseconds = milliseconds(2000);

export async function knownNames({ primary, otherPrimaries, candidate, controls, listen }: Addresses, clock: Clock): Promise<KnownNames> {
  const own = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  const urls = [primary, ...otherPrimaries, ...controls, ...(candidate === null ? [] : [candidate])];
  const hosts = new Set([...urls.map((url) => hostPortOf(url).host), listen.host].map(plainName).filter((host) => isIP(host) === 0));
  const addresses = new Map<string, readonly string[]>();
  const asked = [...hosts].map(async (host) => {
    try {
      addresses.set(
        host,
        (await lookup(host, { all: true })).map(({ address }) => address),
      );
    } catch {
      // Unknown now; it may be known when it is connected to.
    }
  });
  await Promise.race([Promise.all(asked), sleep(clock, lookupBound)]);
  return { own: [hostname(), ...own], addresses };
}

/** @returns what the operator should know though it is allowed; null = nothing
 * @throws PenumbraError `TARGET_IS_PRIMARY`, `TARGET_IS_SIDECAR`, `PRIMARY_IS_SIDECAR`, `TARGETS_ARE_ONE` */
export function checkTargetAddresses(given: Addresses, known: KnownNames): string | null {
  const places = new Places(known);
  const ours = [given.listen, given.admin].filter((each) => each !== null && each.port !== anyPort) as readonly HostPort[];
  const isOurs = (address: HostPort): boolean => ours.some((mine) => places.isServedBy(address, mine));
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
    const same = primaries.find((primary) => places.isSame(address, hostPortOf(primary.url)));
    if (same !== undefined) {
      const what = same.url === given.primary ? "the primary" : `a primary (${same.flag} ${same.url})`;
      const hint = "start another copy of the service, on a port of its own, and name that";
      throw new PenumbraError("TARGET_IS_PRIMARY", `${flag} ${url} is ${what}`, hint);
    }
    if (isOurs(address))
      throw new PenumbraError("TARGET_IS_SIDECAR", `${flag} ${url} is the sidecar's own address`, "name the build itself");
  }
  return sameTargets(targets, given.writes, places);
}

interface NamedTarget {
  readonly flag: string;
  readonly url: string;
}

/** One server as candidate and control is a dry run: everything works, and no difference can show. */
function sameTargets(targets: readonly NamedTarget[], writes: boolean, places: Places): string | null {
  for (const [index, one] of targets.entries()) {
    const other = targets.slice(index + 1).find(({ url }) => places.isSame(hostPortOf(one.url), hostPortOf(url)));
    if (other === undefined) continue;
    const both = `${one.flag} ${one.url} and ${other.flag} ${other.url} are one server`;
    if (!writes) return `${both}: a dry run, in which ${one.flag === "--candidate" ? "no change of the candidate" : "no noise"} can show`;
    const hint = "give each a server and a state of its own";
    throw new PenumbraError("TARGETS_ARE_ONE", `${both}: with --mirror-writes every write would happen twice there`, hint);
  }
  return null;
}

function hostPortOf(url: string): HostPort {
  return addressOf(new URL(url));
}

function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Where connections to a host end up. */
class Places {
  readonly #known: KnownNames;
  readonly #own: ReadonlySet<string>;

  constructor(known: KnownNames) {
    this.#known = known;
    this.#own = new Set(known.own.map(plainName));
  }

  /** Whether both may be one server. A server usually listens at all addresses of its machine, so that any two of this one's are
   * taken for the same; another address of 127.0.0.0/8 is given to a server on purpose. */
  isSame(left: HostPort, right: HostPort): boolean {
    if (left.port !== right.port) return false;
    const places = this.#of(left.host).map((place) => this.#machineOf(place));
    return this.#of(right.host).some((place) => places.includes(this.#machineOf(place)));
  }

  /** Whether a connection to the address reaches what listens there: the sidecar listens where it was told and nowhere else. */
  isServedBy(address: HostPort, listening: HostPort): boolean {
    if (address.port !== listening.port) return false;
    const places = this.#of(address.host);
    if (everywhere.has(listening.host)) {
      return places.some((place) => place.startsWith("127.") || this.#machineOf(place) === loopback);
    }
    return this.#of(listening.host).some((place) => places.includes(place));
  }

  /** The host as it is written and, for a name, the addresses it has. */
  #of(host: string): string[] {
    const plain = plainName(host);
    return [plain, ...(this.#known.addresses.get(plain) ?? [])].map(spelling);
  }

  #machineOf(place: string): string {
    return this.#own.has(place) ? loopback : place;
  }
}

/** One spelling for all that mean the same address. Connecting to "every address" reaches this machine. */
function spelling(address: string): string {
  const plain = plainName(address);
  const mapped = mappedIpv4(plain);
  if (mapped !== null) return spelling(mapped);
  const isHere = plain === "localhost" || plain.endsWith(".localhost") || plain === "127.0.0.1" || plain === "::1";
  return isHere || everywhere.has(plain) ? loopback : plain;
}

/** IPv4 in IPv6's clothes, as URL writes it: `::ffff:7f00:1`. */
function mappedIpv4(host: string): string | null {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(host)?.[1];
  if (plain !== undefined) return plain;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return null;
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join(".");
}
