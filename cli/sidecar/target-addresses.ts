/** Targets must be other servers than those that users reach: a candidate that is the primary would get every copy on top
 * of production's traffic, and one that is the sidecar itself would copy copies. Checked by address, before anything
 * listens. No name server is asked: names are compared as they are written, and this machine's own are known. */

import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { PenumbraError } from "../../model/errors.ts";
import { addressOf } from "../../target/address.ts";
import type { HostPort } from "../values.ts";

export interface Addresses {
  readonly listen: HostPort;
  readonly admin: HostPort | null;
  /** URLs. */
  readonly primary: string;
  readonly candidate: string | null;
  readonly controls: readonly string[];
  /** Writes are mirrored. */
  readonly writes: boolean;
}

/** What this machine is called, as far as two names may mean one server. */
export interface OwnNames {
  readonly hostname: string;
  readonly addresses: readonly string[];
}

/** Port 0 means any free one: nobody can have named it as a target. */
const anyPort = 0;
const loopback = "loopback";
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export function ownNames(): OwnNames {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  return { hostname: hostname(), addresses };
}

/** @returns what the operator should know though it is allowed; null = nothing
 * @throws PenumbraError `TARGET_IS_PRIMARY`, `TARGET_IS_SIDECAR`, `PRIMARY_IS_SIDECAR`, `TARGETS_ARE_ONE` */
export function checkTargetAddresses(given: Addresses, own: OwnNames): string | null {
  const primary = hostPortOf(given.primary);
  const ours = [given.listen, given.admin].filter((each) => each !== null);
  if (ours.some((mine) => isServedBy(primary, mine, own))) {
    throw new PenumbraError(
      "PRIMARY_IS_SIDECAR",
      `--primary ${given.primary} is the sidecar's own address`,
      "name the production build, or listen elsewhere",
    );
  }
  const targets = [
    ...(given.candidate === null ? [] : [{ flag: "--candidate", url: given.candidate }]),
    ...given.controls.map((url) => ({ flag: "--control", url })),
  ];
  for (const { flag, url } of targets) {
    const address = hostPortOf(url);
    if (isSame(address, primary)) {
      throw new PenumbraError("TARGET_IS_PRIMARY", `${flag} ${url} is the primary`, "start another copy of the service and name that");
    }
    if (ours.some((mine) => isServedBy(address, mine, own))) {
      throw new PenumbraError("TARGET_IS_SIDECAR", `${flag} ${url} is the sidecar's own address`, "name the build itself");
    }
  }
  return sameTargets(given);
}

/** One server as candidate and control is a dry run: everything works, and no difference can show. */
function sameTargets({ candidate, controls, writes }: Addresses): string | null {
  if (candidate === null) return null;
  const same = controls.find((control) => isSame(hostPortOf(candidate), hostPortOf(control)));
  if (same === undefined) return null;
  if (writes) {
    throw new PenumbraError(
      "TARGETS_ARE_ONE",
      `--candidate and --control are both ${same}: with --mirror-writes every write would happen twice there`,
      "give each a server and a state of its own",
    );
  }
  return `--candidate and --control are both ${same}: a dry run, in which no change of the candidate can show`;
}

function hostPortOf(url: string): HostPort {
  return addressOf(new URL(url));
}

function isSame(left: HostPort, right: HostPort): boolean {
  return left.port === right.port && meaningOf(left.host) === meaningOf(right.host);
}

/** Whether a connection to the address reaches what listens there. */
function isServedBy(address: HostPort, listening: HostPort, own: OwnNames): boolean {
  if (listening.port === anyPort || address.port !== listening.port) return false;
  const host = meaningOf(address.host);
  if (!everywhere.has(listening.host)) return host === meaningOf(listening.host);
  const mine = [loopback, own.hostname.toLowerCase(), ...own.addresses.map(meaningOf)];
  return mine.includes(host) || isLoopback(address.host);
}

/** One spelling for all that mean the same host. */
function meaningOf(host: string): string {
  const plain = host.toLowerCase().replace(/\.$/, "");
  const mapped = mappedIpv4(plain);
  if (mapped !== null) return meaningOf(mapped);
  // Connecting to "every address" reaches this machine. Other addresses of 127.0.0.0/8 may be other servers.
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

function isLoopback(host: string): boolean {
  return isIP(host) === 4 && host.startsWith("127.");
}
