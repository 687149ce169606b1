/** What requests have in common: same content, same shape. A difference that is tied to
 * one of these is caused by the request; one that is not may come from whom, when or where it was asked. */

import { createHash } from "node:crypto";
import type { HttpRequest, Outcome } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { mediaTypeOf } from "../model/media-type.ts";
import { jsonOf, queryPairs } from "./request-reading.ts";

/** Deeper levels are not told apart: a shape is for grouping. */
const shapeDepth = 32;

/** Equal for requests that ask for the same: method, target and body. */
export function requestContent(request: HttpRequest): string {
  const hash = createHash("sha256").update(JSON.stringify([request.method, request.target, request.body.kind]));
  if (request.body.kind === "whole") hash.update(request.body.bytes);
  if (request.body.kind === "capped") hash.update(request.body.sha256);
  return hash.digest("base64url");
}

/** Equal for requests about the same record: where the path names one, the rest of the request only asks for another view of it.
 * @param endpoint `{…}` and `*` in its template stand for what names a record, unless an operation follows: then the request does */
export function requestRecord(endpoint: string, request: HttpRequest): string {
  const [, template = "", operation] = endpoint.split(" ", 3);
  return operation === undefined && /[{*]/.test(template)
    ? `${request.method} ${request.target.split("?", 1)[0] ?? ""}`
    : requestContent(request);
}

/** Equal for requests that are built alike: endpoint, names of query parameters and headers (cookies aside), kind of body.
 * @param json the request's body, where it is JSON */
export function requestShape(endpoint: string, request: HttpRequest, json: JsonNode | null): string {
  const parameters = [...new Set(queryPairs(request.target).map(([name]) => name))].sort();
  const headers = [...new Set(request.headers.map(([name]) => name.toLowerCase()))].filter((name) => name !== "cookie").sort();
  return JSON.stringify([endpoint, parameters, headers, bodyShape(request, json)]);
}

/** How large a request is to read, for choosing the smallest example. */
export function requestSize(request: HttpRequest): number {
  const body = request.body.kind === "whole" ? request.body.bytes.length : request.body.kind === "capped" ? request.body.length : 0;
  return request.headers.reduce((sum, [name, value]) => sum + name.length + value.length, request.target.length) + body;
}

/** Equal for outcomes of the same status and build, whatever the values: tells whether a repeated request met the same case. */
export function outcomeShape(outcome: Outcome): string {
  if (outcome.kind !== "answered") return outcome.kind;
  const { answer } = outcome;
  return `${answer.status} ${bodyShape(answer, jsonOf(answer))}`;
}

function bodyShape({ headers, body }: Pick<HttpRequest, "headers" | "body">, json: JsonNode | null): string {
  if (json !== null) return skeleton(json, 0);
  return body.kind === "none" ? "none" : (mediaTypeOf(headers)?.essence ?? "unknown");
}

function skeleton(node: JsonNode, depth: number): string {
  if (depth > shapeDepth) return "…";
  if (node.kind === "array") return `[${[...new Set(node.elements.map((element) => skeleton(element, depth + 1)))].sort().join("|")}]`;
  if (node.kind !== "object") return node.kind;
  return `{${node.members
    .map(({ key, value }) => `${JSON.stringify(key)}:${skeleton(value, depth + 1)}`)
    .sort()
    .join(",")}}`;
}
