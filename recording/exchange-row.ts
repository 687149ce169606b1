/** Exchange ↔ row of the `exchange` table; a pair.
 *
 *    columns      what people and queries ask for, and a checksum of all of it
 *    head         the rest: our own arrays of strings and numbers in msgpack; in a pack
 *    bodies       in their own table, by reference
 *
 * msgpack never sees a foreign object: msgpackr changes `__proto__` keys, -0 and lone surrogates, so
 * labels, extra and detail go in as one JSON text. Its record extension ("shared structures") is off:
 * an array of strings gains nothing from it, and a row stays readable without any other row. */

import { crc32 } from "node:zlib";
import { Packr } from "msgpackr";
import {
  type Body,
  type Exchange,
  type FailureKind,
  type HeaderList,
  type HttpRequest,
  noBody,
  type Outcome,
  trailersIfAny,
} from "../model/exchange.ts";
import { epochMs, milliseconds } from "../model/units.ts";
import { DamagedRowError } from "./damaged-row.ts";
import { isObject } from "./fields.ts";
import { parseKeepingNumbers } from "./lossless-numbers.ts";
import type { PackedAt } from "./packs.ts";
import { checksumOf } from "./row-checksum.ts";
import { flag } from "./schema.ts";

/** Where bodies are kept while a row is written or read. */
export interface BodySink {
  put(bytes: Uint8Array): number;
  /** A head: written with others, not looked for among them. */
  putHead(bytes: Uint8Array): PackedAt;
}
export interface BodySource {
  get(id: number): Uint8Array;
  packed(place: PackedAt, length: number): Uint8Array;
}

export interface ExchangeRow {
  readonly epoch: string;
  readonly sequence: number;
  readonly exchange_id: string;
  readonly lane: string | null;
  readonly connection: string | null;
  readonly at_ms: number;
  readonly first_byte_ms: number | null;
  readonly took_ms: number;
  readonly method: string;
  readonly target: string;
  readonly status: number | null;
  readonly outcome: string;
  readonly request_size: number | null;
  readonly answer_size: number | null;
  readonly request_body: number | null;
  readonly request_tail: number | null;
  readonly answer_body: number | null;
  readonly answer_tail: number | null;
  readonly flags: number;
  readonly inclusion: number | null;
  readonly head_pack: number;
  readonly head_at: number;
  readonly head_length: number;
  readonly crc32: number;
}

/** In format 2 the checksum is of the head alone, in format 1 the head is in its row. */
type RowOfFormat2 = Omit<ExchangeRow, "crc32"> & { readonly head_crc32: number };
type RowOfFormat1 = Omit<RowOfFormat2, "head_pack" | "head_at"> & { readonly head: Uint8Array };

/** As it is read. */
export type StoredRow = ExchangeRow | RowOfFormat2 | RowOfFormat1;

type StoredLater = "request_body" | "request_tail" | "answer_body" | "answer_tail" | "head_pack" | "head_at" | "crc32";

/** A row whose bodies and head are not stored yet. */
export type LooseRow = Omit<ExchangeRow, StoredLater> & { readonly head: Uint8Array };

/** Length and SHA-256 of a capped body; its parts are in the body table. */
type CappedForm = readonly [length: number, sha256: string];

/** The blob, in this order. Headers are flat: name, value, name, value. */
type Head = readonly [
  version: string,
  requestHeaders: readonly string[],
  requestCapped: CappedForm | null,
  reason: string,
  answerHeaders: readonly string[],
  answerCapped: CappedForm | null,
  /** JSON of Rest. */
  rest: string,
];

interface Rest {
  readonly labels?: Readonly<Record<string, string>>;
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly detail?: string;
  /** Rare, so that they have no place of their own; builds that do not know them read the rest. */
  readonly requestTrailers?: HeaderList;
  readonly answerTrailers?: HeaderList;
}

const packr = new Packr({ useRecords: false });

/** The row without its bodies, so that what can fail for one exchange fails before the batch is written.
 * @throws TypeError when a string has no UTF-8 form or `extra` no JSON form */
export function rowOf(epoch: string, sequence: number, exchange: Exchange): LooseRow {
  const { request, outcome } = exchange;
  const answer = outcome.kind === "answered" ? outcome.answer : null;
  for (const text of [exchange.id, exchange.lane ?? "", exchange.connection ?? ""]) {
    if (!text.isWellFormed()) throw new TypeError("ids, lanes and connections must be well-formed Unicode");
  }
  const head = packHead(exchange);
  return {
    epoch,
    sequence,
    exchange_id: exchange.id,
    lane: exchange.lane,
    connection: exchange.connection ?? null,
    at_ms: exchange.at,
    first_byte_ms: outcome.kind === "answered" ? outcome.firstByteMs : null,
    took_ms: outcome.tookMs,
    method: request.method,
    target: request.target,
    status: answer?.status ?? null,
    outcome: outcome.kind,
    request_size: sizeOf(request.body),
    answer_size: answer === null ? null : sizeOf(answer.body),
    flags: (request.body.kind === "capped" ? flag.requestCapped : 0) | (answer?.body.kind === "capped" ? flag.answerCapped : 0),
    inclusion: exchange.inclusion ?? null,
    head,
    head_length: head.length,
  };
}

/** Stores bodies and head, and names them in the row. */
export function withBodies({ head, ...row }: LooseRow, exchange: Exchange, bodies: BodySink): ExchangeRow {
  const answer = exchange.outcome.kind === "answered" ? exchange.outcome.answer.body : noBody;
  const [request_body, request_tail] = putBody(exchange.request.body, bodies);
  const [answer_body, answer_tail] = putBody(answer, bodies);
  const { pack: head_pack, at: head_at } = bodies.putHead(head);
  const stored = { ...row, request_body, request_tail, answer_body, answer_tail, head_pack, head_at };
  return { ...stored, crc32: checksumOf(stored, head) };
}

/** @throws DamagedRowError */
export function exchangeOf(row: StoredRow, bodies: BodySource): Exchange {
  const head = unpackHead(row, bodies);
  const [version, requestHeaders, requestCapped, , , , restText] = head;
  const rest = readRest(restText);
  const request: HttpRequest = {
    method: row.method,
    target: row.target,
    version,
    headers: pairsOf(requestHeaders),
    body: takeBody([row.request_body, row.request_tail], requestCapped, bodies),
    ...trailersIfAny(rest.requestTrailers),
  };
  return {
    id: row.exchange_id,
    at: epochMs(row.at_ms),
    lane: row.lane,
    ...(row.connection === null ? {} : { connection: row.connection }),
    labels: rest.labels ?? {},
    request,
    outcome: outcomeOf(row, head, rest, bodies),
    ...(row.inclusion === null ? {} : { inclusion: row.inclusion }),
    ...(rest.extra === undefined ? {} : { extra: rest.extra }),
  };
}

function outcomeOf(row: StoredRow, head: Head, rest: Rest, bodies: BodySource): Outcome {
  const tookMs = milliseconds(row.took_ms);
  if (row.outcome !== "answered") {
    const kind = row.outcome as FailureKind;
    return rest.detail === undefined ? { kind, tookMs } : { kind, tookMs, detail: rest.detail };
  }
  if (row.status === null || row.first_byte_ms === null) throw new DamagedRowError("an answer without status or time");
  const [, , , reason, answerHeaders, answerCapped] = head;
  const body = takeBody([row.answer_body, row.answer_tail], answerCapped, bodies);
  return {
    kind: "answered",
    answer: { status: row.status, reason, headers: pairsOf(answerHeaders), body, ...trailersIfAny(rest.answerTrailers) },
    firstByteMs: milliseconds(row.first_byte_ms),
    tookMs,
  };
}

function packHead(exchange: Exchange): Buffer {
  const { request, outcome } = exchange;
  const answer = outcome.kind === "answered" ? outcome.answer : null;
  const rest: Rest = {
    ...(Object.keys(exchange.labels).length === 0 ? {} : { labels: exchange.labels }),
    ...(exchange.extra === undefined ? {} : { extra: exchange.extra }),
    ...(outcome.kind === "answered" || outcome.detail === undefined ? {} : { detail: outcome.detail }),
    ...(request.trailers === undefined ? {} : { requestTrailers: request.trailers }),
    ...(answer?.trailers === undefined ? {} : { answerTrailers: answer.trailers }),
  };
  const head: Head = [
    request.version,
    request.headers.flat(),
    cappedForm(request.body),
    answer?.reason ?? "",
    answer?.headers.flat() ?? [],
    answer === null ? null : cappedForm(answer.body),
    JSON.stringify(rest),
  ];
  return packr.pack(head);
}

/** Checksum first: msgpackr reads some garbage without a complaint. */
function unpackHead(row: StoredRow, packs: BodySource): Head {
  const bytes = "head" in row ? row.head : packs.packed({ pack: row.head_pack, at: row.head_at }, row.head_length);
  const isWhole = "crc32" in row ? checksumOf(row, bytes) === row.crc32 : crc32(bytes) === row.head_crc32;
  if (bytes.length !== row.head_length || !isWhole) throw new DamagedRowError("its checksum is wrong");
  const head: unknown = packr.unpack(bytes);
  if (!Array.isArray(head) || head.length !== 7) throw new DamagedRowError("its head is not one of ours");
  return head as unknown as Head;
}

function readRest(text: string): Rest {
  // Only `extra` may hold numbers, and those keep their spelling.
  const rest = parseKeepingNumbers(text);
  return isObject(rest) ? rest : {};
}

function cappedForm(body: Body): CappedForm | null {
  return body.kind === "capped" ? [body.length, body.sha256] : null;
}

function sizeOf(body: Body): number | null {
  if (body.kind === "none") return null;
  return body.kind === "whole" ? body.bytes.length : body.length;
}

function putBody(body: Body, bodies: BodySink): readonly [number | null, number | null] {
  switch (body.kind) {
    case "none":
      return [null, null];
    case "whole":
      return [bodies.put(body.bytes), null];
    case "capped":
      return [bodies.put(body.head), bodies.put(body.tail)];
    default:
      return body satisfies never;
  }
}

function takeBody(parts: readonly [number | null, number | null], capped: CappedForm | null, bodies: BodySource): Body {
  const [first, tail] = parts;
  if (first === null) return noBody;
  if (capped === null) return { kind: "whole", bytes: bodies.get(first) };
  if (tail === null) throw new DamagedRowError("a capped body without its last part");
  const [length, sha256] = capped;
  return { kind: "capped", length, sha256, head: bodies.get(first), tail: bodies.get(tail) };
}

function pairsOf(flat: readonly string[]): HeaderList {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] ?? "", flat[i + 1] ?? ""]);
  return pairs;
}
