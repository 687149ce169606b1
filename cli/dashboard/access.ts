/** Who may ask the dashboard. A browser takes any page that a user has open to loopback ports: by a name that its owner lets point here
 * (DNS rebinding), or straight from another origin. The first shows in Host, the second in Origin and Sec-Fetch-Site. */

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

export interface Door {
  /** What the server is bound to. */
  readonly host: string;
  /** Further names that are known to lead here. */
  readonly names: readonly string[];
}

const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "::1"];

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether a Host field names this server. An address cannot be rebound, so any will do where we listen on more than loopback. */
export function isKnownHost(field: string | undefined, { host, names }: Door): boolean {
  const name = hostnameOf(field);
  if (name === null) return false;
  if (loopbackNames.includes(name) || name === host.toLowerCase() || names.some((each) => each.toLowerCase() === name)) return true;
  return !isLoopback(host) && isIP(name) !== 0;
}

/** Whether a request comes from our own page, or from no page at all.
 * @param headers whose Host is known */
export function isOwnOrigin(headers: IncomingHttpHeaders, { names }: Door): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host, hostname } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return false;
  // A reverse proxy may put its own Host in place of the browser's; then only what the operator named is known.
  return sameHost(host, headers.host ?? "", protocol) || names.some((each) => each.toLowerCase() === hostname);
}

/** In constant time: both sides are hashed to one length first. */
export function isToken(sent: string | readonly string[] | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(typeof sent === "string" ? sent : ""), digest(token));
}

/** "localhost:8080" → localhost, "[::1]" → ::1; null for what is no host */
function hostnameOf(field: string | undefined): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(field ?? "") ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/** An origin leaves its scheme's own port out; Host may say it. */
function sameHost(originHost: string, field: string, protocol: string): boolean {
  const usual = protocol === "https:" ? ":443" : ":80";
  return originHost === field.toLowerCase() || `${originHost}${usual}` === field.toLowerCase();
}
