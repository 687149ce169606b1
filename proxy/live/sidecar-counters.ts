/** Everything the sidecar counts, as `/counters` shows it. */

import type { UnobservedReason } from "./connection-watch.ts";
import type { LedgerSnapshot } from "./ledger.ts";
import type { Sampling } from "./sampling.ts";
import type { ObserverState } from "./supervisor.ts";

export interface SidecarCounters {
  readonly ledger: LedgerSnapshot;
  readonly connections: {
    readonly accepted: number;
    readonly open: number;
    readonly unobserved: Readonly<Record<UnobservedReason, number>>;
    /** By system error code, e.g. ECONNREFUSED, EMFILE, EADDRNOTAVAIL. */
    readonly primaryFailures: Readonly<Record<string, number>>;
    /** Clients that could not be accepted, by system error code, e.g. EMFILE. */
    readonly acceptFailures: Readonly<Record<string, number>>;
  };
  /** Bytes that wait in the pipe to the observer. */
  readonly backlogBytes: number;
  readonly observer: { readonly state: ObserverState; readonly restarts: number };
  /** `share`: how much of the rate is in force; below 1 while the live process is late. */
  readonly sampling: Sampling & { readonly share: number };
}
