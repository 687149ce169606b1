/** The parameters of a request: of its query and, where it is one, of its form. */

import type { HttpRequest } from "../../model/exchange.ts";
import { mediaTypeOf } from "../../model/media-type.ts";
import { keyName } from "../known-maps.ts";
import { queryPairs } from "../request-reading.ts";

export interface Parameter {
  /** As it is sent, but `*` where the name is data; those of forms begin with `form `. */
  readonly name: string;
  readonly value: string;
}

/** Further ones are not told apart. */
const mostParameters = 64;
const formType = "application/x-www-form-urlencoded";

/** In the order in which they are sent. */
export function parametersOf({ target, headers, body }: HttpRequest): Parameter[] {
  const query = queryPairs(target).map(([name, value]) => ({ name: keyName(name), value }));
  if (body.kind !== "whole" || body.bytes.length === 0 || mediaTypeOf(headers)?.essence !== formType) return query.slice(0, mostParameters);
  const form = [...new URLSearchParams(new TextDecoder().decode(body.bytes))];
  return [...query, ...form.map(([name, value]) => ({ name: `form ${keyName(name)}`, value }))].slice(0, mostParameters);
}
