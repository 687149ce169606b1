/** From a recorded request to what is put on the wire: end-to-end fields as recorded, framing our own. */

import type { HeaderList, HttpRequest } from "../model/exchange.ts";
import { loopGuardHeader } from "./loop-guard.ts";

export type Outgoing =
  | {
      readonly kind: "sendable";
      readonly method: string;
      readonly target: string;
      readonly headers: HeaderList;
      /** null = no body; the writer adds Content-Length. */
      readonly body: Uint8Array | null;
    }
  | { readonly kind: "unsendable"; readonly detail: "capped" | "unsendable" };

/** Fields of one connection, not of the message (RFC 9110 §7.6.1), and the framing, which is written anew.
 * Expect would make both sides wait for an interim answer that the recording does not have. */
const dropped: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "content-length",
]);
const proxyPrefix = "proxy-";
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Bytes that would end a line early, and characters that are no byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to keep out
const breaksLine = /[\r\n\0]|[^\0-\xff]/;

export function outgoing(request: HttpRequest): Outgoing {
  const { method, target, body } = request;
  if (body.kind === "capped") return { kind: "unsendable", detail: "capped" };
  const headers = endToEnd(request.headers);
  // CONNECT asks for a tunnel: there is no answer to compare.
  const writable = token.test(method) && method !== "CONNECT" && target !== "" && !breaksLine.test(target);
  if (!writable || !headers.every(([name, value]) => token.test(name) && !breaksLine.test(value))) {
    return { kind: "unsendable", detail: "unsendable" };
  }
  return { kind: "sendable", method, target, headers, body: body.kind === "whole" && body.bytes.byteLength > 0 ? body.bytes : null };
}

function endToEnd(headers: HeaderList): HeaderList {
  const keys = headers.map(([name]) => name.toLowerCase());
  const named = keys.includes("connection") ? namedByConnection(headers) : nothing;
  return headers.filter((_, index) => {
    const key = keys[index] ?? "";
    return !dropped.has(key) && !key.startsWith(proxyPrefix) && !named.has(key);
  });
}

const nothing: ReadonlySet<string> = new Set();

/** Fields that belong to the connection because its header says so. */
function namedByConnection(headers: HeaderList): ReadonlySet<string> {
  const named = new Set<string>();
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== "connection") continue;
    for (const option of value.split(",")) named.add(option.trim().toLowerCase());
  }
  // A request without Host could not be sent at all, and no client may strip the mark of a mirror, whoever named it in Connection.
  named.delete("host");
  named.delete(loopGuardHeader);
  return named;
}
