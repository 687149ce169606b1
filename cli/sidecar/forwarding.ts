/** Which entrance users get: the splice, or the gateway with what it is to rewrite. */

import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Rewriting } from "../../proxy/gateway/rewriting.ts";
import { routeTable } from "../../proxy/gateway/routes.ts";
import type { Entrance, EntranceSurroundings, TlsIdentity } from "../../proxy/live/entrance.ts";
import { SpliceEntrance } from "../../proxy/live/splice-entrance.ts";
import type { OptionName, OptionValues } from "../options.ts";

/** Options that change what passes. */
const gatewayOptions = ["route", "rewrite-host", "forwarded", "strip-prefix", "add-prefix"] as const satisfies readonly OptionName[];

export type ForwardingValues = OptionValues<"forward" | "on-primary-down" | (typeof gatewayOptions)[number]>;

/** @throws PenumbraError GATEWAY_ONLY when the splice is asked to rewrite */
export function checkForwarding(given: ForwardingValues): void {
  if (given.forward === "gateway") return;
  const asked = gatewayOptions.find((name) => given[name] !== null && given[name].length > 0);
  if (asked === undefined) return;
  throw new PenumbraError(
    "GATEWAY_ONLY",
    `--${asked} changes requests, and --forward splice passes every byte on as it came`,
    `add --forward gateway or leave --${asked} out`,
  );
}

export interface Ends {
  readonly primary: URL;
  readonly tls?: TlsIdentity;
}

/** The gateway and its library are loaded only where they are asked for.
 * @throws PenumbraError ROUTE_TWICE */
export async function entranceMaker(given: ForwardingValues, ends: Ends): Promise<(surroundings: EntranceSurroundings) => Entrance> {
  const shared = { onPrimaryDown: given["on-primary-down"], clock: systemClock, ...(ends.tls === undefined ? {} : { tls: ends.tls }) };
  if (given.forward === "splice") {
    return (surroundings) => new SpliceEntrance({ primary: ends.primary, ...shared }, surroundings);
  }
  const routes = routeTable(
    ends.primary,
    given.route.map(({ prefix, primary }) => ({ prefix, primary: new URL(primary) })),
  );
  const { loadHttpProxy } = await import("../../proxy/gateway/http-proxy-requests.ts");
  const { GatewayEntrance } = await import("../../proxy/gateway/gateway-entrance.ts");
  const open = await loadHttpProxy();
  const rewriting = rewritingOf(given);
  return (surroundings) => new GatewayEntrance({ open, routes, rewriting, ...shared }, surroundings);
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
