/** Which entrance users get: the splice, or the gateway with what it is to rewrite. */

import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Rewriting } from "../../proxy/gateway/rewriting.ts";
import { routeTable } from "../../proxy/gateway/routes.ts";
import type { Entrance, EntranceSurroundings } from "../../proxy/live/entrance.ts";
import { SpliceEntrance } from "../../proxy/live/splice-entrance.ts";
import type { OptionName, OptionValues } from "../options.ts";
import { tlsIdentity, trustedCertificates } from "./tls.ts";

/** Options that change what passes. */
const gatewayOptions = ["route", "rewrite-host", "forwarded", "strip-prefix", "add-prefix"] as const satisfies readonly OptionName[];

export type ForwardingValues = OptionValues<
  "forward" | "on-primary-down" | "tls-cert" | "tls-key" | "primary-ca" | "proxy-protocol" | (typeof gatewayOptions)[number]
>;

/** @throws PenumbraError GATEWAY_ONLY when the splice is asked to rewrite; SPLICE_ONLY when the gateway is asked for one
 * connection to the primary a client */
export function checkForwarding(given: ForwardingValues): void {
  if (given.forward === "gateway") {
    if (given["proxy-protocol"] === null) return;
    const hint = "leave it out: the gateway says it in X-Forwarded-For";
    throw new PenumbraError(
      "SPLICE_ONLY",
      "--proxy-protocol names the client of a connection, and --forward gateway shares connections",
      hint,
    );
  }
  const asked = gatewayOptions.find((name) => given[name] !== null && given[name].length > 0);
  if (asked === undefined) return;
  throw new PenumbraError(
    "GATEWAY_ONLY",
    `--${asked} changes requests, and --forward splice passes every byte on as it came`,
    `add --forward gateway or leave --${asked} out`,
  );
}

/** The gateway and its library are loaded only where they are asked for.
 * @throws PenumbraError for files of certificates that cannot be used or are of no use, and ROUTE_TWICE */
export async function entranceMaker(given: ForwardingValues, primary: URL): Promise<(surroundings: EntranceSurroundings) => Entrance> {
  const tls = tlsIdentity(given);
  checkTrust(given, primary);
  const { "primary-ca": primaryCa, "proxy-protocol": proxyProtocol } = given;
  const shared = {
    ...(tls === null ? {} : { tls }),
    ...(primaryCa === null ? {} : { primaryTls: { ca: trustedCertificates(primaryCa) } }),
    onPrimaryDown: given["on-primary-down"],
    clock: systemClock,
  };
  if (given.forward === "splice") {
    const introduction = proxyProtocol === null ? {} : { proxyProtocol };
    return (surroundings) => new SpliceEntrance({ primary, ...shared, ...introduction }, surroundings);
  }
  const routes = routeTable(
    primary,
    given.route.map((route) => ({ prefix: route.prefix, primary: new URL(route.primary) })),
  );
  const { loadHttpProxy } = await import("../../proxy/gateway/http-proxy-requests.ts");
  const { GatewayEntrance } = await import("../../proxy/gateway/gateway-entrance.ts");
  const open = await loadHttpProxy();
  const rewriting = rewritingOf(given);
  return (surroundings) => new GatewayEntrance({ open, routes, rewriting, ...shared }, surroundings);
}

/** @throws PenumbraError `BAD_OPTION` for certificates that nothing would ask for */
function checkTrust(given: ForwardingValues, primary: URL): void {
  const primaries = [primary.href, ...given.route.map((route) => route.primary)];
  if (given["primary-ca"] === null || primaries.some((url) => url.startsWith("https:"))) return;
  throw new PenumbraError(
    "BAD_OPTION",
    `--primary-ca is for an https primary, and ${primary.origin} is none`,
    "write https://, or leave it out",
  );
}

function rewritingOf(given: ForwardingValues): Rewriting {
  const host = given["rewrite-host"];
  return {
    host: host === null ? { kind: "client" } : host === "primary" ? { kind: "primary" } : { kind: "fixed", host },
    forwarded: given.forwarded ?? "append",
    stripPrefix: given["strip-prefix"] ?? "",
    addPrefix: given["add-prefix"] ?? "",
  };
}
