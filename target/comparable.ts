/** Why one exchange's answers cannot be compared, decided from what the primary and the targets did. Live
 * mirror and replay use the same table, so that a recording replays to the same totals. */

import type { Exchange, HttpRequest, Outcome } from "../model/exchange.ts";
import { isSafeMethod } from "../model/exchange.ts";
import type { NotComparableReason, Trial } from "../model/observation.ts";

/** What was sent and came back, as far as comparability depends on it. */
export interface Sent {
  readonly candidate: Trial;
  readonly controls: readonly Trial[];
  /** A value of the request was never seen in these targets' answers. */
  readonly correlationMiss: boolean;
  /** The targets were asked without the credentials, or with others than the primary. Absent = with the same. */
  readonly credentialsWithheld?: boolean;
}

/** Reasons that a skipped outcome carries in `detail`. */
const skipReasons: ReadonlySet<string> = new Set<NotComparableReason>([
  "breaker_open",
  "queue_full",
  "stale",
  "unsendable",
  "write_not_allowed",
  "shared_state",
  "capped",
]);

/** Answers of a target that does not know a session, an entity or its version that production knew. */
const unknownToTarget: ReadonlySet<number> = new Set([401, 403, 404, 409, 410, 412]);
const notLetIn: ReadonlySet<number> = new Set([401, 403]);

/** What redaction leaves in the place of a secret (keeps equality, opens nothing). */
const redactionToken = "tok_";
/** In bodies the whole of it is looked for: payment services have tokens of their own that begin alike. */
const wholeToken = /tok_[\w-]{22}(?![\w-])/;

/** Why a request must not be sent at all; null = send it. */
export function whyNotSent(request: HttpRequest, options: { readonly writes: boolean }): NotComparableReason | null {
  if (!options.writes && !isSafeMethod(request.method)) return "write_not_allowed";
  // Only head and tail of a capped body are known: there is nothing true to send.
  if (request.body.kind === "capped") return "capped";
  return null;
}

/** Why the answers say nothing about the candidate; null = compare them. The first reason in reading order wins. */
export function whyNotComparable(exchange: Exchange, sent: Sent): NotComparableReason | null {
  const trials = [sent.candidate, ...sent.controls];

  // 1. Production itself gave no whole answer.
  const broken = brokenOff(exchange.outcome);
  if (broken !== null) return broken;

  // 2. A target was not asked.
  for (const { outcome } of trials) {
    if (outcome.kind === "skipped") return skipReasons.has(outcome.detail ?? "") ? (outcome.detail as NotComparableReason) : "interrupted";
    // We closed the connection ourselves.
    if (outcome.kind === "aborted") return "interrupted";
  }

  // 3. The target cannot know what the request names, or whom it speaks for.
  if (isSuccess(exchange.outcome)) {
    if (sent.controls.length === 0 ? hasStatus(sent.candidate, notLetIn) : sent.controls.some((trial) => hasStatus(trial, notLetIn))) {
      if (sent.credentialsWithheld === true || carriesRedactedSecret(exchange.request)) return "no_credentials";
    }
    if (sent.correlationMiss && trials.some((trial) => hasStatus(trial, unknownToTarget))) return "correlation_miss";
  }

  // Whether a control that failed leaves something to compare is the judge's to say.
  return null;
}

function brokenOff(outcome: Outcome): NotComparableReason | null {
  switch (outcome.kind) {
    case "aborted":
      return "client_abort";
    case "truncated":
    case "reset":
      return "primary_abort";
    case "answered":
    case "timed-out":
    case "refused":
    case "not-http":
    case "too-large":
    case "skipped":
      return null;
    default:
      return outcome satisfies never;
  }
}

function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === "answered" && outcome.answer.status >= 200 && outcome.answer.status < 400;
}

function hasStatus(trial: Trial, statuses: ReadonlySet<number>): boolean {
  return trial.outcome.kind === "answered" && statuses.has(trial.outcome.answer.status);
}

/** Whether target, headers or body hold a token of redaction: the body of a login does. */
function carriesRedactedSecret({ target, headers, body }: HttpRequest): boolean {
  if (target.includes(redactionToken) || headers.some(([, value]) => value.includes(redactionToken))) return true;
  return body.kind === "whole" && wholeToken.test(Buffer.from(body.bytes).toString("latin1"));
}
