/** Names what a request asks for where one path serves many operations:
 *
 *    GraphQL      POST /graphql GetUser       without a name its outermost fields: (orders,user), mutation(addUser); a persisted query
 *                                             that names none its hash: sha256:0a1b2c3d4e5f
 *    JSON-RPC 2.0 POST /rpc eth_getBalance
 *    SOAP         POST /stock urn:stock#GetPrice
 *
 * Batches are named by what is in them, each once: [GetUser,GetOrders]. */

import { type HttpRequest, headerValue } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { mediaTypeOf } from "../model/media-type.ts";
import { memberOf } from "./compare/nodes.ts";
import { type GraphqlOperation, readGraphql } from "./graphql-document.ts";
import { queryPairs } from "./request-reading.ts";

/** Names of one request that are told apart; a batch of more is mostly data. */
const mostNames = 5;
/** Calls of one batch that are looked at. */
const mostCalls = 1_000;
/** Clients write these names, so they are checked: no blanks and no braces, which mean something in an endpoint. */
const graphqlName = /^[_A-Za-z]\w{0,199}$/;
const methodName = /^[^\s{}\p{C}]{1,200}$/u;
const hash = /^[\w+/=.:-]{8,}$/;
const shownHash = 12;

/** @param json the request's body, where it is JSON
 * @returns null when the path says it all */
export function operationName(request: HttpRequest, json: JsonNode | null): string | null {
  if (json?.kind === "array") return batchName(json.elements);
  if (json !== null) return callName(json);
  return soapAction(request) ?? graphqlBody(request) ?? graphqlQuery(request);
}

/** Only a list of calls has a name. */
function batchName(elements: readonly JsonNode[]): string | null {
  const names = new Set<string>();
  for (const element of elements.slice(0, mostCalls)) {
    const name = callName(element);
    if (name === null) return null;
    names.add(name);
  }
  return names.size === 0 ? null : `[${few([...names].sort())}]`;
}

function callName(call: JsonNode): string | null {
  if (call.kind !== "object") return null;
  const text = (key: string): string | null => textOf(memberOf(call, key));
  if (text("jsonrpc") === "2.0") {
    const method = text("method");
    return method !== null && methodName.test(method) ? method : null;
  }
  const extensions = memberOf(call, "extensions");
  const persisted = extensions === undefined ? undefined : memberOf(extensions, "persistedQuery");
  const sent = persisted === undefined ? undefined : memberOf(persisted, "sha256Hash");
  return graphqlOperation({
    operationName: text("operationName"),
    document: text("query"),
    hash: textOf(sent) ?? documentHash(text("documentId")),
  });
}

/** The `documentId` of a persisted document; other services have documents with ids too, which name no operation. */
function documentHash(id: string | null | undefined): string | null {
  return /^sha256:([0-9a-f]{64})$/.exec(id ?? "")?.[1] ?? null;
}

interface GraphqlRequest {
  readonly operationName: string | null;
  readonly document: string | null;
  /** Of a persisted query. */
  readonly hash: string | null;
}

/** The name that the client gives; else the hash, which the client sends with and without the document; else the document's. */
function graphqlOperation({ operationName: given, document, hash: sent }: GraphqlRequest): string | null {
  const persisted = sent !== null && hash.test(sent) ? sent : null;
  const named = given !== null && graphqlName.test(given) ? given : null;
  if (persisted !== null) return named ?? `sha256:${persisted.slice(0, shownHash)}`;
  // Without one that is GraphQL this is some other service's search.
  const [operation] = document === null ? [] : (readGraphql(document) ?? []);
  if (operation === undefined) return null;
  return named ?? nameOf(operation);
}

function nameOf({ kind, name, fields }: GraphqlOperation): string | null {
  if (name !== null) return graphqlName.test(name) ? name : null;
  const asked = [...new Set(fields)].filter((field) => graphqlName.test(field.replace(/^\.\.\./, ""))).sort();
  return asked.length === 0 ? null : `${kind === "query" ? "" : kind}(${few(asked)})`;
}

/** `application/graphql`: the document is the body. */
function graphqlBody({ headers, body }: HttpRequest): string | null {
  if (body.kind !== "whole" || mediaTypeOf(headers)?.essence !== "application/graphql") return null;
  return graphqlOperation({ operationName: null, document: new TextDecoder().decode(body.bytes), hash: null });
}

/** GraphQL over GET: `?query={user{name}}&operationName=…&extensions={"persistedQuery":…}`. */
function graphqlQuery({ target }: HttpRequest): string | null {
  if (!/[?&](?:query|extensions|documentId)=/.test(target)) return null;
  const pairs = new Map(queryPairs(target));
  const sent = /"sha256Hash"\s*:\s*"([^"]*)"/.exec(pairs.get("extensions") ?? "")?.[1] ?? documentHash(pairs.get("documentId"));
  return graphqlOperation({ operationName: pairs.get("operationName") ?? null, document: pairs.get("query") ?? null, hash: sent });
}

/** SOAP 1.1 has a header for it, SOAP 1.2 a parameter of the media type. */
function soapAction({ headers }: HttpRequest): string | null {
  const header = headerValue(headers, "soapaction")
    ?.trim()
    .replace(/^"(.*)"$/, "$1");
  const media = header === undefined ? mediaTypeOf(headers) : null;
  const action = header ?? (media?.essence === "application/soap+xml" ? media.parameters.get("action") : undefined);
  return action !== undefined && methodName.test(action) ? action : null;
}

/** "a,b", "a,b,c,d,e,+3" */
function few(names: readonly string[]): string {
  const left = names.length - mostNames;
  return left > 0 ? [...names.slice(0, mostNames), `+${left}`].join(",") : names.join(",");
}

function textOf(node: JsonNode | undefined): string | null {
  return node?.kind === "string" ? node.value : null;
}
