/** One table from what sockets and parsers report to what a target did. */

import type { FailureKind } from "../model/exchange.ts";

/** How far an attempt had come: no connection yet, request under way, answer begun. */
export type Stage = "connecting" | "waiting" | "answering";

export interface Failure {
  readonly kind: FailureKind;
  readonly detail: string;
}

const kindOfCode: Readonly<Record<string, FailureKind>> = {
  UND_ERR_CONNECT_TIMEOUT: "timed-out",
  ETIMEDOUT: "timed-out",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "truncated",
  // The chunked coding stopped before its last chunk.
  HPE_INVALID_EOF_STATE: "truncated",
  UND_ERR_HEADERS_OVERFLOW: "too-large",
  HPE_HEADER_OVERFLOW: "too-large",
  UND_ERR_DESTROYED: "aborted",
  UND_ERR_CLOSED: "aborted",
  // undici refuses before it writes anything.
  UND_ERR_INVALID_ARG: "skipped",
  UND_ERR_NOT_SUPPORTED: "skipped",
};
/** Codes of llhttp, as node:http gives them. */
const parserPrefix = "HPE_";
/** undici 8 leaves the code of a parser error out; its name and the words of llhttp are what there is. */
const parserError = "HTTPParserError";
const endedEarly = "Invalid EOF state";
/** undici reports an interim 100 or 101 that nobody asked for as a socket error with these words. */
const unaskedInterim: ReadonlySet<string> = new Set(["bad response", "bad upgrade"]);

export function failureOf(error: Error, stage: Stage): Failure {
  const code = codeOf(error);
  const named = kindOfCode[code];
  if (named !== undefined) return { kind: named, detail: code };
  if (stage === "connecting") return { kind: "refused", detail: code };
  if (code === parserError) return { kind: error.message.includes(endedEarly) ? "truncated" : "not-http", detail: error.message };
  if (code.startsWith(parserPrefix)) return { kind: "not-http", detail: code };
  if (unaskedInterim.has(error.message)) return { kind: "not-http", detail: error.message };
  return { kind: stage === "answering" ? "truncated" : "reset", detail: code };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
