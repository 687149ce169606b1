/** What there is for and against every signature: how often candidate and control show it alone, in independent units, and how that
 * lies among like requests.
 *
 *    D = the candidate shows it, N = the control shows it, per exchange
 *    b, c ──► by lane, by record or by request ──► e-value, times what the probes say
 *
 * The units and what a probe is worth are argued in docs/decisions/0002-small-runs.md. */

import type { DifferenceKind } from "../model/difference.ts";
import { meanEvidence, probeEvidence, requestEvidence, unitEvidence } from "./evidence.ts";
import { namelessPlace } from "./markup-names.ts";
import type { MaskedTest } from "./masked-test.ts";
import { mainTransition, pointsOf, type SignatureRecord } from "./signatures.ts";
import { type ComparedExchange, Counts, type RunTally } from "./tally.ts";

/** From here on lanes are enough in number to be the unit of evidence. */
export const fewestLanes = 20;
/** A group of like requests that all show a difference means something from this size on. */
const leastGroup = 3;
/** Over this share of noise at the level of values a leaf's values decide nothing. */
export const maskedShare = 0.5;
/** Lanes in which a leaf never was noisy, before a probe without fresh state says anything about it. */
const quietLanes = 20;
/** Lanes and requests of one shape that all show it: state that sticks to a lane or an entity does not follow request shapes. */
const leastSpread = 4;
/** Share of the showing exchanges that must lie in groups large enough to tell. */
const groupedShare = 0.8;
/** See isStructural. */
const structuralKinds: ReadonlySet<DifferenceKind> = new Set([
  "header.missing",
  "header.extra",
  "header.format",
  "header.multiplicity",
  "header.cookie-attribute",
  "body.media-type",
  "body.charset",
  "body.encoding",
  "body.undecodable",
  "body.unparseable",
  "json.type",
  "json.format",
]);

/** So often the candidate alone shows a difference under one name, before the control's under others are none of its own: by chance one name in 128. */
const tellingNames = 7;

export interface Background {
  readonly comparedAt: Counts;
  readonly lanesAt: ReadonlyMap<number, ReadonlySet<number>>;
  readonly contentSize: Counts;
  readonly shapeSize: Counts;
  /** Leaves at which the control ever differed, whatever the kind. */
  readonly noisyLeaves: ReadonlySet<string>;
  /** Statuses that production and control answered in each other's place, by endpoint. */
  readonly noisyStatuses: ReadonlySet<string>;
  /** Places in pages, without the names of elements, at which the control ever differed (markup-names.ts). */
  readonly noisyNameless: ReadonlySet<string>;
}

export function backgroundOf(records: readonly SignatureRecord[], run: RunTally): Background {
  const comparedAt = new Counts();
  const contentSize = new Counts();
  const shapeSize = new Counts();
  const lanesAt = new Map<number, Set<number>>();
  for (const exchange of run.exchanges) {
    if (exchange.afterGap) continue;
    comparedAt.add(exchange.endpoint);
    contentSize.add(exchange.content);
    shapeSize.add(exchange.shape);
    let lanes = lanesAt.get(exchange.endpoint);
    if (lanes === undefined) lanesAt.set(exchange.endpoint, (lanes = new Set()));
    lanes.add(exchange.lane);
  }
  const noisyLeaves = new Set(records.filter(({ noisy }) => noisy.length > 0).map(leafOf));
  const noisyStatuses = new Set(records.filter(({ noisy }) => noisy.length > 0).flatMap((record) => statusesOf(record) ?? []));
  const noisyNameless = new Set(records.filter(({ noisy }) => noisy.length > 0).flatMap((record) => namelessPlace(record) ?? []));
  return { comparedAt, contentSize, shapeSize, lanesAt, noisyLeaves, noisyStatuses, noisyNameless };
}

/** The two statuses of a change, whichever comes first; null of any other difference. */
function statusesOf(record: SignatureRecord): string | null {
  const { endpoint, location } = record.signature;
  return location === "status" ? `${endpoint}\n${mainTransition(record).text.split("→").toSorted().join(" ")}` : null;
}

export interface Weight {
  readonly record: SignatureRecord;
  readonly points: number;
  readonly b: number;
  readonly c: number;
  /** Distinct requests that count for b, the revealing one left out. */
  readonly requests: number;
  /** Lanes in which the candidate shows it and the control does not. */
  readonly lanes: number;
  readonly logE: number | null;
  /** The same counted by who asks, whatever is asked about. */
  readonly askersLogE: number;
  readonly isMasked: boolean;
  readonly noiseRate: number;
  /** Share of the exchanges of its endpoint at which the candidate shows it and the control does not. */
  readonly ownRate: number;
  /** The control shows it, too (of a page, under whatever name unless it is often), or production shows against the control what the candidate shows against production. */
  readonly isNoisy: boolean;
  readonly groups: Groups;
  /** It is about the values of a masked leaf; null = about where a difference shows. */
  readonly masked: MaskedTest | null;
}

/** @param background of all records of the run */
export function weigh(record: SignatureRecord, run: RunTally, background: Background): Weight {
  const at = (index: number): ComparedExchange => run.exchanges[index] as ComparedExchange;
  const first = at(Math.min(record.shown[0] ?? Number.POSITIVE_INFINITY, record.noisy[0] ?? Number.POSITIVE_INFINITY));
  const noisy = new Set(record.noisy);
  const shown = new Set(record.shown);
  const candidateOnly = record.shown.filter((index) => !noisy.has(index)).map(at);
  const controlOnly = record.noisy.filter((index) => !shown.has(index)).map(at);
  const compared = first === undefined ? 0 : background.comparedAt.of(first.endpoint) - record.comparedBefore;
  const groups = groupsOf(record.shown.map(at), background, isStructural(record));
  // Counted from a switch on, it cannot show at all requests of a shape; at all since then is as good.
  const followsShape = groups.followsShape || (record.comparedBefore > 0 && record.shown.length === compared);
  const byLane = balance(candidateOnly, controlOnly, (exchange) => exchange.lane, first?.lane);
  const byRequest = balance(candidateOnly, controlOnly, (exchange) => exchange.content, first?.content);
  const requests = byRequest.filter((x) => x > 0).length;
  const noiseRate = compared === 0 ? 0 : record.noisy.length / compared;
  const isQuiet =
    first !== undefined && !background.noisyLeaves.has(leafOf(record)) && (background.lanesAt.get(first.endpoint)?.size ?? 0) > quietLanes;
  // Entities make lanes depend on each other: a stale record is wrong for everyone who reads it, in every view of it. Unless
  // the difference follows the shape of requests rather than single ones, distinct records have to agree as well.
  const byRecord = balance(candidateOnly, controlOnly, (exchange) => exchange.record, first?.record);
  const isSmall = run.lanes < fewestLanes;
  const byAsker = isSmall ? balance(candidateOnly, controlOnly, askerOf, first && askerOf(first)) : byLane;
  const byUnits = followsShape ? unitEvidence(byLane) : Math.min(unitEvidence(byLane), unitEvidence(byRecord));
  const base = isSmall ? signedEvidence(byRequest) : byUnits;
  const askersLogE = isSmall ? signedEvidence(byAsker) : unitEvidence(byLane);
  return {
    record,
    points: pointsOf(record),
    b: candidateOnly.length,
    c: controlOnly.length,
    requests,
    lanes: new Set(candidateOnly.map(({ lane }) => lane)).size,
    askersLogE,
    // That it fails is no matter of a record's data, and what many users ask under one URL is not one record.
    logE: run.hasControl
      ? (isFailure(record) ? Math.max(base, askersLogE) : base) + probeFactor(record, isQuiet && groups.isWidespread)
      : null,
    isMasked: record.isValueLevel && noiseRate > maskedShare,
    noiseRate,
    ownRate: compared === 0 ? 0 : candidateOnly.length / compared,
    isNoisy:
      record.noisy.length > 0 ||
      background.noisyStatuses.has(statusesOf(record) ?? "") ||
      (candidateOnly.length < tellingNames && background.noisyNameless.has(namelessPlace(record) ?? "")),
    groups,
    masked: null,
  };
}

/** One user's request; equal for the same one again. */
function askerOf({ lane, content }: ComparedExchange): number {
  return lane * mostContents + content;
}

/** Distinct requests of a run that are told apart. */
const mostContents = 2 ** 26;

/** By distinct units that lean one way or the other, whatever by how much. */
function signedEvidence(units: readonly number[]): number {
  return requestEvidence(units.filter((x) => x > 0).length, units.filter((x) => x < 0).length);
}

/** b − c of every unit, without the unit that revealed the signature ("start after discovery"). */
function balance(
  candidateOnly: readonly ComparedExchange[],
  controlOnly: readonly ComparedExchange[],
  unitOf: (exchange: ComparedExchange) => number,
  revealing: number | undefined,
): number[] {
  const units = new Counts();
  for (const exchange of candidateOnly) units.add(unitOf(exchange));
  for (const exchange of controlOnly) units.add(unitOf(exchange), -1);
  return [...units.entries()].filter(([unit]) => unit !== revealing).map(([, x]) => x);
}

/** ln of what the probes multiply into E. The mean of several, since they may share state. */
function probeFactor(record: SignatureRecord, countsWithoutFreshState: boolean): number {
  const counted = record.probes.filter(({ freshState }) => freshState || countsWithoutFreshState);
  return meanEvidence(counted.map(({ answer, times }) => probeEvidence(times, answer === "separated")));
}

/** How the exchanges that show a signature lie among like requests. */
interface Groups {
  /** The requests decide about it, as far as a small run can tell. */
  readonly isDetermined: boolean;
  /** Wherever one request of a shape shows it, all of that shape do. */
  readonly followsShape: boolean;
  /** Some shape shows it without exception, over several lanes and, unless it is structural, several distinct requests. */
  readonly isWidespread: boolean;
}

function groupsOf(shown: readonly ComparedExchange[], background: Background, isOfTheBuild: boolean): Groups {
  const byContent = new Counts();
  const byShape = new Map<number, ComparedExchange[]>();
  for (const exchange of shown) {
    byContent.add(exchange.content);
    const members = byShape.get(exchange.shape);
    if (members === undefined) byShape.set(exchange.shape, [exchange]);
    else members.push(exchange);
  }
  const fullContents = [...byContent.entries()].filter(([content, count]) => count === background.contentSize.of(content));
  const safeContents = new Set(shown.filter(({ isSafe }) => isSafe).map(({ content }) => content));
  const fullShapes = [...byShape].filter(([shape, members]) => members.length === background.shapeSize.of(shape));
  const largeFull = fullShapes.filter(([, members]) => members.length >= leastGroup);
  return {
    isDetermined:
      (isOfTheBuild && (largeFull.length > 0 || fullContents.some(([, count]) => count >= leastGroup))) ||
      (fullShapes.length === byShape.size && fullContents.length >= leastGroup && new Set(shown.map(({ lane }) => lane)).size > 1) ||
      fullContents.some(([content, count]) => count >= leastGroup && !safeContents.has(content)),
    followsShape:
      fullShapes.length === byShape.size && largeFull.reduce((sum, [, members]) => sum + members.length, 0) >= groupedShare * shown.length,
    isWidespread: largeFull.some(
      ([, members]) =>
        new Set(members.map(({ lane }) => lane)).size >= leastSpread &&
        (isOfTheBuild || new Set(members.map(({ content }) => content)).size >= leastSpread),
    ),
  };
}

/** Whether a copy's data cannot bring it about by itself: headers, encodings, types and status codes are made by the
 * build, while values, elements and a thing's absence (404, 409, 410) may stick to one copy's records. */
export function isStructural(record: SignatureRecord): boolean {
  const { kind } = record.signature;
  if (kind.startsWith("status.")) return !/\b(?:404|409|410)\b/.test(mainTransition(record).text);
  return kind.startsWith("transport.") || structuralKinds.has(kind);
}

/** No answer, or a server error. */
export function isFailure(record: SignatureRecord): boolean {
  const { location } = record.signature;
  return location === "transport" || (location === "status" && /→5\d\d$/.test(mainTransition(record).text));
}

function leafOf(record: SignatureRecord): string {
  const { endpoint, location, path } = record.signature;
  return `${endpoint}\n${location}\n${path}`;
}
