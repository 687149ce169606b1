/** Paths that are never mirrored. A server may read `//logout`, `//host/logout`, `/%6cogout`, `/a/../logout` and `/LOGOUT` as the
 * same path, so every reading is tried: what one of them denies is not sent. Denying too much costs a comparison,
 * denying too little an effect that the operator asked us to avoid.
 *
 *    target ─► percent-decoded bytes ─► as UTF-8, as Latin-1 ─► as a path, as //authority/path ─► dot segments kept, resolved   */

import { pathOf } from "../../target/scope.ts";

/** A proxy in front may decode once more than the server behind it. */
const mostDecodings = 3;
/** What a URL parser takes for the authority when a path begins with two slashes or more (WHATWG URL, §4.4). */
const leadingAuthority = /^\/{2,}[^/]*/;
/** Before three slashes a URL parser looks for the authority after the third. */
const schemeAlone = /^[a-z][a-z0-9+.-]*:(?=\/{3})/i;
/** A URL parser drops these wherever they stand. */
const droppedByParsers = /[\t\r\n]/g;

export class DeniedPaths {
  readonly #prefixes: readonly string[];

  /** @param prefixes as the operator wrote them; each begins with a slash */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = [...new Set(prefixes.flatMap((prefix) => [prefix, ...prefixReadings(prefix)]))];
  }

  deny(target: string): boolean {
    if (this.#prefixes.length === 0) return false;
    return [target, ...readings(target)].some((reading) => this.#prefixes.some((prefix) => reading.startsWith(prefix)));
  }
}

/** An operator writes letters; a request target is bytes, one character each. */
function prefixReadings(prefix: string): string[] {
  const { path, query } = decodedParts(Buffer.from(prefix, "utf8").toString("latin1"));
  return pathReadings(path, query);
}

/** The target as it may be read, with and without what may be an authority. */
function readings(target: string): string[] {
  const { path, query } = decodedParts(target);
  const paths = leadingAuthority.test(path) ? [path, path.replace(leadingAuthority, "")] : [path];
  return paths.flatMap((each) => pathReadings(each, query));
}

/** @returns path and query, decoded, one character a byte */
function decodedParts(target: string): { readonly path: string; readonly query: string } {
  const question = target.indexOf("?");
  return {
    path: decoded(pathOf(target.replace(schemeAlone, "")))
      .replace(droppedByParsers, "")
      .replaceAll("\\", "/"),
    query: question < 0 ? "" : decoded(target.slice(question)),
  };
}

/** Without parameters of segments, with dot segments as they are and resolved, in each encoding, in lower case. The query
 * stays: a prefix may reach into it. */
function pathReadings(path: string, query: string): string[] {
  const plain = `/${path}`.replace(/;[^/]*/g, "").replace(/\/{2,}/g, "/");
  return [plain, resolved(plain)].flatMap((reading) => inEachEncoding(reading + query));
}

/** @param text one character a byte */
function inEachEncoding(text: string): string[] {
  return [text, Buffer.from(text, "latin1").toString("utf8")].map((reading) => reading.normalize("NFC").toLowerCase());
}

function decoded(text: string): string {
  let result = text;
  for (let round = 0; round < mostDecodings; round++) {
    const next = result.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
    if (next === result) break;
    result = next;
  }
  return result;
}

/** Without `.` and `..` (RFC 3986 §5.2.4). */
function resolved(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`;
}
