/** Where a URL's server listens, in the words of sockets. */

import { isIP } from "node:net";

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

export function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? (defaultPorts[url.protocol] ?? 0) : Number(url.port) };
}

/** The TLS server name; an IP address is none (RFC 6066 §3), and Node warns about it. */
export function serverNameOf(host: string): string {
  return isIP(host) === 0 ? host : "";
}
