/** What of an exchange HAR has no place for, or would bring back changed: it stands in the entry's `_penumbra`, which other readers
 * pass over (HAR 1.2: custom fields begin with an underscore).
 *
 *    exchange ──► entry ──► read back by the rules for everybody's HAR ──► what is not the same ──► `_penumbra`
 *    entry ──► read by those rules, then what stands in `_penumbra` in its place ──► the same exchange
 *
 * So nothing can be forgotten: what does not come back by itself is kept, whatever the reason. */

import type { Exchange } from "../../model/exchange.ts";
import { exchangeFromJson, exchangeToJson, withSpelledExtra } from "../exchange-json.ts";
import { isObject, type JsonObject } from "../fields.ts";
import { parseKeepingNumbers } from "../lossless-numbers.ts";
import type { PlainExchange } from "./har-entry-read.ts";

export const besideKey = "_penumbra";

/** Names of what always stands there: a HAR has neither. */
const always: ReadonlySet<string> = new Set(["id", "lane"]);

/** @param plain what everybody's rules make of the entry; null = nothing */
export function besideOf(exchange: Exchange, plain: PlainExchange | null): JsonObject {
  const wanted = exchangeToJson(exchange);
  if (plain === null) return wanted;
  const got = exchangeToJson({ ...plain, lane: null });
  const top = Object.entries(wanted).filter(([key, value]) => always.has(key) || (!isPart(key) && !isSame(own(got, key), value)));
  return Object.fromEntries([...top, ...partOf("request", wanted, got), ...partOf("outcome", wanted, got)]);
}

/** @param text of the whole entry, for the spelling of numbers that are not ours
 * @throws FormError where `_penumbra` is not as we write it */
export function withBeside(plain: PlainExchange | null, beside: JsonObject, text: string): Exchange {
  const base = plain === null ? {} : exchangeToJson({ ...plain, lane: null });
  const exchange = exchangeFromJson(merged(base, beside), besideKey);
  if (exchange.extra === undefined) return exchange;
  const again = parseKeepingNumbers(text);
  const spelled = isObject(again) ? again[besideKey] : undefined;
  return isObject(spelled) ? withSpelledExtra(exchange, merged(base, spelled)) : exchange;
}

function isPart(key: string): boolean {
  return key === "request" || key === "outcome";
}

/** The fields that are not the same. An outcome without an answer is kept as a whole: a HAR says little of it. */
function partOf(key: "request" | "outcome", wanted: JsonObject, got: JsonObject): [string, JsonObject][] {
  const [ours, theirs] = [wanted[key], got[key]];
  if (!isObject(ours) || !isObject(theirs)) return [];
  const isWhole = key === "outcome" && (ours["kind"] !== "answered" || theirs["kind"] !== "answered");
  const differs = Object.entries(ours).filter(([name, value]) => isWhole || !isSame(own(theirs, name), value));
  return differs.length === 0 ? [] : [[key, Object.fromEntries(differs)]];
}

function merged(base: JsonObject, beside: JsonObject): JsonObject {
  const part = (key: "request" | "outcome"): JsonObject => {
    const [plain, kept] = [base[key], beside[key]];
    if (!isObject(plain) || !isObject(kept)) return isObject(kept) ? { [key]: kept } : {};
    return { [key]: Object.hasOwn(kept, "kind") ? kept : { ...plain, ...kept } };
  };
  return { ...base, ...beside, ...part("request"), ...part("outcome") };
}

/** A foreign key may be called `__proto__`. */
function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
