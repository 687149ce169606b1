/** Who answers for production where a file of another tool does not say, or not all of it: the second control, if there is one.
 *
 *    recorded      production ↔ candidate       production ↔ control
 *    not           control 2  ↔ candidate       control 2  ↔ control
 *
 * It is the same build as the first control, so a candidate of that build differs from it as often as the control does: the evidence
 * means what it means elsewhere. One control alone cannot stand in for production and measure noise at once. */

import { isUnrecorded, notRecorded, type Outcome } from "../model/exchange.ts";
import type { Observation } from "../model/observation.ts";

/** The same observation where production's answer is there, or nobody can stand in for it. */
export function withStandIn(observation: Observation): Observation {
  const { exchange, controls } = observation;
  const [first, second] = controls;
  if (isKnown(exchange.outcome) || first === undefined || second?.outcome.kind !== "answered") return observation;
  return { ...observation, exchange: { ...exchange, outcome: second.outcome }, controls: [first] };
}

function isKnown(outcome: Outcome): boolean {
  if (outcome.kind === "answered") return !isUnrecorded(outcome.answer.body);
  return outcome.kind !== "skipped" || outcome.detail !== notRecorded;
}
