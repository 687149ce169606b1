/** Lanes that exchange values are one unit of evidence: what goes wrong in one goes wrong in the other.
 *
 *    lane 1   POST /orders    ─► {"id": 15}            a target named it otherwise: 93
 *    lane 2   GET /orders/15  ─► sent as /orders/93    rewritten with a value of lane 1: both are one unit
 *
 * Only rewritten requests count. Records that everybody may read tie no lanes together here; what sticks to those is seen by
 * counting distinct requests as well (docs/decisions/0002-small-runs.md). */

import { decodeContent } from "../model/content.ts";
import { type Answer, headerValue, isSafeMethod } from "../model/exchange.ts";
import type { Observation } from "../model/observation.ts";

/** Values remembered; the oldest give way. */
const mostValues = 100_000;
/** Values of one answer: an answer to a write names what it made, not a catalogue. */
const mostOfAnswer = 200;
const decodedCap = 1024 * 1024;
/** Numbers and words, as ids are written in bodies and addresses. */
const words = /[A-Za-z0-9][\w.-]{0,127}/g;

/** One run's lanes, as numbers. */
export class LaneUnits {
  private readonly makers = new Map<string, number>();
  private readonly parents = new Map<number, number>();

  /** Call once an exchange, in the order of the log. */
  observe({ exchange, candidate, controls }: Observation, lane: number): void {
    const { request, outcome } = exchange;
    for (const trial of [candidate, ...controls]) {
      if (trial?.sentTarget === undefined) continue;
      for (const value of replaced(request.target, trial.sentTarget)) {
        const maker = this.makers.get(value);
        if (maker !== undefined) this.join(lane, maker);
      }
    }
    if (!isSafeMethod(request.method) && outcome.kind === "answered") this.remember(outcome.answer, lane);
  }

  /** The lane that stands for the unit of this one. */
  unitOf(lane: number): number {
    let unit = lane;
    for (let next = this.parents.get(unit); next !== undefined; next = this.parents.get(unit)) unit = next;
    return unit;
  }

  /** The smaller number stands for both, so that the order of the log decides nothing else. */
  private join(one: number, other: number): void {
    const [a, b] = [this.unitOf(one), this.unitOf(other)];
    if (a !== b) this.parents.set(Math.max(a, b), Math.min(a, b));
  }

  private remember(answer: Answer, lane: number): void {
    for (const value of new Set(textOf(answer).match(words)?.slice(0, mostOfAnswer))) {
      // Again at the young end, and the last maker's: a Map keeps insertion order.
      this.makers.delete(value);
      this.makers.set(value, lane);
    }
    for (const oldest of this.makers.keys()) {
      if (this.makers.size <= mostValues) return;
      this.makers.delete(oldest);
    }
  }
}

/** The recorded values that were sent as others: words of the recorded target that the sent one does not have. */
function replaced(recorded: string, sent: string): string[] {
  const kept = new Set(sent.match(words));
  return (recorded.match(words) ?? []).filter((word) => !kept.has(word));
}

/** Location and body: where an answer names what it made. */
function textOf({ headers, body }: Answer): string {
  const location = headerValue(headers, "location") ?? "";
  if (body.kind !== "whole") return location;
  const content = decodeContent(headers, body.bytes, decodedCap);
  return content.kind === "undecodable" ? location : `${location}\n${Buffer.from(content.bytes).toString("latin1")}`;
}
