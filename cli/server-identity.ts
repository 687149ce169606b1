/** Whether two addresses are one server: names are looked up as they will be when they are connected to, and this machine's
 * own are known. What only a balancer or another network knows to be one is not seen through. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../model/clock.ts";
import { type Milliseconds, milliseconds } from "../model/units.ts";
import { addressOf } from "../target/address.ts";
import type { HostPort } from "./values.ts";

/** What names mean from here, as far as two of them may mean one server. */
export interface KnownNames {
  /** Of this machine. */
  readonly own: readonly string[];
  /** Name in lower case → addresses; a name that is not there could not be looked up. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

const loopback = "loopback";
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
/** A name server that does not answer must not hold up the start: what is not known by then is compared as it is written. */
const lookupBound: Milliseconds = milliseconds(2000);

/** Looks up the names among the hosts. */
export async function namesKnownHere(hosts: readonly string[], clock: Clock): Promise<KnownNames> {
  const own = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  const names = new Set(hosts.map(plainName).filter((host) => isIP(host) === 0));
  const addresses = new Map<string, readonly string[]>();
  const asked = [...names].map(async (host) => {
    try {
      addresses.set(
        host,
        (await lookup(host, { all: true })).map(({ address }) => address),
      );
    } catch {
      // Unknown now; it may be known when it is connected to.
    }
  });
  await withinBound(Promise.all(asked), clock);
  return { own: [hostname(), ...own], addresses };
}

/** Waits for the work no longer than the bound; leaves no timer behind that would hold up the end of the process. */
async function withinBound(work: Promise<unknown>, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(lookupBound, resolve);
  await Promise.race([work, promise]);
  cancel();
}

export function hostPortOf(url: string): HostPort {
  return addressOf(new URL(url));
}

function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Where connections to a host end up, as far as names and addresses tell. */
export class ServerIdentity {
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

  /** Whether the host is the machine on which this runs. */
  isThisMachine(host: string): boolean {
    return this.#of(host).some((place) => place.startsWith("127.") || this.#machineOf(place) === loopback);
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
