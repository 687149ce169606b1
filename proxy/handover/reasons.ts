/** The closed lists of reasons why a copy was not kept: the words of the ledger, of `/counters` and of the metrics.
 * The position in a list is its code on the pipe, so new reasons go to the end. */

/** Why an exchange that was to be observed never became a whole copy; counted by the live process. */
export const dropReasons = [
  "budget", // the pipe's backlog was over its byte budget
  "observer_absent", // no observer was ready when the request came
  "observer_lost", // the observer went away while the exchange was being handed over
  "ambiguous_framing", // two readers could disagree about where a message ends
  "scan_error", // a fault of the scan itself: observation of that connection ended
  "head_too_large", // a head or trailer section over the limit of the scan
  "client_abort", // the client went away before its request was complete
  "primary_abort", // the primary went away before the request was complete
  "pending_limit", // the observer left too many copies undecided
  "unanswered_limit", // a client pipelined more requests than are remembered while the primary did not answer
  "other_route", // gateway: it went to another service than the one that candidate and control are builds of
  "answered_here", // gateway: it was refused or answered without a primary
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Why a whole copy was not sent to the candidate. */
export const mirrorDropReasons = [
  "off", // nothing to mirror to
  "write_not_allowed", // unsafe method without --mirror-writes
  "denied", // --mirror-deny
  "loop", // it came from a mirror
  "capped", // the request body is over the cap, so it cannot be sent again
  "breaker_open",
  "queue_full",
  "stale",
  "no_credentials", // not in use: such a request is sent, and found not comparable
  "client_abort", // not in use: a copy is mirrored once its request is whole
  "primary_abort", // not in use, likewise
  "observer_budget", // the observer's own memory bound
  "observer_lost",
  "mirror_error",
  "shutdown",
  "shared_state", // a write, after the targets were seen to share a state
] as const;
export type MirrorDropReason = (typeof mirrorDropReasons)[number];

/** Why a whole copy was not stored. */
export const recordDropReasons = [
  "off", // not recording
  "not_kept", // tail sampling decided against it
  "redaction_error",
  "queue_full",
  "disk_full",
  "recorder_error",
  "observer_budget",
  "observer_lost",
  "shutdown",
  "loop", // it came from a mirror: no user sent it
] as const;
export type RecordDropReason = (typeof recordDropReasons)[number];

/** What the observer finally did with one part of a copy. */
export type Disposition =
  | { readonly part: "mirror"; readonly result: "done" | MirrorDropReason }
  | { readonly part: "record"; readonly result: "done" | RecordDropReason };

/** Ends of exchanges whose request was complete: copies all the same, with the outcome `aborted`, `reset` or `truncated`. */
export type BrokenOffReason = Extract<DropReason, "client_abort" | "primary_abort">;

export function isBrokenOff(reason: DropReason): reason is BrokenOffReason {
  return reason === "client_abort" || reason === "primary_abort";
}
