/** Exchanges and outcomes as plain JSON values, the form that NDJSON recordings and runs share.
 * To and from are pairs; unknown keys survive in `extra` at the level where they stood:
 *
 *    {"id": …, "mine": 1, "request": {"method": …, "hint": 2, "body": {"text": …, "was": 3}}}
 *      extra = {"mine": 1, "request": {"hint": 2, "body": {"was": 3}}}                        */

import {
  type Answer,
  type Exchange,
  type FailureKind,
  failureKinds,
  type HeaderList,
  type HttpRequest,
  type Outcome,
  trailersIfAny,
} from "../model/exchange.ts";
import { epochMs, milliseconds } from "../model/units.ts";
import { bodyFromJson, bodyToJson, knownBodyKeys } from "./body-json.ts";
import { Fields, FormError, isLatin1, isObject, type JsonObject } from "./fields.ts";

const exchangeKeys = ["id", "at", "lane", "connection", "labels", "inclusion", "request", "outcome"];
const requestKeys = ["method", "target", "version", "headers", "body", "trailers"];
const answeredKeys = ["kind", "status", "reason", "headers", "body", "trailers", "firstByteMs", "tookMs"];
const failedKeys = ["kind", "tookMs", "detail"];
/** What a line without a version most likely was. */
const usualVersion = "1.1";
/** Of a JavaScript date (ECMAScript, time values). */
const greatestTime = 8.64e15;
/** Statuses have three digits (RFC 9110 §15). */
const lowestStatus = 100;
const highestStatus = 999;

export function exchangeToJson(exchange: Exchange): JsonObject {
  const known = {
    id: exchange.id,
    at: exchange.at,
    lane: exchange.lane,
    ...(exchange.connection === undefined ? {} : { connection: exchange.connection }),
    labels: exchange.labels,
    ...(exchange.inclusion === undefined ? {} : { inclusion: exchange.inclusion }),
    request: requestToJson(exchange.request),
    outcome: outcomeToJson(exchange.outcome),
  };
  return exchange.extra === undefined ? known : withExtra(known, exchange.extra);
}

/** @throws FormError */
export function exchangeFromJson(value: unknown, path: string): Exchange {
  const fields = new Fields(value, path);
  const id = fields.text("id");
  if (id === "") fields.unfit("id", "a string that is not empty");
  const at = epochMs(fields.number("at"));
  if (Math.abs(at) > greatestTime) fields.unfit("at", "milliseconds since 1970 within what a date can hold");
  const lane = fields.raw("lane") === undefined || fields.raw("lane") === null ? null : fields.text("lane");
  const inclusion = fields.raw("inclusion") === undefined ? {} : { inclusion: inclusionOf(fields) };
  const extra = isObject(value) ? extraOf(value) : undefined;
  return {
    id,
    at,
    lane,
    ...(fields.raw("connection") === undefined ? {} : { connection: fields.text("connection") }),
    labels: fields.strings("labels"),
    request: requestFromJson(fields.object("request"), fields.pathOf("request")),
    outcome: outcomeFromJson(fields.raw("outcome"), fields.pathOf("outcome")),
    ...inclusion,
    ...(extra === undefined ? {} : { extra }),
  };
}

export function outcomeToJson(outcome: Outcome): JsonObject {
  if (outcome.kind !== "answered") return { ...outcome };
  const { status, reason, headers, body, trailers } = outcome.answer;
  const { firstByteMs, tookMs } = outcome;
  return { kind: "answered", status, reason, headers, body: bodyToJson(body), ...trailersIfAny(trailers), firstByteMs, tookMs };
}

/** @throws FormError */
export function outcomeFromJson(value: unknown, path: string): Outcome {
  const fields = new Fields(value, path);
  const kind = fields.string("kind");
  const tookMs = milliseconds(fields.span("tookMs", 0));
  if (kind === "answered") {
    return { kind, answer: answerFromJson(fields), firstByteMs: milliseconds(fields.span("firstByteMs", tookMs)), tookMs };
  }
  if (!isFailureKind(kind)) return fields.unfit("kind", `one of answered, ${failureKinds.join(", ")}`);
  return fields.raw("detail") === undefined ? { kind, tookMs } : { kind, tookMs, detail: fields.string("detail") };
}

/** The exchange with `extra` from a second reading that kept the spelling of numbers (lossless-numbers.ts);
 * rare, since most lines have no keys but ours. */
export function withSpelledExtra(exchange: Exchange, again: unknown): Exchange {
  const extra = isObject(again) ? extraOf(again) : undefined;
  return extra === undefined ? exchange : { ...exchange, extra };
}

/** What stands beside the keys we know, level by level; undefined when nothing does. */
function extraOf(exchange: JsonObject): JsonObject | undefined {
  const request = exchange["request"];
  const outcome = exchange["outcome"];
  const outcomeKeys = isObject(outcome) && outcome["kind"] === "answered" ? answeredKeys : failedKeys;
  return leftover(exchange, exchangeKeys, {
    request: isObject(request) ? leftover(request, requestKeys, { body: bodyExtra(request["body"]) }) : undefined,
    outcome: isObject(outcome) ? leftover(outcome, outcomeKeys, { body: bodyExtra(outcome["body"]) }) : undefined,
  });
}

function bodyExtra(body: unknown): JsonObject | undefined {
  return isObject(body) ? leftover(body, knownBodyKeys(body), {}) : undefined;
}

function leftover(
  object: JsonObject,
  known: readonly string[],
  inner: Readonly<Record<string, JsonObject | undefined>>,
): JsonObject | undefined {
  const own = Object.entries(object).filter(([key]) => !known.includes(key));
  const nested = Object.entries(inner).filter(([key, value]) => known.includes(key) && value !== undefined);
  const entries = [...own, ...nested];
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Puts unknown keys back where they stood; a key of ours always wins. */
function withExtra(known: JsonObject, extra: JsonObject): JsonObject {
  const merged = Object.entries(known).map(([key, value]): [string, unknown] => {
    const inner = Object.hasOwn(extra, key) ? extra[key] : undefined;
    return [key, isObject(value) && isObject(inner) && key !== "labels" ? withExtra(value, inner) : value];
  });
  const added = Object.entries(extra).filter(([key]) => !Object.hasOwn(known, key));
  return Object.fromEntries([...merged, ...added]);
}

function requestToJson(request: HttpRequest): JsonObject {
  const { method, target, version, headers, body, trailers } = request;
  return { method, target, version, headers, body: bodyToJson(body), ...trailersIfAny(trailers) };
}

function requestFromJson(fields: Fields, path: string): HttpRequest {
  const method = fields.latin1("method");
  if (method === "") fields.unfit("method", "a string that is not empty");
  return {
    method,
    target: fields.latin1("target"),
    version: fields.latin1("version", usualVersion),
    headers: headersFromJson(fields, "headers"),
    body: bodyFromJson(fields.raw("body"), `${path}.body`),
    ...trailersFromJson(fields),
  };
}

function answerFromJson(fields: Fields): Answer {
  const status = fields.count("status");
  if (status < lowestStatus || status > highestStatus) fields.unfit("status", `from ${lowestStatus} to ${highestStatus}`);
  return {
    status,
    reason: fields.latin1("reason", ""),
    headers: headersFromJson(fields, "headers"),
    body: bodyFromJson(fields.raw("body"), fields.pathOf("body")),
    ...trailersFromJson(fields),
  };
}

function trailersFromJson(fields: Fields): { readonly trailers?: HeaderList } {
  return fields.raw("trailers") === undefined ? {} : trailersIfAny(headersFromJson(fields, "trailers"));
}

function headersFromJson(fields: Fields, key: "headers" | "trailers"): HeaderList {
  return fields.array(key).map((entry, index) => {
    const place = `${fields.pathOf(key)}[${index}]`;
    if (!Array.isArray(entry) || entry.length !== 2) throw new FormError(`${place} must be [name, value]`);
    const [name, value]: readonly unknown[] = entry;
    if (typeof name !== "string" || typeof value !== "string") throw new FormError(`${place} must be two strings`);
    if (!isLatin1(name) || !isLatin1(value)) throw new FormError(`${place} must be Latin-1 (one character a byte)`);
    return [name, value] as const;
  });
}

function inclusionOf(fields: Fields): number {
  const value = fields.number("inclusion");
  return value > 0 && value <= 1 ? value : fields.unfit("inclusion", "a probability above 0 and up to 1");
}

function isFailureKind(kind: string): kind is FailureKind {
  return (failureKinds as readonly string[]).includes(kind);
}
