/** Whether two answers carry bodies that can be compared: some carry none by the rules of HTTP, and two different
 * pieces of a resource have nothing in common. */

import { type Answer, headerValue } from "../../model/exchange.ts";

/** `none`: HTTP has no body there, whatever came. `different-parts`: ranges that do not cover the same bytes. */
export type BodyRule = "compare" | "none" | "different-parts";

/** Statuses without a body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);
const partialContent = 206;

export function bodyRule(left: Answer, right: Answer, method: string): BodyRule {
  if (method === "HEAD" || bodiless.has(left.status) || bodiless.has(right.status)) return "none";
  return rangeOf(left) === rangeOf(right) ? "compare" : "different-parts";
}

/** The unit and range of partial content (RFC 9110 §14.4), without the length of the whole; "" for a whole. Several
 * ranges in one answer say theirs in each part of the body. */
function rangeOf({ status, headers }: Answer): string {
  if (status !== partialContent) return "";
  return headerValue(headers, "content-range")?.toLowerCase().split("/", 1)[0]?.trim() ?? "multipart";
}
