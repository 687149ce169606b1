/** One entry of a HAR as an exchange, as far as HAR itself holds it. Dialects of browsers, proxies and test tools:
 *
 *    pseudo-header fields of HTTP/2 (`:authority`)      Host, where there is none; else left out
 *    `httpVersion` "", "unknown", "h2", "http/2.0"      1.1, 1.1, 2, 2
 *    one field with line feeds in its value             several fields
 *    status 0                                           no answer; `_error` says why, where it is there                  */

import { type Exchange, type FailureKind, type HeaderList, headerValue, notRecorded, type Outcome } from "../../model/exchange.ts";
import { type EpochMs, epochMs, milliseconds } from "../../model/units.ts";
import { isLatin1, type JsonObject } from "../fields.ts";
import { answerContent, requestContent } from "./har-bodies.ts";
import { objectAt, objectsAt, sizeAt, textAt } from "./har-json.ts";
import type { Tally } from "./tally.ts";

/** Everything but its lane. Null = it is no request by HTTP, or has no time. */
export type PlainExchange = Omit<Exchange, "lane">;

const httpUrl = /^(?:https?|wss?):\/\/([^/?#]*)([^#]*)/i;
const isoTime = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;
const lowestStatus = 100;
const highestStatus = 999;
const msPerSecond = 1000;

/** What browsers call a failure (net/base/net_error_list.h of Chromium; Firefox's names have the same words). */
const failures: readonly (readonly [RegExp, FailureKind])[] = [
  [/blocked|cache/i, "skipped"],
  [/abort|cancel/i, "aborted"],
  [/timed?_?\s?out/i, "timed-out"],
  [/refused|disconnected|not_resolved|unreachable|connection_failed|unknown_?host/i, "refused"],
  [/reset|closed|empty_response/i, "reset"],
  [/incomplete|mismatch|partial/i, "truncated"],
  [/invalid|protocol|malformed/i, "not-http"],
];

/** @param id for an entry that does not bring one */
export function readHarEntry(entry: JsonObject, id: string, tally: Tally): PlainExchange | null {
  const request = objectAt(entry, "request");
  const [, host, afterHost = ""] = httpUrl.exec(textAt(request, "url") ?? "") ?? [];
  const method = textAt(request, "method") ?? "";
  const at = timeOf(textAt(entry, "startedDateTime") ?? "");
  if (host === undefined || method === "" || !isLatin1(method) || at === null) return null;
  const connection = textAt(entry, "connection") ?? "";
  const content = requestContent(objectAt(request, "postData"), sizeAt(request, "bodySize"), requestHeaders(request, host), tally);
  return {
    id,
    at,
    ...(connection === "" || !connection.isWellFormed() ? {} : { connection }),
    labels: {},
    request: { method, target: targetOf(afterHost), version: versionOf(textAt(request, "httpVersion")), ...content },
    outcome: outcomeOf(entry, method, tally),
  };
}

/** With the fraction in full: Date.parse keeps milliseconds only. A time without a zone is taken as UTC, so that it means the same everywhere. */
function timeOf(text: string): EpochMs | null {
  const [, seconds, fraction = "0", zone = "Z"] = isoTime.exec(text) ?? [];
  const whole = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`);
  return Number.isNaN(whole) ? null : epochMs(whole + Number(fraction) * msPerSecond);
}

function targetOf(afterHost: string): string {
  const target = afterHost.startsWith("/") ? afterHost : `/${afterHost}`;
  return isLatin1(target) ? target : target.replace(/[^\0-\x7f]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}

function versionOf(text: string | null): string {
  const [, version] = /^(?:HTTP\/|h)(\d(?:\.\d)?)$/i.exec(text ?? "") ?? [];
  return version === undefined ? "1.1" : version.replace(/^([2-9])\.0$/, "$1").replace(/^1$/, "1.1");
}

function requestHeaders(request: JsonObject, host: string): HeaderList {
  const all = headersOf(request);
  const headers = all.filter(([name]) => !name.startsWith(":"));
  if (headerValue(headers, "host") !== undefined) return headers;
  const authority = headerValue(all, ":authority") ?? host.slice(host.lastIndexOf("@") + 1);
  return authority === "" ? headers : [["Host", bytesAsLatin1(authority)], ...headers];
}

function headersOf(message: JsonObject): HeaderList {
  return objectsAt(message, "headers").flatMap((header) => {
    const name = bytesAsLatin1(textAt(header, "name") ?? "");
    return (textAt(header, "value") ?? "").split("\n").map((value) => [name, bytesAsLatin1(value.replace(/\r$/, ""))] as const);
  });
}

/** What is no Latin-1 was UTF-8 on the wire. */
function bytesAsLatin1(text: string): string {
  return isLatin1(text) ? text : Buffer.from(text.toWellFormed()).toString("latin1");
}

function outcomeOf(entry: JsonObject, method: string, tally: Tally): Outcome {
  const response = objectAt(entry, "response");
  const status = sizeAt(response, "status") ?? 0;
  const { tookMs, firstByteMs } = timesOf(entry);
  if (!Number.isInteger(status) || status < lowestStatus || status > highestStatus) return failureOf(entry, response, tookMs, tally);
  if (objectsAt(entry, "_webSocketMessages").length > 0) tally.add("WebSocket", "whose messages were left out");
  const headers = headersOf(response).filter(([name]) => !name.startsWith(":"));
  const reason = bytesAsLatin1(textAt(response, "statusText") ?? "");
  const content = answerContent(objectAt(response, "content"), status, method, headers, tally);
  return {
    kind: "answered",
    answer: { status, reason, ...content },
    firstByteMs: milliseconds(firstByteMs),
    tookMs: milliseconds(tookMs),
  };
}

function failureOf(entry: JsonObject, response: JsonObject, tookMs: number, tally: Tally): Outcome {
  const error = textAt(response, "_error") ?? textAt(entry, "_error") ?? "";
  const kind = failures.find(([pattern]) => pattern.test(error))?.[1];
  tally.add("request", "without an answer");
  const detail = kind === undefined || kind === "skipped" ? notRecorded : error;
  return { kind: kind ?? "skipped", tookMs: milliseconds(tookMs), detail };
}

/** The whole time, and the time until the body began. What is negative is not known (HAR 1.2, `timings`). */
function timesOf(entry: JsonObject): { readonly tookMs: number; readonly firstByteMs: number } {
  const timings = objectAt(entry, "timings");
  // `ssl` is a part of `connect`.
  const before = ["blocked", "dns", "connect", "send", "wait"].reduce((sum, name) => sum + (sizeAt(timings, name) ?? 0), 0);
  const receive = sizeAt(timings, "receive") ?? 0;
  const tookMs = sizeAt(entry, "time") ?? before + receive;
  return { tookMs, firstByteMs: Math.max(0, Math.min(tookMs, tookMs - receive)) };
}
