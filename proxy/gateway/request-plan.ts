/** What becomes of a client's request: the request that the primary is sent, or a refusal. Pure: what RFC 9110 and 9112 ask
 * of an intermediary, and the rewriting that the operator asked for, in the order of the steps below. */

import { isIPv4 } from "node:net";
import { type HeaderList, headerValue, headerValues } from "../../model/exchange.ts";
import { endToEnd, type Framing, framingOf, membersOf, via, writable } from "./fields.ts";
import { hasPrefix, type Route, routeOf } from "./routes.ts";

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

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: HeaderList;
  readonly client: { readonly address: string; readonly isTls: boolean };
  /** It asks to become a tunnel. */
  readonly isUpgrade: boolean;
}

export type RequestPlan =
  | {
      readonly kind: "forward";
      readonly route: Route;
      readonly target: string;
      readonly fields: HeaderList;
      readonly hasBody: boolean;
    }
  /** Answered here: refused, or an OPTIONS that was to go no further. */
  | { readonly kind: "answer"; readonly status: number; readonly text: string; readonly fields?: HeaderList };

/** Methods without a body by default; for the others Node would frame none as chunks. */
const bodilessMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
const allowed: HeaderList = [["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]];

export function planRequest(request: ReceivedRequest, routes: readonly Route[], rewriting: Rewriting): RequestPlan {
  const { method, version, fields } = request;
  const framing = framingOf(fields, version);
  const refusal = refusalOf(request, framing);
  if (refusal !== null) return refusal;

  const reached = readTarget(request);
  if (reached === null) return refuse(400, `the request target ${request.target} is not one that a gateway can follow`);
  const hosts = reached.host === null ? headerValues(fields, "host") : [reached.host];
  const [host] = hosts;
  if (hosts.length > 1 || (host === undefined ? version !== "1.0" : !hostPattern.test(host)))
    return refuse(400, "a request needs one valid Host");

  const hops = method === "OPTIONS" ? headerValue(fields, "max-forwards") : undefined;
  if (hops !== undefined && !/^\d{1,9}$/.test(hops)) return refuse(400, "Max-Forwards is not a number");
  if (hops !== undefined && Number(hops) === 0) return { kind: "answer", status: 200, text: "", fields: allowed };

  const route = routeOf(routes, reached.target);
  const target = rewrittenTarget(reached.target, rewriting);
  const clientHost = host ?? route.primary.host;
  let passed = withHost(endToEnd(fields), chosenHost(clientHost, route, rewriting));
  if (hops !== undefined) passed = replaced(passed, "max-forwards", String(Number(hops) - 1));
  if (version === "1.0") passed = passed.filter(([name]) => name.toLowerCase() !== "expect");
  passed = forwarded(passed, request, clientHost, rewriting);
  const complete = [...passed, via(version), ...framingFields(method, framing), ...connectionFields(request)];
  return { kind: "forward", route, target, fields: writable(complete), hasBody: bodyFollows(framing, fields) };
}

const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::\d{1,5})?$/;

function refuse(status: number, text: string, fields: HeaderList = []): RequestPlan {
  return { kind: "answer", status, text, fields };
}

function refusalOf({ method, version, fields, isUpgrade }: ReceivedRequest, framing: Framing): RequestPlan | null {
  if (version !== "1.1" && version !== "1.0") return refuse(505, "HTTP/1.1 and HTTP/1.0 are spoken here");
  // TRACE would echo the credentials that it is sent with, CONNECT would open a way to any address.
  if (method === "TRACE" || method === "CONNECT") return refuse(405, `${method} is not forwarded`, allowed);
  if (framing.kind === "unknown") {
    return version === "1.0"
      ? refuse(400, "HTTP/1.0 has no Transfer-Encoding")
      : refuse(501, "no transfer coding but chunked is understood here");
  }
  const named = membersOf(fields, "connection");
  const needed = ["host", "content-length"].find((name) => named.includes(name));
  if (needed !== undefined) return refuse(400, `Connection names ${needed}, without which the request cannot be read`);
  const expectations = membersOf(fields, "expect");
  if (version === "1.1" && expectations.some((each) => each !== "100-continue")) return refuse(417, "only 100-continue can be expected");
  if (isUpgrade && !mayBecomeTunnel(fields)) return refuse(501, "that protocol cannot be changed to here");
  if (isUpgrade && bodyFollows(framing, fields)) return refuse(400, "a request with a body cannot become a tunnel");
  return null;
}

function bodyFollows(framing: Framing, fields: HeaderList): boolean {
  return framing.kind === "chunked" || (framing.kind === "length" && !/^0+$/.test(headerValue(fields, "content-length") ?? ""));
}

/** The target in origin-form or `*`, and the host that an absolute one names in place of Host (RFC 9112 §3.2). */
function readTarget({ method, target }: ReceivedRequest): { readonly target: string; readonly host: string | null } | null {
  if (target.includes("#")) return null;
  if (target.startsWith("/")) return { target, host: null };
  if (target === "*") return method === "OPTIONS" ? { target, host: null } : null;
  const [, host, rest = ""] = /^https?:\/\/([^/?]*)(.*)$/i.exec(target) ?? [];
  if (host === undefined) return null;
  if (rest === "") return { target: method === "OPTIONS" ? "*" : "/", host };
  return { target: rest.startsWith("/") ? rest : `/${rest}`, host };
}

function rewrittenTarget(target: string, { stripPrefix, addPrefix }: Rewriting): string {
  if (target === "*") return target;
  const rest = hasPrefix(target, stripPrefix) ? target.slice(stripPrefix.length) : target;
  return addPrefix + (rest.startsWith("/") ? rest : `/${rest}`);
}

function chosenHost(clientHost: string, route: Route, { host }: Rewriting): string {
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

/** With that Host, in its place or, where there was none, first. */
function withHost(fields: HeaderList, host: string): HeaderList {
  return headerValue(fields, "host") === undefined ? [["Host", host], ...fields] : replaced(fields, "host", host);
}

function replaced(fields: HeaderList, name: string, value: string): HeaderList {
  return fields.map((field) => (field[0].toLowerCase() === name ? ([field[0], value] as const) : field));
}

function forwarded(fields: HeaderList, { client }: ReceivedRequest, host: string, rewriting: Rewriting): HeaderList {
  if (rewriting.forwarded === "off") return fields;
  const isReplaced = rewriting.forwarded === "replace";
  const kept = isReplaced ? fields.filter(([name]) => !/^(?:forwarded|x-forwarded-.*)$/i.test(name)) : fields;
  const before = headerValues(kept, "x-forwarded-for");
  const own: (readonly [string, string])[] = [["X-Forwarded-For", [...before, plainAddress(client.address)].join(", ")]];
  const ours: HeaderList = [
    ["X-Forwarded-Proto", client.isTls ? "https" : "http"],
    ["X-Forwarded-Host", host],
  ];
  // One line for the whole way, since many read only one; what a proxy before this one said of scheme and host stays.
  own.push(...ours.filter(([name]) => headerValue(kept, name) === undefined));
  return [...kept.filter(([name]) => name.toLowerCase() !== "x-forwarded-for"), ...own];
}

/** A server that listens on :: sees IPv4 clients as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  const mapped = address.replace(/^::ffff:/i, "");
  return isIPv4(mapped) ? mapped : address;
}

/** Content-Length is among the fields already. */
function framingFields(method: string, framing: Framing): HeaderList {
  if (framing.kind === "chunked") return [["Transfer-Encoding", "chunked"]];
  return framing.kind === "none" && !bodilessMethods.has(method) ? [["Content-Length", "0"]] : [];
}

/** What this connection is told: that it stays open, that trailers are welcome where the client takes them, or what it is to become. */
function connectionFields({ fields, isUpgrade }: ReceivedRequest): HeaderList {
  if (isUpgrade) {
    return [
      ["Connection", "Upgrade"],
      ["Upgrade", headerValues(fields, "upgrade").join(", ")],
    ];
  }
  return membersOf(fields, "te").includes("trailers")
    ? [
        ["TE", "trailers"],
        ["Connection", "TE, keep-alive"],
      ]
    : [["Connection", "keep-alive"]];
}

/** Whether a request that asks for another protocol may get it. HTTP/2 and TLS inside a tunnel would be requests that the
 * gateway does not see: those who offer them go on with HTTP/1.1, as RFC 9110 §7.8 lets a server choose. */
export function mayBecomeTunnel(fields: HeaderList): boolean {
  const protocols = membersOf(fields, "upgrade");
  return protocols.length > 0 && !protocols.some((protocol) => /^(?:h2c?|http\/.*|tls\/.*)$/.test(protocol));
}
