/** Which requests are copied more often than others, or less: the first rule that a request meets decides.
 *
 *    POST /orders                     100 %
 *    /search                          .1 %, but 2 a second at the least
 *    anything else                    --sample
 *
 * A rule's probability is known before the request is looked at, so that what was sampled can be weighed by it. `perSecond` is a floor for
 * what is rare: its probability is so many a second over what the rule has met a second until now (tested as the rest by the lane's place,
 * so that the lanes of a low rate are among those of a higher one). */

import type { MonotonicMs, Ratio } from "../../model/units.ts";
import type { HeadView } from "./head-view.ts";

/** What a request has to be, all of it; null = anything. */
export interface SamplingMatch {
  readonly method: string | null;
  /** The path or one above it, by segments; `*` is any one segment. As it stands in the request, without decoding. */
  readonly path: string | null;
  /** Without regard to case and port. */
  readonly host: string | null;
  /** A field of that name (lower case), with that value; null = any. */
  readonly header: { readonly name: string; readonly value: string | null } | null;
}

export interface SamplingRule extends SamplingMatch {
  /** Share of lanes; null = the one of all other requests. */
  readonly rate: Ratio | null;
  /** Requests a second that are copied at the least, if there are so many; null = none. */
  readonly perSecond: number | null;
}

/** A rule and what it has met. */
export class MeteredRule {
  private readonly match: SamplingMatch;
  private readonly segments: readonly string[] | null;
  private readonly headerName: Buffer | null;
  private readonly rate: Ratio | null;
  private readonly floor: RateFloor | null;

  constructor(rule: SamplingRule) {
    this.match = rule;
    this.segments = rule.path === null ? null : segmentsOf(rule.path);
    this.headerName = rule.header === null ? null : Buffer.from(rule.header.name, "latin1");
    this.rate = rule.rate;
    this.floor = rule.perSecond === null ? null : new RateFloor(rule.perSecond);
  }

  meets(view: HeadView): boolean {
    const { method, host, header } = this.match;
    if (method !== null && text(view, view.start, view.methodEnd) !== method) return false;
    if (this.segments !== null && !this.meetsPath(view, this.segments)) return false;
    if (host !== null && fieldOf(view, hostName)?.toLowerCase().replace(port, "") !== host.toLowerCase()) return false;
    if (this.headerName === null) return true;
    const value = fieldOf(view, this.headerName);
    return value !== null && (header === null || header.value === null || header.value === value);
  }

  /** Call once for each request that meets it.
   * @param usual the rate of requests that meet no rule */
  probability(usual: Ratio, now: MonotonicMs): number {
    return Math.max(this.rate ?? usual, this.floor?.probability(now) ?? 0);
  }

  private meetsPath(view: HeadView, wanted: readonly string[]): boolean {
    const end = view.buffer.indexOf(0x20, view.methodEnd + 1);
    const path = text(view, view.methodEnd + 1, end)
      .replace(authority, "")
      .replace(query, "");
    const segments = segmentsOf(path);
    return wanted.every((segment, index) => (segment === "*" ? segments[index] !== undefined : segment === segments[index]));
  }
}

const hostName = Buffer.from("host");
const port = /:\d*$/;
const authority = /^[a-z][a-z\d+.-]*:\/\/[^/?]*/i;
const query = /\?.*$/s;

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function text({ buffer }: HeadView, start: number, end: number): string {
  return buffer.toString("latin1", start, end);
}

function fieldOf(view: HeadView, lowerName: Uint8Array): string | null {
  const field = view.find(lowerName, 0);
  return field < 0 ? null : text(view, view.valueStart(field), view.valueEnd(field));
}

const second = 1000;
/** Of the old estimate, so much stays with every second: what was ten seconds ago counts a third. */
const memory = 0.9;

/** How probable a request must be for so many of them a second to be copied. */
class RateFloor {
  private readonly perSecond: number;
  /** Requests in the seconds that have ended, the older the less, and what those seconds weigh. */
  private requests = 0;
  private seconds = 0;
  private begun: number | null = null;
  /** In the second that has begun. */
  private met = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /** By what came before: the request itself does not count yet. */
  probability(now: MonotonicMs): number {
    this.begun ??= now;
    const ended = Math.floor((now - this.begun) / second);
    if (ended > 0) {
      const empty = memory ** (ended - 1);
      this.requests = (memory * this.requests + this.met) * empty;
      this.seconds = (memory * this.seconds + 1) * empty + (1 - empty) / (1 - memory);
      this.begun += ended * second;
      this.met = 0;
    }
    // A second that is fuller than the usual one already tells.
    const expected = Math.max(this.seconds === 0 ? 0 : this.requests / this.seconds, this.met);
    this.met++;
    return expected <= this.perSecond ? 1 : this.perSecond / expected;
  }
}
