/** What the live page shows of differences that were seen and that no judgement covers yet: worked out here as the report's data are (data.ts). */

import type { Sighting } from "../../diff/first-sightings.ts";
import type { Severity } from "../../model/report.ts";
import { placeOf, sideOf } from "../sentences.ts";
import { clipped, visible } from "../visible.ts";

export interface SeenView {
  readonly rows: readonly SeenRow[];
  /** How many there are beyond those. */
  readonly more: number;
}

/** One kind of difference, with the exchange that showed it first. */
export interface SeenRow {
  readonly severity: Severity;
  readonly endpoint: string;
  readonly place: string;
  readonly kind: string;
  readonly transition: string;
  readonly from: string;
  readonly to: string;
  /** "GET /orders/7?view=1" */
  readonly request: string;
  readonly exchange: string;
  /** Exchanges that have shown it until now. */
  readonly exchanges: number;
}

/** More than this is not read within the moment that it stands there. */
const mostRows = 20;
const textLimit = 500;

/** @param more sightings besides these */
export function seenView(sightings: readonly Sighting[], more: number): SeenView {
  return { rows: sightings.slice(0, mostRows).map(rowOf), more: more + Math.max(0, sightings.length - mostRows) };
}

function rowOf({ signature, severity, transition, from, to, exchangeId, method, target, exchanges }: Sighting): SeenRow {
  return {
    severity,
    endpoint: shown(signature.endpoint),
    place: shown(placeOf(signature)),
    kind: signature.kind,
    transition: shown(transition),
    from: sideOf(from),
    to: sideOf(to),
    request: shown(`${method} ${target}`),
    exchange: shown(exchangeId),
    exchanges,
  };
}

function shown(text: string): string {
  return clipped(visible(text), textLimit);
}
