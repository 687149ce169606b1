/** What can be said of a request when asking "when does it happen?": single features, as attribute and value.
 *
 *    GET /orders/7?page=2   ─► path id=7 · query page present, =2, ≈2 · header host=shop · previous request=POST /cart
 *
 * Values are for conditions that people read: long ones, and those of secrets, are left out. */

import type { Exchange, HttpRequest } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { mediaTypeOf } from "../model/media-type.ts";
import { type Attribute, type FeatureTable, mostOfOne } from "./feature-table.ts";
import { requestPath } from "./request-path.ts";
import { queryPairs } from "./request-reading.ts";

/** Longer values are content, not conditions. */
const longestValue = 40;
/** Elements of a list in a body that are looked at: like ones follow. */
const elementsRead = 16;
/** Fields deeper in a body than this are content. */
const bodyDepth = 4;

/** After so many statements about one request, repeated ones included, the rest of its body is left unread. */
const statementsRead = 8 * mostOfOne;

/** Their values name a person or open a door, or are new in every request. */
const withoutValue =
  /auth|token|secret|passw|session|signature|api-?key|^(?:cookie|date|content-length|traceparent|if-none-match|if-modified-since)$/i;
const plainNumber = /^-?\d{1,15}(?:\.\d{1,9})?$/;

type Kind = "path" | "query" | "header" | "cookie" | "body field" | "body elements of";

/** An attribute, and what is decided once about it. */
interface KnownAttribute {
  readonly attribute: Attribute;
  readonly hasValues: boolean;
  /** The request that gave its number last: the first number of a request stands for all, so that buckets never overlap. */
  numberedAt: number;
}

/** Reads the features of exchanges in the order of the log. */
export class RequestFeatures {
  private readonly table: FeatureTable;
  private readonly known: Readonly<Record<Kind, Map<string, KnownAttribute>>> = {
    path: new Map(),
    query: new Map(),
    header: new Map(),
    cookie: new Map(),
    "body field": new Map(),
    "body elements of": new Map(),
  };
  private readonly parameters = new Map<string, readonly (readonly [segment: number, name: string])[]>();
  /** The endpoint of the latest request, by lane. */
  private readonly previous = new Map<string, string>();
  private request = 0;
  private numbers: (number | null)[] = [];

  constructor(table: FeatureTable) {
    this.table = table;
  }

  /** @param json the request's body, where it is JSON
   * @returns the number of the exchange's list in the table */
  listOf({ request, lane }: Pick<Exchange, "request" | "lane">, endpoint: string, json: JsonNode | null): number {
    this.request++;
    this.numbers = [];
    this.addPath(request.target, endpoint);
    for (const [name, value] of queryPairs(request.target)) this.text("query", name, value);
    for (const [name, value] of request.headers) {
      if (name.toLowerCase() === "cookie") this.addCookies(value);
      this.text("header", name, value);
    }
    if (lane !== null) this.addPrevious(lane, endpoint);
    // Last, since a large one leaves no room for others.
    this.addBody(request, json);
    return this.table.listOf(this.numbers);
  }

  private addPrevious(lane: string, endpoint: string): void {
    const before = this.previous.get(lane);
    if (before !== undefined) this.numbers.push(this.table.attribute("previous request").equal(before));
    this.previous.set(lane, endpoint);
  }

  /** The segments that the endpoint's template leaves open. */
  private addPath(target: string, endpoint: string): void {
    let parameters = this.parameters.get(endpoint);
    if (parameters === undefined) this.parameters.set(endpoint, (parameters = parametersOf(endpoint)));
    if (parameters.length === 0) return;
    const segments = requestPath(target).split("/");
    for (const [index, name] of parameters) {
      const segment = segments[index];
      if (segment !== undefined) this.text("path", name, segment);
    }
  }

  private addCookies(header: string): void {
    for (const pair of header.split(";")) {
      const [name = "", ...value] = pair.split("=");
      if (name.trim() !== "") this.text("cookie", name.trim(), value.join("=").trim());
    }
  }

  private addBody({ body, headers }: HttpRequest, json: JsonNode | null): void {
    if (body.kind === "none") return;
    this.numbers.push(this.table.attribute("body size").about(body.kind === "whole" ? body.bytes.length : body.length));
    if (json !== null) return this.addFields("", json, bodyDepth);
    if (body.kind !== "whole" || mediaTypeOf(headers)?.essence !== "application/x-www-form-urlencoded") return;
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body.bytes))) this.text("body field", name, value);
  }

  private addFields(path: string, node: JsonNode, depth: number): void {
    if (this.numbers.length > statementsRead) return;
    switch (node.kind) {
      case "object":
        if (path !== "") this.present("body field", path);
        if (depth === 0) return;
        for (const { key, value } of node.members.slice(0, mostOfOne))
          this.addFields(path === "" ? key : `${path}/${key}`, value, depth - 1);
        return;
      case "array":
        this.number("body elements of", path === "" ? "the list" : path, node.elements.length);
        if (path !== "") this.present("body field", path);
        if (depth > 0)
          for (const element of node.elements.slice(0, elementsRead)) this.addFields(path === "" ? "*" : `${path}/*`, element, depth - 1);
        return;
      case "string":
        return this.text("body field", path, node.value);
      case "number":
        return this.text("body field", path, node.lexeme);
      case "boolean":
        return this.text("body field", path, String(node.value));
      case "null":
        return this.text("body field", path, "null");
      default:
        return node satisfies never;
    }
  }

  private text(kind: Kind, name: string, value: string): void {
    const { attribute, hasValues } = this.present(kind, name);
    if (!hasValues || value.length > longestValue) return;
    this.numbers.push(attribute.equal(value));
    if (plainNumber.test(value)) this.number(kind, name, Number(value));
  }

  private present(kind: Kind, name: string): KnownAttribute {
    const known = this.attribute(kind, name);
    this.numbers.push(known.attribute.present());
    return known;
  }

  private number(kind: Kind, name: string, value: number): void {
    const known = this.attribute(kind, name);
    if (known.numberedAt === this.request) return;
    known.numberedAt = this.request;
    this.numbers.push(known.attribute.about(value));
  }

  private attribute(kind: Kind, name: string): KnownAttribute {
    const ofKind = this.known[kind];
    const known = ofKind.get(name);
    if (known !== undefined) return known;
    const attribute = this.table.attribute(`${kind} ${kind === "header" ? name.toLowerCase() : name}`);
    const made = { attribute, hasValues: !withoutValue.test(name), numberedAt: 0 };
    // Beyond the table's bound, names that are data would pile up here.
    if (attribute.present() !== null) ofKind.set(name, made);
    return made;
  }
}

/** Where the parameters of `GET /orders/{id}` are: segment 2, named id. */
function parametersOf(endpoint: string): [segment: number, name: string][] {
  const template = (endpoint.split(" ", 2)[1] ?? "").split("/");
  return template.flatMap((part, index): [number, string][] => {
    const name = /^\{([^{}]+)\}$/.exec(part)?.[1];
    return name === undefined ? [] : [[index, name]];
  });
}
