/** A place of an endpoint's messages (a parameter, a header, a field) with what was seen there.
 *
 *    GET /orders ─┬─ parameter page          seen 800 times: a number, 1 to 40
 *                 └─ answer 200 ─ /coupon     seen 25 times: null */

import type { BeliefKind } from "../../model/belief.ts";
import { type Moment, Sightings } from "./sightings.ts";

/** Facts of one place, places of one recording: what is beyond is data that looks like names. */
const mostFacts = 300;
const mostPlaces = 50_000;
/** Distinct values that may be a closed set, and how long they may be. */
const mostValues = 12;
const longestValue = 40;
/** Each value of a closed set was met so often: a set of which one has seen some values once has others that one has not seen. */
const fewestUses = 5;
const fewestSeen = 20;

/** Something that happened at a place. */
export interface Fact {
  readonly kind: BeliefKind;
  readonly what: string;
  readonly sightings: Sightings;
}

/** Counts the places of a recording. */
export interface Room {
  places: number;
}

/** Least and greatest of what was seen. */
class Extent {
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }
}

export class Place {
  readonly seen = new Sightings();
  readonly facts = new Map<string, Fact>();
  readonly below = new Map<string, Place>();
  readonly numbers = new Extent();
  readonly lengths = new Extent();
  private values: Map<string, number> | null = new Map();
  private readonly room: Room;

  constructor(room: Room) {
    this.room = room;
  }

  note(kind: BeliefKind, what: string, at: Moment): void {
    const key = `${kind} ${what}`;
    let fact = this.facts.get(key);
    if (fact === undefined) {
      if (this.facts.size >= mostFacts) return;
      this.facts.set(key, (fact = { kind, what, sightings: new Sightings() }));
    }
    fact.sightings.note(at);
  }

  has(kind: BeliefKind, what: string): boolean {
    return this.facts.has(`${kind} ${what}`);
  }

  /** Null beyond the bound. */
  at(name: string): Place | null {
    const known = this.below.get(name);
    if (known !== undefined) return known;
    if (this.room.places >= mostPlaces) return null;
    this.room.places++;
    const place = new Place(this.room);
    this.below.set(name, place);
    return place;
  }

  noteValue(value: string): void {
    if (this.values === null) return;
    this.values.set(value, (this.values.get(value) ?? 0) + 1);
    if (this.values.size > mostValues || value.length > longestValue) this.values = null;
  }

  /** Any value may come here. */
  noteOpen(): void {
    this.values = null;
  }

  /** The values where they are a closed set: few, each used again and again. */
  closedSet(): ReadonlyMap<string, number> | null {
    if (this.values === null || this.seen.exchanges < fewestSeen) return null;
    return this.values.size > 0 && [...this.values.values()].every((uses) => uses >= fewestUses) ? this.values : null;
  }
}
