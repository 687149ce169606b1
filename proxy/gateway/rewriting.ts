/** What the operator may have rewritten in a request: Host, path prefixes and X-Forwarded-*. Pure. */

import { isIPv4 } from "node:net";
import { type HeaderList, headerValue, headerValues } from "../../model/exchange.ts";
import { hasPrefix, type Route } from "./routes.ts";

/** What the operator wants to be rewritten. */
export interface Rewriting {
  /** The Host that primaries see: the client's, that of the primary's URL, or a fixed one. */
  readonly host: { readonly kind: "client" } | { readonly kind: "primary" } | { readonly kind: "fixed"; readonly host: string };
  /** X-Forwarded-For, -Proto and -Host: left alone, added to, or only ours. */
  readonly forwarded: "off" | "append" | "replace";
  /** "" = none; else `/…` without a slash at the end. */
  readonly stripPrefix: string;
  readonly addPrefix: string;
}

/** Whom a request came from, as X-Forwarded-* tells it. */
export interface ForwardedClient {
  readonly address: string;
  readonly isTls: boolean;
  /** The Host that it asked for. */
  readonly host: string;
}

/** @param target in origin-form, or `*`, which stays */
export function rewrittenTarget(target: string, { stripPrefix, addPrefix }: Rewriting): string {
  if (target === "*") return target;
  const rest = hasPrefix(target, stripPrefix) ? target.slice(stripPrefix.length) : target;
  return addPrefix + (rest.startsWith("/") ? rest : `/${rest}`);
}

export function chosenHost(clientHost: string, route: Route, { host }: Rewriting): string {
  switch (host.kind) {
    case "client":
      return clientHost;
    case "primary":
      return route.primary.host;
    case "fixed":
      return host.host;
    default:
      return host satisfies never;
  }
}

export function forwardedFields(fields: HeaderList, client: ForwardedClient, rewriting: Rewriting): HeaderList {
  if (rewriting.forwarded === "off") return fields;
  const isReplaced = rewriting.forwarded === "replace";
  const kept = isReplaced ? withoutForwarded(fields) : fields;
  const before = headerValues(kept, "x-forwarded-for");
  const own: (readonly [string, string])[] = [["X-Forwarded-For", [...before, plainAddress(client.address)].join(", ")]];
  const ours: HeaderList = [
    ["X-Forwarded-Proto", client.isTls ? "https" : "http"],
    ["X-Forwarded-Host", client.host],
  ];
  // One line for the whole way, since many read only one; what a proxy before this one said of scheme and host stays.
  own.push(...ours.filter(([name]) => headerValue(kept, name) === undefined));
  return [...kept.filter(([name]) => name.toLowerCase() !== "x-forwarded-for"), ...own];
}

/** What comes after a body must not speak over what the head says of the client. */
export function forwardedTrailers(trailers: HeaderList, { forwarded }: Rewriting): HeaderList {
  return forwarded === "off" ? trailers : withoutForwarded(trailers);
}

/** Also with underscores: CGI and WSGI give programs both spellings under one name. */
function withoutForwarded(fields: HeaderList): HeaderList {
  return fields.filter(([name]) => !/^(?:forwarded|x[-_]forwarded[-_].*)$/i.test(name));
}

/** A server that listens on :: sees IPv4 clients as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  const mapped = address.replace(/^::ffff:/i, "");
  return isIPv4(mapped) ? mapped : address;
}
