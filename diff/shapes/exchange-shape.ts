/** What an exchange is an example of, whatever its values: the four traits that tell one kind of exchange from another.
 *
 *    shape        method + route + outcome + media types and codings + JSON types of request and answer + names of parameters
 *    parameters   which are given together, with the values of those that have few
 *    headers      which the request has, by its shape (cookies aside: by name each)
 *    answer       which headers the answer has, by its status
 *
 * Learns twice: endpoints first, then which keys and values are data. Bounded by what is distinct, not by the number of exchanges. */

import { createHash } from "node:crypto";
import { contentCodings } from "../../model/content.ts";
import { parseCookieHeader } from "../../model/cookies.ts";
import { type Exchange, type HeaderList, headerValues } from "../../model/exchange.ts";
import type { JsonNode } from "../../model/json/node.ts";
import { mediaTypeOf } from "../../model/media-type.ts";
import { answerJson } from "../answer-json.ts";
import { KnownMaps, keyName } from "../known-maps.ts";
import { jsonOf } from "../request-reading.ts";
import { FewValues } from "./few-values.ts";
import { type Parameter, parametersOf } from "./request-parameters.ts";
import { typeSkeleton } from "./type-skeleton.ts";

/** Kinds of traits, in the order in which they are told. */
export const traitKinds = ["shape", "parameters", "headers", "answer headers"] as const;
export type TraitKind = (typeof traitKinds)[number];

/** Equal for exchanges that have the trait in common. */
export type Traits = Readonly<Record<TraitKind, string>>;

/** 96 bits tell more shapes apart than there will ever be. */
const digestLength = 16;

/** An exchange with what was read of it once. */
export interface ReadExchange {
  readonly exchange: Exchange;
  readonly endpoint: string;
  readonly request: JsonNode | null;
  readonly answer: JsonNode | null;
  readonly parameters: readonly Parameter[];
}

/** @param endpoint its final name
 * @param request its body, where it is JSON */
export function readExchange(exchange: Exchange, endpoint: string, request: JsonNode | null = jsonOf(exchange.request)): ReadExchange {
  const { outcome } = exchange;
  const answer = outcome.kind === "answered" ? answerJson(outcome.answer) : null;
  return { exchange, endpoint, request, answer, parameters: parametersOf(exchange.request) };
}

export class ExchangeShapes {
  private readonly maps = new KnownMaps();
  private readonly values = new FewValues();

  /** Takes one exchange into account; all of them before the first trait, for traits that are final. */
  learn({ endpoint, request, answer, parameters }: ReadExchange): void {
    if (request !== null) this.maps.learn(`request ${endpoint}`, request);
    if (answer !== null) this.maps.learn(`answer ${endpoint}`, answer);
    for (const { name, value } of parameters) this.values.learn(`${endpoint} ${name}`, value);
  }

  of(read: ReadExchange): Traits {
    const { endpoint, exchange, parameters } = read;
    const { request, outcome } = exchange;
    const names = distinct(parameters.map(({ name }) => name));
    const asked = [endpoint, names, this.body(`request ${endpoint}`, request, read.request)];
    const answer = outcome.kind === "answered" ? outcome.answer : null;
    const status = answer === null ? outcome.kind : answer.status;
    return {
      shape: digest([...asked, status, answer === null ? null : this.body(`answer ${endpoint}`, answer, read.answer)]),
      parameters: digest([endpoint, distinct(parameters.map((parameter) => this.combined(endpoint, parameter)))]),
      headers: digest([...asked, headerNames(request.headers)]),
      "answer headers": digest([endpoint, status, answer === null ? null : headerNames(answer.headers)]),
    };
  }

  private combined(endpoint: string, { name, value }: Parameter): string {
    return this.values.has(`${endpoint} ${name}`) ? `${name}=${value}` : name;
  }

  private body(subject: string, message: Pick<Exchange["request"], "headers" | "body">, json: JsonNode | null): string {
    const { headers, body } = message;
    // Also where there is no body: that a request says what it does not have is a case of its own.
    const type = [mediaTypeOf(headers)?.essence ?? "unknown", ...contentCodings(headers)].join(" ");
    if (body.kind === "none") return `${type} none`;
    if (json !== null) return `${type} ${typeSkeleton(json, this.maps.rootOf(subject))}`;
    return body.kind === "whole" && body.bytes.length === 0 ? `${type} empty` : type;
  }
}

/** Of cookies by their names: a session that has one more is another kind of session. */
function headerNames(headers: HeaderList): string[] {
  const cookies = headerValues(headers, "cookie").flatMap(parseCookieHeader);
  return distinct([...headers.map(([name]) => name.toLowerCase()), ...cookies.map(([name]) => `cookie ${keyName(name)}`)]);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, digestLength);
}
