/** Which part of a request names its lane, and where it stands in the raw head. */

import { sessionCookies } from "../../model/cookies.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { HeadView } from "./head-view.ts";

/** `usual`: Authorization, else one of the usual session cookies, else the connection. */
export type LaneKey =
  | { readonly kind: "usual" }
  | { readonly kind: "cookie"; readonly name: string }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "ip" }
  | { readonly kind: "connection" };

/** Reads `usual`, `cookie:NAME`, `header:NAME`, `ip` or `connection`.
 * @throws PenumbraError BAD_LANE_KEY */
export function parseLaneKey(text: string): LaneKey {
  if (text === "usual" || text === "ip" || text === "connection") return { kind: text };
  const match = /^(cookie|header):([!#$%&'*+.^_`|~0-9A-Za-z-]+)$/.exec(text);
  const name = match?.[2];
  if (name === undefined) {
    throw new PenumbraError(
      "BAD_LANE_KEY",
      `lane key ${JSON.stringify(text)} is not known`,
      "use usual, cookie:NAME, header:NAME, ip or connection",
    );
  }
  return match?.[1] === "cookie" ? { kind: "cookie", name } : { kind: "header", name };
}

const authorizationName = Buffer.from("authorization");
const cookieName = Buffer.from("cookie");
const setCookieName = Buffer.from("set-cookie");

const semicolon = 0x3b;
const equals = 0x3d;
const space = 0x20;
const tab = 0x09;

/** Finds the bytes of a lane key; the result is `from…to` in the buffer of the view that was searched. */
export class LaneKeyFinder {
  from = 0;
  to = 0;
  readonly #headers: readonly Uint8Array[];
  readonly #cookies: readonly Uint8Array[];

  constructor(key: LaneKey) {
    this.#headers =
      key.kind === "usual" ? [authorizationName] : key.kind === "header" ? [Buffer.from(key.name.toLowerCase(), "latin1")] : [];
    const cookies = key.kind === "usual" ? sessionCookies : key.kind === "cookie" ? [key.name] : [];
    this.#cookies = cookies.map((name) => Buffer.from(name, "latin1"));
  }

  /** The key in a request: a header's value, or a cookie as `name=value`. */
  inRequest(view: HeadView): boolean {
    for (const name of this.#headers) {
      const field = view.find(name, 0);
      if (field >= 0 && view.valueEnd(field) > view.valueStart(field)) {
        this.from = view.valueStart(field);
        this.to = view.valueEnd(field);
        return true;
      }
    }
    if (this.#cookies.length === 0) return false;
    let bestRank = this.#cookies.length;
    for (let field = view.find(cookieName, 0); field >= 0; field = view.find(cookieName, field + 1)) {
      bestRank = this.#inCookies(view, field, bestRank);
    }
    return bestRank < this.#cookies.length;
  }

  /** The next Set-Cookie at or after field `from` that sets a key, as `name=value` without attributes.
   * @returns the field after it, or -1 */
  nextInAnswer(view: HeadView, from: number): number {
    if (this.#cookies.length === 0) return -1;
    for (let field = view.find(setCookieName, from); field >= 0; field = view.find(setCookieName, field + 1)) {
      const start = view.valueStart(field);
      const end = pairEnd(view.buffer, start, view.valueEnd(field));
      if (this.#rank(view.buffer, start, end) < this.#cookies.length) {
        this.from = start;
        this.to = trimmedEnd(view.buffer, start, end);
        return field + 1;
      }
    }
    return -1;
  }

  #inCookies(view: HeadView, field: number, rankSoFar: number): number {
    const buffer = view.buffer;
    const limit = view.valueEnd(field);
    let best = rankSoFar;
    let at = view.valueStart(field);
    while (at < limit) {
      while (at < limit && (buffer[at] === space || buffer[at] === tab)) at++;
      const end = pairEnd(buffer, at, limit);
      const rank = this.#rank(buffer, at, end);
      if (rank < best) {
        best = rank;
        this.from = at;
        this.to = trimmedEnd(buffer, at, end);
      }
      at = end + 1;
    }
    return best;
  }

  /** Place of the cookie `buffer[start…end)` in the list of names; the length of the list when it is none or empty. */
  #rank(buffer: Buffer, start: number, end: number): number {
    for (let rank = 0; rank < this.#cookies.length; rank++) {
      const name = this.#cookies[rank] as Uint8Array;
      const valueStart = start + name.length + 1;
      if (valueStart < end && buffer[valueStart - 1] === equals && sameBytes(buffer, start, name)) return rank;
    }
    return this.#cookies.length;
  }
}

/** Cookie names are compared with case. */
function sameBytes(buffer: Buffer, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name[i]) return false;
  return true;
}

function pairEnd(buffer: Buffer, start: number, limit: number): number {
  let at = start;
  while (at < limit && buffer[at] !== semicolon) at++;
  return at;
}

function trimmedEnd(buffer: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && (buffer[at - 1] === space || buffer[at - 1] === tab)) at--;
  return at;
}
