/** Which endpoints overlap in time within a session: a sweep in order of starts.
 *
 *    GET /cart    ├──────┤
 *    PUT /cart       ├────┤        at GET /cart: "PUT /cart";   at PUT /cart: "GET /cart" */

import type { Place } from "./place.ts";
import type { Moment } from "./sightings.ts";

/** Exchanges of a session that a new one is held against, the latest first; and sessions with something under way. */
const mostOfSession = 64;
const mostSessions = 20_000;

interface UnderWay {
  readonly endpoint: string;
  readonly end: number;
  readonly place: Place;
  readonly at: Moment;
  readonly noted: Set<string>;
}

export interface Interval {
  readonly session: string;
  readonly endpoint: string;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
  readonly at: Moment;
}

export class SessionOverlaps {
  private readonly sessions = new Map<string, UnderWay[]>();
  /** The whole recording: whether anything overlaps at all. */
  private readonly whole: Place;

  constructor(whole: Place) {
    this.whole = whole;
  }

  /** In order of starts. */
  add({ session, endpoint, start, end, place, at }: Interval): void {
    place.at("overlaps")?.seen.note(at);
    this.whole.at("overlaps")?.seen.note(at);
    const before = (this.sessions.get(session) ?? []).filter((other) => other.end > start).slice(-mostOfSession);
    const own: UnderWay = { endpoint, end, place, at, noted: new Set() };
    for (const other of before) {
      note(own, other.endpoint);
      note(other, endpoint);
    }
    if (before.length > 0) this.whole.at("overlaps")?.note("overlap", "anything", at);
    // Taken out first, so that the session that was quiet longest is the first to be forgotten.
    this.sessions.delete(session);
    this.sessions.set(session, [...before, own]);
    if (this.sessions.size <= mostSessions) return;
    for (const oldest of this.sessions.keys()) {
      this.sessions.delete(oldest);
      break;
    }
  }
}

/** Each exchange counts once for each endpoint that it overlaps with. */
function note({ place, at, noted }: UnderWay, endpoint: string): void {
  if (noted.has(endpoint)) return;
  noted.add(endpoint);
  place.at("overlaps")?.note("overlap", endpoint, at);
}
