/** Where clients come in. There are two kinds: the splice, which passes every byte on as it came, and the gateway, which
 * rewrites requests. Both hand copies over through the same sampling, and the sidecar treats them alike. */

import type { Server } from "node:net";
import type { Milliseconds } from "../../model/units.ts";
import type { WatchContext } from "./connection-watch.ts";

/** Certificate chain and private key, PEM. */
export interface TlsIdentity {
  /** Where they came from, for errors. */
  readonly source: string;
  readonly cert: string;
  readonly key: string;
}

export interface Entrance {
  /** Not listening yet; whoever made the entrance starts it. */
  readonly server: Server;
  /** Client connections so far, and those that are open. */
  readonly accepted: number;
  readonly open: number;
  /** null = ready for traffic, else why not. */
  readonly notReady: string | null;
  /** Connections to the primary that failed, by system error code, e.g. ECONNREFUSED, EMFILE, EADDRNOTAVAIL. */
  readonly primaryFailures: Readonly<Record<string, number>>;
  /** Clients that could not be accepted, by system error code, e.g. EMFILE. */
  readonly acceptFailures: Readonly<Record<string, number>>;
  /** New connections get this certificate; those that are open keep theirs.
   * @throws PenumbraError BAD_CERTIFICATE, and the old one stays */
  renewCertificate(tls: TlsIdentity): void;
  /** Resets every connection now, so that nobody takes what it has for complete.
   * @returns how many were in use, or not observed */
  cut(): number;
  /** Stops accepting and finishes what is under way.
   * @returns how many connections were cut at the bound */
  drain(bound: Milliseconds): Promise<number>;
}

/** What an entrance tells the operator. */
export type EntranceEvent =
  /** `route`: the prefix of a primary other than the default one. */
  | { readonly name: "primary.refuses"; readonly code: string; readonly route?: string }
  | { readonly name: "primary.back"; readonly route?: string }
  /** The first of its code; the others are counted. */
  | { readonly name: "accept.failed"; readonly code: string };

/** What the sidecar gives an entrance. */
export interface EntranceSurroundings {
  readonly context: WatchContext;
  readonly log: (event: EntranceEvent) => void;
}

/** The first failure of its code is told, all are counted: a process without file descriptors fails a thousand times a second. */
export function countAcceptFailure(
  failures: Record<string, number>,
  { code = "UNKNOWN" }: NodeJS.ErrnoException,
  log: EntranceSurroundings["log"],
): void {
  if (failures[code] === undefined) log({ name: "accept.failed", code });
  failures[code] = (failures[code] ?? 0) + 1;
}
