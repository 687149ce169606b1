/** Which exchanges of a recording a replay takes. */

import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import type { EpochMs } from "../model/units.ts";

/** `GET /cart/*`: a method or `*`, and a path where `*` stands for any run of characters. */
export interface RequestFilter {
  readonly method: string;
  readonly path: string;
}

export interface Selection {
  /** Recorded start times, both ends included; null = open. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /** An exchange is taken when any filter matches; an empty list takes all. */
  readonly filters: readonly RequestFilter[];
  /** Greatest number of exchanges; null = all. */
  readonly limit: number | null;
}

export const selectAll: Selection = { from: null, to: null, filters: [], limit: null };

/** Reads `/cart`, `GET /cart` or `GET /cart/*`; a path without `*` is a prefix.
 * @throws PenumbraError `FILTER_INVALID` */
export function parseFilter(text: string): RequestFilter {
  const parts = text.trim().split(/\s+/u);
  const [first = "", second] = parts;
  const method = second === undefined && first.startsWith("/") ? "*" : first;
  const path = second ?? (first.startsWith("/") ? first : "/");
  if (parts.length > 2 || first === "" || !(path.startsWith("/") || path.startsWith("*"))) {
    throw new PenumbraError("FILTER_INVALID", `"${text}" is not a filter`, "write a method, a path, or both, e.g. 'GET /cart/*'");
  }
  return { method: method.toUpperCase(), path: path.includes("*") ? path : `${path}*` };
}

/** Whether the exchange is selected, its place in the order (limit) aside. */
export function isSelected(exchange: Exchange, selection: Selection): boolean {
  if (selection.from !== null && exchange.at < selection.from) return false;
  if (selection.to !== null && exchange.at > selection.to) return false;
  return selection.filters.length === 0 || selection.filters.some((filter) => matchesFilter(exchange, filter));
}

function matchesFilter(exchange: Exchange, filter: RequestFilter): boolean {
  if (filter.method !== "*" && filter.method !== exchange.request.method.toUpperCase()) return false;
  const [path = ""] = exchange.request.target.split("?", 1);
  return matchesGlob(path, filter.path);
}

/** Whether a text matches a pattern in which `*` is any run of characters; linear in the text for each star. */
export function matchesGlob(text: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  // Leftmost match for each middle part is enough: a later one never leaves more room for what follows.
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
