/** A recording as HAR 1.2, piece by piece: see har-entry-write.ts for what others read, har-beside.ts for what only we do. */

import { isUtf8 } from "node:buffer";
import type { Body, Exchange } from "../../model/exchange.ts";
import { toolVersion } from "../../model/format.ts";
import { besideKey, besideOf } from "./har-beside.ts";
import { readHarEntry } from "./har-entry-read.ts";
import { harEntry } from "./har-entry-write.ts";
import { Tally } from "./tally.ts";

const creator = { name: "Penumbra", version: toolVersion };
const onlyInOurs = "that only Penumbra reads from it";

/** @param tally is told what other readers do not see */
export async function* harLines(exchanges: AsyncIterable<Exchange>, tally: Tally): AsyncGenerator<string> {
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[`;
  let separator = "\n";
  for await (const exchange of exchanges) {
    yield separator + JSON.stringify(entryOf(exchange));
    separator = ",\n";
    tell(exchange, tally);
  }
  yield "\n]}}\n";
}

function entryOf(exchange: Exchange): object {
  const entry = harEntry(exchange);
  // What reading it would tell of is told by `tell`.
  const plain = readHarEntry(entry, exchange.id, new Tally());
  return { ...entry, [besideKey]: besideOf(exchange, plain) };
}

function tell({ request, outcome }: Exchange, tally: Tally): void {
  if (request.trailers !== undefined) tally.add("request", `with trailers ${onlyInOurs}`);
  if (request.body.kind === "whole" && isBinary(request.body)) tally.add("binary request body", onlyInOurs);
  if (request.body.kind === "capped") tally.add("request body", "not kept whole and left out");
  if (outcome.kind !== "answered") return tally.add("request", "without an answer: written as status 0");
  if (outcome.answer.trailers !== undefined) tally.add("answer", `with trailers ${onlyInOurs}`);
  if (outcome.answer.body.kind === "capped") tally.add("answer body", "not kept whole and left out");
}

function isBinary(body: Body & { kind: "whole" }): boolean {
  return !isUtf8(body.bytes);
}
