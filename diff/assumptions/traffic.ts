/** What a recording's traffic does, place by place. Read twice: first the names of endpoints and maps, then everything.
 *
 *    staging ────► learn ─┐                 ┌─► Traffic of staging ─────────┐
 *    production ─► learn ─┴─► Vocabulary ───┴─► Traffic of production ──────┴─► beliefs.ts
 *                                               (held against staging's while it is read)
 *
 * In fixed room for each place, and a bounded number of places. */

import { parseCookieHeader } from "../../model/cookies.ts";
import { type Exchange, type HeaderList, headerValues } from "../../model/exchange.ts";
import { mediaTypeOf } from "../../model/media-type.ts";
import { EndpointNames } from "../endpoint-names.ts";
import type { GivenEndpoint } from "../given-endpoints.ts";
import { KnownMaps, keyName } from "../known-maps.ts";
import { requestPath } from "../request-path.ts";
import { jsonOf } from "../request-reading.ts";
import { segmentClass } from "../segment-class.ts";
import { type ReadExchange, readExchange } from "../shapes/exchange-shape.ts";
import { noteJson, noteLacking } from "./json-facts.ts";
import { Place } from "./place.ts";
import { isMuchLonger, type Noted, noteNumber, noteText } from "./scalar-facts.ts";
import { SessionOverlaps } from "./session-overlaps.ts";
import { type Moment, sessionNumber } from "./sightings.ts";

/** About the connection, the client's software or the network between: nothing that a service decides on. */
const plainHeaders =
  /^(?:host|connection|keep-alive|user-agent|content-length|transfer-encoding|content-type|content-encoding|cookie|set-cookie|date|age|via|te|forwarded|x-forwarded-.*|x-real-ip|x-request-id|x-correlation-id|traceparent|tracestate|b3|x-b3-.*|sec-.*|upgrade-insecure-requests|dnt|priority|server-timing|cf-.*|x-amzn?-.*|x-penumbra.*)$/;
/** Of so many names pairs are looked at. */
const mostPaired = 16;
const plainNumber = /^-?\d{1,15}(?:\.\d{1,9})?$/;
/** Twice as large, and at least so many bytes more. */
const leastLarger = 1024;
/** Between the two names of a pair. */
export const pairMark = " and ";

/** What both recordings call things. */
export class Vocabulary {
  private readonly names: EndpointNames;
  readonly maps = new KnownMaps();

  constructor(endpoints: readonly GivenEndpoint[]) {
    this.names = new EndpointNames(endpoints);
  }

  /** First of all exchanges of both recordings. */
  learnName({ request }: Exchange): void {
    this.names.learn(request);
  }

  /** Then of all of them again. */
  learnMaps(exchange: Exchange): void {
    const { endpoint, request, answer } = this.read(exchange);
    if (request !== null) this.maps.learn(`request ${endpoint}`, request);
    if (answer !== null) this.maps.learn(`answer ${endpoint}`, answer);
  }

  read(exchange: Exchange): ReadExchange {
    const json = jsonOf(exchange.request);
    return readExchange(exchange, this.names.of(exchange.request, json), json);
  }
}

export class Traffic {
  readonly root: Place = new Place({ places: 0 });
  private readonly vocabulary: Vocabulary;
  private readonly staging: Traffic | null;
  private readonly overlaps: SessionOverlaps = new SessionOverlaps(this.root);
  private exchanges = 0;

  /** @param staging what this traffic is held against; null = nothing */
  constructor(vocabulary: Vocabulary, staging: Traffic | null) {
    this.vocabulary = vocabulary;
    this.staging = staging;
  }

  /** In the order of starts. */
  add(exchange: Exchange): void {
    const read = this.vocabulary.read(exchange);
    const { endpoint } = read;
    const session = exchange.lane ?? exchange.connection ?? null;
    const at: Moment = { number: this.exchanges++, session: sessionNumber(session ?? `alone ${this.exchanges}`) };
    this.root.seen.note(at);
    this.root.note("endpoint", endpoint, at);
    const place = this.root.at(endpoint);
    if (place === null) return;
    place.seen.note(at);
    const noted: Noted = { place, staging: this.staging?.root.below.get(endpoint) ?? null, at };
    notePath(exchange.request.target, endpoint, noted);
    noteParameters(read, noted);
    notePairs("headers", noteHeaders(exchange.request.headers, noted), noted);
    this.noteBody("body", exchange.request, read.request, `request ${endpoint}`, noted);
    this.noteAnswer(read, noted);
    if (session === null) return;
    const end = exchange.at + exchange.outcome.tookMs;
    this.overlaps.add({ session, endpoint, start: exchange.at, end, place, at });
  }

  private noteAnswer({ exchange: { outcome }, endpoint, answer: json }: ReadExchange, noted: Noted): void {
    // Whether the client or the network gave up is no property of the service.
    if (outcome.kind !== "answered") return;
    const { status } = outcome.answer;
    const statuses = step(noted, "answer");
    if (statuses === null) return;
    statuses.place.seen.note(noted.at);
    statuses.place.note("status", String(status), noted.at);
    const answer = step(statuses, `answer ${status}`);
    if (answer === null) return;
    answer.place.seen.note(noted.at);
    noteHeaders(outcome.answer.headers, answer);
    this.noteBody("", outcome.answer, json, `answer ${endpoint}`, answer);
  }

  private noteBody(
    name: string,
    { headers, body }: Pick<Exchange["request"], "headers" | "body">,
    json: ReadExchange["request"],
    subject: string,
    noted: Noted,
  ): void {
    const size = body.kind === "none" ? 0 : body.kind === "whole" ? body.bytes.length : body.length;
    if (size === 0) return noted.place.note("media type", "none", noted.at);
    noted.place.note("media type", mediaTypeOf(headers)?.essence ?? "unknown", noted.at);
    const document = step(noted, json === null ? "content" : `document ${name}`);
    if (document === null) return;
    if (json !== null) return noteJson(json, "", document, this.vocabulary.maps.rootOf(subject));
    document.place.seen.note(noted.at);
    document.place.lengths.add(size);
    if (isMuchLonger(size, document.staging?.lengths.most ?? Number.NEGATIVE_INFINITY, leastLarger))
      document.place.note("size", "larger", noted.at);
  }
}

/** Of which class the parameters of a route's path are. */
function notePath(target: string, endpoint: string, noted: Noted): void {
  const template = (endpoint.split(" ", 2)[1] ?? "").split("/");
  const segments = requestPath(target).split("/");
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    if (segment === undefined || !/^\{[^{}]+\}$/.test(part)) continue;
    const place = step(noted, part);
    place?.place.seen.note(noted.at);
    place?.place.note("id form", segmentClass(segment), noted.at);
  }
}

function noteParameters({ parameters }: ReadExchange, noted: Noted): void {
  const there = new Set<string>();
  for (const { name, value } of parameters) {
    noted.place.note("parameter", there.has(name) ? `${name} twice` : name, noted.at);
    there.add(name);
    const parameter = step(noted, `parameter ${name}`);
    if (parameter === null) continue;
    parameter.place.seen.note(noted.at);
    if (plainNumber.test(value)) noteNumber(Number(value), name, parameter);
    else noteText(value, name, parameter);
  }
  noteLacking("parameter", there, noted);
  notePairs("parameters", [...there], noted);
}

/** @returns their names */
function noteHeaders(headers: HeaderList, noted: Noted): readonly string[] {
  const names = new Set(headers.map(([name]) => name.toLowerCase()).filter((name) => !plainHeaders.test(name)));
  const cookies = headerValues(headers, "cookie").flatMap(parseCookieHeader);
  for (const [name] of cookies) names.add(`cookie ${keyName(name)}`);
  for (const name of names) noted.place.note("header", name, noted.at);
  noteLacking("header", names, noted);
  return [...names];
}

function notePairs(what: "parameters" | "headers", names: readonly string[], noted: Noted): void {
  const pairs = noted.place.at(`pairs of ${what}`);
  pairs?.seen.note(noted.at);
  const sorted = names.toSorted().slice(0, mostPaired);
  for (const [index, one] of sorted.entries()) {
    for (const other of sorted.slice(index + 1)) pairs?.note("combination", `${one}${pairMark}${other}`, noted.at);
  }
}

function step({ place, staging, at }: Noted, name: string): Noted | null {
  const below = place.at(name);
  return below === null ? null : { place: below, staging: staging?.below.get(name) ?? null, at };
}
