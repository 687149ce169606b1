/** What a recording's endpoints did: requests, statuses, times, bytes; for `penumbra inspect`.
 *
 *    recording ── first reading: learn the endpoints ── second: count by endpoint ──► the busiest
 *
 * The memory is bounded: so many endpoints, and times in histograms. */

import { EndpointNames } from "../diff/endpoint-names.ts";
import type { Body, Exchange } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import { LatenessRecord } from "../replayer/lateness.ts";

export interface EndpointActivity {
  readonly endpoint: string;
  readonly requests: number;
  /** Over the time from the first to the last request of the recording; null when that is no time. */
  readonly perSecond: number | null;
  /** `2xx`, …; the kind of outcome where there was no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Request to end of answer, to within 2 %. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Body bytes as they were sent. */
  readonly bytes: { readonly requests: number; readonly answers: number };
}

export interface Activity {
  /** All that were told apart. */
  readonly endpoints: number;
  /** Most requests first. */
  readonly busiest: readonly EndpointActivity[];
}

const mostShown = 20;
/** Services have hundreds; what comes after is counted together. */
const mostEndpoints = 1000;
const others = "(others)";
const median = 0.5;
const high = 0.99;
const msPerSecond = 1000;

interface Tally {
  requests: number;
  readonly statuses: Map<string, number>;
  readonly times: LatenessRecord;
  requestBytes: number;
  answerBytes: number;
}

/** @param read gives the exchanges anew each time */
export async function activityOf(read: () => AsyncIterable<Exchange>): Promise<Activity> {
  const names = new EndpointNames([]);
  for await (const { request } of read()) names.learn(request);
  const tallies = new Map<string, Tally>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for await (const exchange of read()) {
    first = Math.min(first, exchange.at);
    last = Math.max(last, exchange.at);
    add(tallyOf(tallies, names.of(exchange.request)), exchange);
  }
  const seconds = (last - first) / msPerSecond;
  const busiest = [...tallies].toSorted(([, a], [, b]) => b.requests - a.requests).slice(0, mostShown);
  return { endpoints: tallies.size, busiest: busiest.map(([endpoint, tally]) => shown(endpoint, tally, seconds)) };
}

function tallyOf(tallies: Map<string, Tally>, endpoint: string): Tally {
  const name = tallies.has(endpoint) || tallies.size < mostEndpoints ? endpoint : others;
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const tally: Tally = { requests: 0, statuses: new Map(), times: new LatenessRecord(), requestBytes: 0, answerBytes: 0 };
  tallies.set(name, tally);
  return tally;
}

function add(tally: Tally, { request, outcome }: Exchange): void {
  tally.requests++;
  const status = outcome.kind === "answered" ? `${String(outcome.answer.status).slice(0, 1)}xx` : outcome.kind;
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
  tally.times.add(milliseconds(outcome.tookMs));
  tally.requestBytes += sizeOf(request.body);
  if (outcome.kind === "answered") tally.answerBytes += sizeOf(outcome.answer.body);
}

function shown(endpoint: string, { requests, statuses, times, requestBytes, answerBytes }: Tally, seconds: number): EndpointActivity {
  return {
    endpoint,
    requests,
    perSecond: seconds > 0 ? requests / seconds : null,
    statuses: Object.fromEntries([...statuses].toSorted((a, b) => b[1] - a[1])),
    p50Ms: times.quantile(median),
    p99Ms: times.quantile(high),
    bytes: { requests: requestBytes, answers: answerBytes },
  };
}

function sizeOf(body: Body): number {
  if (body.kind === "none") return 0;
  return body.kind === "whole" ? body.bytes.length : body.length;
}
