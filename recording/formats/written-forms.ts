/** A recording in each of the forms that it can be written in, as pieces of a file. */

import type { Exchange } from "../../model/exchange.ts";
import { encodeExchange } from "../ndjson.ts";
import { gorRecords } from "./gor-write.ts";
import { harLines } from "./har-write.ts";
import type { Tally } from "./tally.ts";

export const writtenForms = ["ndjson", "har", "gor"] as const;
export type WrittenForm = (typeof writtenForms)[number];

type Writer = (exchanges: AsyncIterable<Exchange>, tally: Tally) => AsyncGenerator<string | Uint8Array>;

async function* ndjsonLines(exchanges: AsyncIterable<Exchange>): AsyncGenerator<string> {
  for await (const exchange of exchanges) yield `${encodeExchange(exchange)}\n`;
}

const writers: Readonly<Record<WrittenForm, Writer>> = { ndjson: ndjsonLines, har: harLines, gor: gorRecords };

/** @param tally is told what the form cannot hold */
export function piecesOf(form: WrittenForm, exchanges: AsyncIterable<Exchange>, tally: Tally): AsyncGenerator<string | Uint8Array> {
  return writers[form](exchanges, tally);
}
