/** What becomes of a client's request: the request that the primary is sent, or a refusal. Pure: what RFC 9110 and 9112 ask
 * of an intermediary, and the rewriting that the operator asked for, in the order of the steps below. */

import { type HeaderList, headerValue, headerValues } from "../../model/exchange.ts";
import { endToEnd, type Framing, framingOf, membersOf, via, writable } from "./fields.ts";
import { chosenHost, forwardedFields, type Rewriting, rewrittenTarget } from "./rewriting.ts";
import { type Route, routeOf } from "./routes.ts";

/** The client's end of its connection. */
export interface ReceivedFrom {
  readonly address: string;
  readonly isTls: boolean;
}

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: HeaderList;
  readonly client: ReceivedFrom;
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
  if (reached === null) return refuse(400, "the request target is not one that a gateway can follow");
  const given = headerValues(fields, "host");
  const isHostValid = given.every((each) => hostPattern.test(each)) && (reached.host === null || hostPattern.test(reached.host));
  if (given.length > 1 || (given.length === 0 && version === "1.1") || !isHostValid) return refuse(400, "a request needs one valid Host");
  const host = reached.host ?? given[0];

  const hops = method === "OPTIONS" ? headerValue(fields, "max-forwards") : undefined;
  if (hops !== undefined && !/^\d{1,9}$/.test(hops)) return refuse(400, "Max-Forwards is not a number");
  if (hops !== undefined && Number(hops) === 0) return { kind: "answer", status: 200, text: "", fields: allowed };

  const route = routeOf(routes, reached.target);
  const target = rewrittenTarget(reached.target, rewriting);
  const clientHost = host ?? route.primary.host;
  let passed = withHost(endToEnd(fields), chosenHost(clientHost, route, rewriting));
  if (hops !== undefined) passed = replaced(passed, "max-forwards", String(Number(hops) - 1));
  const unwanted = [version === "1.0" ? "expect" : "", framing.kind === "chunked" ? "" : "trailer"];
  passed = passed.filter(([name]) => !unwanted.includes(name.toLowerCase()));
  passed = forwardedFields(passed, { ...request.client, host: clientHost }, rewriting);
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

/** With that Host, in its place or, where there was none, first. */
function withHost(fields: HeaderList, host: string): HeaderList {
  return headerValue(fields, "host") === undefined ? [["Host", host], ...fields] : replaced(fields, "host", host);
}

function replaced(fields: HeaderList, name: string, value: string): HeaderList {
  return fields.map((field) => (field[0].toLowerCase() === name ? ([field[0], value] as const) : field));
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
