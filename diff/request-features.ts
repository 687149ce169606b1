/** What can be said of a request when asking "when does it happen?": single features, as attribute and value.
 *
 *    GET /orders/7?page=2   ─► path id=7 · query page present, =2, ≈2 · header host=shop · previous request=POST /cart
 *
 * Values are for conditions that people read: long ones, and those of secrets, are left out. */

import { type Body, type Exchange, type HeaderList, type HttpRequest, headerValue } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { requestPath } from "./endpoints.ts";

/** A statement about one attribute of a request, e.g. `query page`. */
export interface Feature {
  readonly attribute: string;
  /** It is there · it is exactly this text · it is a number of about this size (see `bucketOf`). */
  readonly form: "present" | "equal" | "about";
  /** Of `about`, the least number of the bucket; of `present`, empty. */
  readonly value: string;
}

/** Most features of one request that are considered. */
const mostFeatures = 96;
/** Longer values are content, not conditions. */
const longestValue = 40;
/** Fields deeper in a body than this are content. */
const bodyDepth = 4;
/** Digits of a number that a condition tells apart: 1,234 and 1,290 are alike, 12 and 13 are not. */
const bucketDigits = 2;

/** Their values name a person or open a door, or are new in every request. */
const withoutValue =
  /auth|token|secret|passw|session|signature|api-?key|^(?:cookie|date|content-length|traceparent|if-none-match|if-modified-since)$/i;

/** Reads the features of exchanges in the order of the log. */
export class RequestFeatures {
  /** The endpoint of the latest request, by lane. */
  private readonly previous = new Map<string, string>();

  of({ request, lane }: Pick<Exchange, "request" | "lane">, endpoint: string): Feature[] {
    const features = new FeatureList();
    addPath(features, request.target, endpoint);
    for (const [name, value] of queryPairs(request.target)) features.text(`query ${name}`, value);
    addBody(features, request);
    for (const [name, value] of request.headers) {
      if (name.toLowerCase() === "cookie") addCookies(features, value);
      features.text(`header ${name.toLowerCase()}`, value);
    }
    if (lane !== null) {
      const before = this.previous.get(lane);
      if (before !== undefined) features.equal("previous request", before);
      this.previous.set(lane, endpoint);
    }
    return features.all;
  }
}

/** Query parameters, percent-decoded where that works (`%` alone is legal on the wire and stays as it is). */
export function queryPairs(target: string): [name: string, value: string][] {
  const start = target.indexOf("?");
  if (start < 0 || start === target.length - 1) return [];
  return [...new URLSearchParams(target.slice(start + 1))];
}

/** A body as JSON; null when it is none, or coded. */
export function jsonOf({ headers, body }: { readonly headers: HeaderList; readonly body: Body }): JsonNode | null {
  if (body.kind !== "whole" || body.bytes.length === 0 || headerValue(headers, "content-encoding") !== undefined) return null;
  if (!isJson(mediaTypeOf(headers)?.essence ?? "")) return null;
  const parsed = parseJson(body.bytes);
  return parsed.kind === "parsed" ? parsed.root : null;
}

/** The least number of those that share the first digits of `value`, downwards: 1,234 → 1,200, −1,234 → −1,300. */
function bucketOf(value: number): number {
  if (value === 0) return 0;
  const places = bucketDigits - 1 - Math.floor(Math.log10(Math.abs(value)));
  // Scaling by a power of ten may leave 22.999…: the nearest whole number within rounding is meant.
  const scaled = Number((places >= 0 ? value * 10 ** places : value / 10 ** -places).toPrecision(12));
  return places >= 0 ? Math.floor(scaled) / 10 ** places : Math.floor(scaled) * 10 ** -places;
}

/** Collects distinct features up to the bound. */
class FeatureList {
  readonly all: Feature[] = [];
  private readonly seen = new Set<string>();
  private readonly numbered = new Set<string>();

  text(attribute: string, value: string): void {
    this.present(attribute);
    if (value.length > longestValue || withoutValue.test(attribute.slice(attribute.indexOf(" ") + 1))) return;
    this.equal(attribute, value);
    if (/^-?\d{1,15}(?:\.\d{1,9})?$/.test(value)) this.number(attribute, Number(value));
  }

  present(attribute: string): void {
    this.add({ attribute, form: "present", value: "" });
  }

  equal(attribute: string, value: string): void {
    this.add({ attribute, form: "equal", value });
  }

  /** The first number of an attribute stands for all, so that the buckets of an attribute never overlap in a request. */
  number(attribute: string, value: number): void {
    if (this.numbered.has(attribute)) return;
    this.numbered.add(attribute);
    this.add({ attribute, form: "about", value: String(bucketOf(value)) });
  }

  private add(feature: Feature): void {
    const key = JSON.stringify([feature.attribute, feature.form, feature.value]);
    if (this.all.length >= mostFeatures || this.seen.has(key)) return;
    this.seen.add(key);
    this.all.push(feature);
  }
}

/** The segments that the endpoint's template leaves open. */
function addPath(features: FeatureList, target: string, endpoint: string): void {
  const template = endpoint.slice(endpoint.indexOf(" ") + 1).split("/");
  const segments = requestPath(target).split("/");
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined && segment !== undefined) features.text(`path ${name}`, segment);
  }
}

function addCookies(features: FeatureList, header: string): void {
  for (const pair of header.split(";")) {
    const [name = "", ...value] = pair.split("=");
    if (name.trim() !== "") features.text(`cookie ${name.trim()}`, value.join("=").trim());
  }
}

function addBody(features: FeatureList, request: HttpRequest): void {
  const { body, headers } = request;
  if (body.kind === "none") return;
  features.number("body size", body.kind === "whole" ? body.bytes.length : body.length);
  const root = jsonOf(request);
  if (root !== null) return addFields(features, "", root, bodyDepth);
  if (body.kind !== "whole" || mediaTypeOf(headers)?.essence !== "application/x-www-form-urlencoded") return;
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body.bytes))) features.text(`body field ${name}`, value);
}

function addFields(features: FeatureList, path: string, node: JsonNode, depth: number): void {
  const name = `body field ${path}`;
  if (path !== "") features.present(name);
  switch (node.kind) {
    case "object":
      if (depth === 0) return;
      for (const { key, value } of node.members) addFields(features, path === "" ? key : `${path}/${key}`, value, depth - 1);
      return;
    case "array":
      features.number(path === "" ? "body elements" : `body elements of ${path}`, node.elements.length);
      if (depth > 0) for (const element of node.elements) addFields(features, path === "" ? "*" : `${path}/*`, element, depth - 1);
      return;
    case "string":
      return features.text(name, node.value);
    case "number":
      return features.text(name, node.lexeme);
    case "boolean":
      return features.equal(name, String(node.value));
    case "null":
      return features.equal(name, "null");
    default:
      return node satisfies never;
  }
}
