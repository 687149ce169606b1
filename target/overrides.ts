/** Header fields that a person sets in place of those of production (credentials, a routing key). */

import type { HeaderList, HttpRequest } from "../model/exchange.ts";

/** The request with the given fields in place of recorded ones of the same name; the rest keeps its order. */
export function overrideHeaders(request: HttpRequest, headers: HeaderList): HttpRequest {
  if (headers.length === 0) return request;
  const replaced = new Set(headers.map(([name]) => name.toLowerCase()));
  return { ...request, headers: [...request.headers.filter(([name]) => !replaced.has(name.toLowerCase())), ...headers] };
}
