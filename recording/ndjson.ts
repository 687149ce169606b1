/** NDJSON, one exchange a line: the plain form of a recording, for scripts and checks
 * (docs/recording-format.md). Encode and decode are a pair. */

import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import { exchangeFromJson, exchangeToJson, withSpelledExtra } from "./exchange-json.ts";
import { FormError } from "./fields.ts";
import { parseKeepingNumbers } from "./lossless-numbers.ts";

const hint = "each line is one exchange as in docs/recording-format.md; correct the line or remove it";

/** One line without its newline. */
export function encodeExchange(exchange: Exchange): string {
  return JSON.stringify(exchangeToJson(exchange));
}

/** @param lineNumber from 1, for the error
 * @throws PenumbraError `NDJSON_INVALID`, one line: where, what is wrong, what to do */
export function decodeExchange(line: string, lineNumber: number): Exchange {
  try {
    const exchange = exchangeFromJson(JSON.parse(line), "");
    return exchange.extra === undefined ? exchange : withSpelledExtra(exchange, parseKeepingNumbers(line));
  } catch (cause) {
    throw new PenumbraError("NDJSON_INVALID", `line ${lineNumber}: ${problemOf(cause)}`, hint, cause);
  }
}

function problemOf(cause: unknown): string {
  if (cause instanceof FormError) return cause.message;
  // V8's message quotes the text, which may hold a secret: only the position is passed on.
  if (cause instanceof SyntaxError) return `not JSON${/ at position \d+/.exec(cause.message)?.[0] ?? " (cut off?)"}`;
  throw cause;
}
