/** The dashboard of `penumbra proxy --ui`, as the command sees it: its address is taken before anybody is served, its process begins
 * when the run is there, and ends after it. */

import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Server } from "node:net";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { LedgerSnapshot } from "../../proxy/live/ledger.ts";
import type { Sidecar } from "../../proxy/live/sidecar.ts";
import { isLoopback } from "../dashboard/access.ts";
import type { DashboardState } from "../dashboard/protocol.ts";
import type { JudgingValues } from "../judging.ts";
import { refuseInCi } from "../reviewing.ts";
import { note } from "../terminal.ts";
import type { HostPort } from "../values.ts";
import { DashboardChild } from "./dashboard-child.ts";

const tokenBytes = 24;

export interface DashboardPlace {
  readonly address: AddressInfo;
  /** Lets go of it, for the process that is to listen there. */
  release(): Promise<void>;
}

/** Holds the address, so that whatever is wrong with it ends the start.
 * @throws PenumbraError `ADDRESS_UNUSABLE` */
export function holdAddress({ host, port }: HostPort): Promise<DashboardPlace> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const what = isTaken ? "is in use" : `cannot be used (${error.code ?? error.message})`;
      const hint = isTaken
        ? "stop what listens there or choose another port"
        : "give an address of this machine, and a port that you may use";
      reject(new PenumbraError("ADDRESS_UNUSABLE", `address ${host}:${port} of --ui ${what}`, hint, error));
    });
    server.listen({ host, port }, () => {
      // A start that fails for another reason does not wait for this.
      server.unref();
      const address = server.address() as AddressInfo;
      resolve({ address, release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

export interface RunningDashboard {
  readonly host: string;
  readonly names: readonly string[];
  readonly runDirectory: string;
  readonly judging: JudgingValues;
}

/** Of a command's options those by which the run is judged: the others are none of the dashboard's business, and some are secret. */
export function judgingOf(given: JudgingValues): JudgingValues {
  const { report, accept, baseline, endpoints, config, json, rules, sampling, redaction } = given;
  const gate = {
    "fail-on": given["fail-on"],
    "fail-on-latency": given["fail-on-latency"],
    "min-compared": given["min-compared"],
    "min-fidelity": given["min-fidelity"],
  };
  return { report, accept, baseline, endpoints, config, json, rules, sampling, redaction, ...gate };
}

/** Starts the dashboard's process at an address that was held for it. */
export async function startDashboard(place: DashboardPlace, of: RunningDashboard, sidecar: Sidecar): Promise<DashboardChild> {
  const { port } = place.address;
  if (!isLoopback(of.host)) {
    note(`penumbra: the dashboard on ${of.host} shows copies of production's traffic to whoever reaches it; it asks for no password`);
  }
  await place.release();
  const token = mayAccept(of.judging) ? randomBytes(tokenBytes).toString("base64url") : null;
  const child = new DashboardChild({
    options: { ...of, port, token },
    state: () => stateOf(sidecar),
    clock: systemClock,
    log: (line) => note(`penumbra: ${line}`),
  });
  child.start();
  return child;
}

function mayAccept({ accept }: JudgingValues): boolean {
  if (accept === null) return false;
  try {
    refuseInCi("accepting");
    return true;
  } catch {
    return false; // whoever asks there is told so
  }
}

function stateOf(sidecar: Sidecar): DashboardState {
  const { ledger, observer } = sidecar.counters();
  return {
    observer: sidecar.notReady() === "draining" ? "draining" : observer.state === "ready" ? "running" : "gone",
    exchanges: ledger.seen,
    mirrored: ledger.mirrored,
    dropped: dropsOf(ledger),
    at: Math.floor(systemClock.now()),
  };
}

function dropsOf({ dropped, mirrorDropped }: LedgerSnapshot): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [reason, count] of [...Object.entries(dropped), ...Object.entries(mirrorDropped)]) {
    if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
  }
  return sums;
}
