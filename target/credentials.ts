/** Credentials that no recording holds, put on a request when everything else about it is settled.
 *
 *    recorded request ─► correlation: what this target named itself ─► credentials of the lane ─► target
 *
 * Only what leaves is changed: the run keeps the request as it was recorded. */

import type { HttpRequest } from "../model/exchange.ts";
import type { PutIn } from "./sent-secrets/sent-secrets.ts";

/** What the requests of one lane are given. */
export interface LaneCredentials {
  /** Never throws. @param target by its place: the candidate is 0, controls follow
   * @param recorded the same request before correlation */
  applied(target: number, request: HttpRequest, recorded: HttpRequest): Given;
}

/** A request as it leaves. */
export interface Given {
  readonly request: HttpRequest;
  /** What no recording holds of it. */
  readonly putIn: readonly PutIn[];
}

export interface CredentialSource {
  /** @param lane as the shadow knows it: the session, else the connection, else ""
   * @returns a promise where they are still being fetched; it never rejects, and the request waits for it */
  of(lane: string): LaneCredentials | Promise<LaneCredentials>;
}
