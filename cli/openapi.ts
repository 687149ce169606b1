/** The endpoints of an OpenAPI 3.x or Swagger 2.0 document: paths × methods, below the paths of its servers. */

import type { GivenEndpoint } from "../diff/given-endpoints.ts";
import { keyOfSegment } from "../diff/json-pointers.ts";
import { type Reading, read, wrong } from "../diff/rules/reading.ts";

/** Fixed fields of a path item that are operations (OpenAPI 3.2 §4.9.1). */
const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"] as const;
/** References within the document that are followed from one path; more would be a circle. */
const mostReferences = 16;
/** Forms of one server's path, over all values of its variables. */
const mostForms = 32;
const see = "give an OpenAPI document or a list of METHOD /path lines; see docs/endpoints.md";

type Fields = Readonly<Record<string, unknown>>;

/** @param document as parsed from JSON or YAML
 * @returns one endpoint an operation, in the document's order; or what is wrong with it */
export function endpointsOfDocument(document: unknown): Reading<readonly GivenEndpoint[]> {
  if (!isFields(document)) return wrong("it is neither an OpenAPI document nor a list of routes", see);
  const prefixes = rootPrefixes(document);
  if (prefixes.kind === "wrong") return prefixes;
  const { paths } = document;
  if (!isFields(paths)) return wrong('it has no "paths"', "OpenAPI documents list their endpoints there");
  const endpoints: GivenEndpoint[] = [];
  for (const [path, item] of Object.entries(paths)) {
    if (path.startsWith("x-") || item === null) continue;
    if (!isFields(item)) return wrong(`what stands under the path "${path}" is no path item`, "write the methods below it, e.g. get: …");
    endpoints.push(...operationsOf(path, resolved(item, document), prefixes.value));
  }
  return read(endpoints);
}

function rootPrefixes(document: Fields): Reading<readonly string[]> {
  const openapi = versionOf(document["openapi"]);
  const swagger = versionOf(document["swagger"]);
  if (openapi !== null) {
    return /^3(\.|$)/.test(openapi)
      ? read(serverPrefixes(document["servers"]) ?? [""])
      : wrong(`it is written in OpenAPI ${openapi}`, "give OpenAPI 3.x or Swagger 2.0");
  }
  if (swagger === null) return wrong('it has neither "openapi" nor "swagger"', see);
  if (!/^2(\.0)?$/.test(swagger)) return wrong(`it is written in Swagger ${swagger}`, "give OpenAPI 3.x or Swagger 2.0");
  const { basePath } = document;
  return read([typeof basePath === "string" ? pathOfUrl(basePath) : ""]);
}

/** `2.0` is a number in YAML unless it is quoted. */
function versionOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

/** Servers of an operation go before those of its path, and those before the document's (OpenAPI 3.1 §4.8.9, §4.8.10). */
function operationsOf(path: string, item: Fields, root: readonly string[]): GivenEndpoint[] {
  const inherited = serverPrefixes(item["servers"]) ?? root;
  const below = (prefixes: readonly string[]): string[] => [...new Set(prefixes.map((prefix) => prefix + path.split(/[?#]/, 1)[0]))];
  // What another file says of a path is not known; its template still is.
  if (typeof item["$ref"] === "string") return [{ method: null, paths: below(inherited) }];
  const more = item["additionalOperations"];
  const operations = [
    ...methods.map((method): [string, unknown] => [method.toUpperCase(), item[method]]),
    ...(isFields(more) ? Object.entries(more) : []),
  ];
  return operations.flatMap(([method, operation]) =>
    isFields(operation) ? [{ method, paths: below(serverPrefixes(operation["servers"]) ?? inherited) }] : [],
  );
}

/** A path item with the one of this document that it refers to; a reference that leads elsewhere stays. */
function resolved(item: Fields, document: Fields): Fields {
  let whole = item;
  for (let hops = 0; hops < mostReferences; hops++) {
    const { $ref, ...own } = whole;
    if (typeof $ref !== "string") return whole;
    const target = $ref.startsWith("#/") ? pointedAt($ref.slice(2), document) : undefined;
    if (!isFields(target)) return whole;
    whole = { ...target, ...own };
  }
  return whole;
}

/** By JSON Pointer (RFC 6901 §6), as a URI fragment. */
function pointedAt(pointer: string, document: Fields): unknown {
  let value: unknown = document;
  for (const step of pointer.split("/")) {
    const key = keyOfSegment(unescaped(step));
    if (!isFields(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A "%" that escapes nothing stands for itself.
    return step;
  }
}

/** The paths of all servers; null where none are given. */
function serverPrefixes(servers: unknown): readonly string[] | null {
  if (!Array.isArray(servers)) return null;
  const prefixes = servers.flatMap((server: unknown): string[] => {
    if (!isFields(server) || typeof server["url"] !== "string") return [];
    const variables = server["variables"];
    return formsOf(pathOfUrl(server["url"]), isFields(variables) ? variables : {});
  });
  return prefixes.length === 0 ? null : [...new Set(prefixes.map(withoutLastSlash))];
}

/** A server's path with each value that its variables may have; a variable that is not declared stays a parameter. */
function formsOf(path: string, variables: Fields): string[] {
  let forms = [path];
  for (const [name, variable] of Object.entries(variables)) {
    if (!isFields(variable) || !path.includes(`{${name}}`)) continue;
    const { enum: choices, default: usual } = variable;
    const values = new Set([usual, ...(Array.isArray(choices) ? choices : [])].filter((value) => typeof value === "string"));
    if (values.size > 0)
      forms = forms.flatMap((form) => [...values].map((value) => form.replaceAll(`{${name}}`, value))).slice(0, mostForms);
  }
  return forms.map((form) => form.replace(/\/{2,}/g, "/"));
}

/** `https://api.example.com/v1/` → `/v1`; `v1` is relative to where the document is, which is taken for the root. */
function pathOfUrl(url: string): string {
  const path = url
    .replace(/^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*/, "")
    .replace(/[?#].*$/, "")
    .replace(/^\.(?=\/|$)/, "");
  return withoutLastSlash(path === "" || path.startsWith("/") ? path : `/${path}`);
}

function withoutLastSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
