/** The PROXY protocol, sending side: tells a primary that wants to know who its client is, in a header before all other
 * bytes (HAProxy, "The PROXY protocol, versions 1 & 2", 2020). It is the one thing that a splice may add, and only when asked to. */

import { isIP, isIPv4 } from "node:net";

export type ProxyProtocol = "v1" | "v2";

/** The two ends of the client's connection; undefined once it is gone. */
export interface ConnectionEnds {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

interface Ends {
  readonly family: 4 | 6;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** The header for a client's connection; "unknown" (v1) or "local" (v2) where its ends are not known. */
export function proxyHeader(version: ProxyProtocol, socket: ConnectionEnds): Buffer {
  const ends = endsOf(socket);
  return version === "v1" ? textHeader(ends) : binaryHeader(ends);
}

/** `PROXY TCP4 source destination source-port destination-port CRLF` (§2.1) */
function textHeader(ends: Ends | null): Buffer {
  if (ends === null) return Buffer.from("PROXY UNKNOWN\r\n", "latin1");
  const { family, source, destination, sourcePort, destinationPort } = ends;
  return Buffer.from(`PROXY TCP${family} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`, "latin1");
}

/** §2.2: what no HTTP, SMTP or TLS client begins with. */
const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const versionAndCommand = { local: 0x20, proxy: 0x21 } as const;
const familyAndTransport = { 4: 0x11, 6: 0x21, unknown: 0x00 } as const;

/** `signature | version and command u8 | family u8 | length u16 | source | destination | ports u16`, big endian (§2.2) */
function binaryHeader(ends: Ends | null): Buffer {
  if (ends === null) return Buffer.concat([signature, Buffer.from([versionAndCommand.local, familyAndTransport.unknown, 0, 0])]);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(ends.sourcePort, 0);
  ports.writeUInt16BE(ends.destinationPort, 2);
  const addresses = Buffer.concat([addressBytes(ends.source), addressBytes(ends.destination), ports]);
  const prefix = Buffer.from([versionAndCommand.proxy, familyAndTransport[ends.family], 0, addresses.length]);
  return Buffer.concat([signature, prefix, addresses]);
}

/** Both ends in one family: an IPv4 client of a socket that listens on both shows as `::ffff:192.0.2.1`. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: ConnectionEnds): Ends | null {
  if (remoteAddress === undefined || localAddress === undefined || remotePort === undefined || localPort === undefined) return null;
  const [source, destination] = [remoteAddress, localAddress].map((address) => withoutZone(address));
  if (source === undefined || destination === undefined || isIP(source) === 0 || isIP(destination) === 0) return null;
  const ports = { sourcePort: remotePort, destinationPort: localPort };
  const [shortSource, shortDestination] = [unmapped(source), unmapped(destination)];
  if (isIPv4(shortSource) && isIPv4(shortDestination)) {
    return { family: 4, source: shortSource, destination: shortDestination, ...ports };
  }
  return { family: 6, source: mapped(source), destination: mapped(destination), ...ports };
}

const mappedPrefix = "::ffff:";

function unmapped(address: string): string {
  const rest = address.toLowerCase().startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : "";
  return isIPv4(rest) ? rest : address;
}

function mapped(address: string): string {
  return isIPv4(address) ? mappedPrefix + address : address;
}

/** `fe80::1%eth0` names the interface of this machine, which says nothing to another. */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, "");
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const groupOf = (high: string | undefined, low: string | undefined): string => ((Number(high) << 8) | Number(low)).toString(16);
  const text = dotted === null ? address : `${dotted[1]}${groupOf(dotted[2], dotted[3])}:${groupOf(dotted[4], dotted[5])}`;
  const [head = "", tail] = text.split("::");
  const groups = (part: string): string[] => part.split(":").filter((group) => group !== "");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const groupCount = 8;
  const zeros = Array<string>(groupCount - before.length - after.length).fill("0");
  const result = Buffer.alloc(2 * groupCount);
  for (const [index, group] of [...before, ...zeros, ...after].entries()) result.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return result;
}
