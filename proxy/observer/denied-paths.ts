/** Paths that are never mirrored. A server may read `//logout`, `/%6cogout`, `/a/../logout` and `/LOGOUT` as the same path, so
 * every reading is tried: what one of them denies is not sent. Denying too much costs a comparison, denying too
 * little an effect that the operator asked us to avoid. */

import { pathOf } from "../../target/scope.ts";

/** A proxy in front may decode once more than the server behind it. */
const mostDecodings = 3;

export class DeniedPaths {
  readonly #prefixes: readonly string[];

  /** @param prefixes as the operator wrote them; each begins with a slash */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = [...new Set(prefixes.flatMap((prefix) => [prefix, ...readings(prefix)]))];
  }

  deny(target: string): boolean {
    if (this.#prefixes.length === 0) return false;
    return [target, ...readings(target)].some((reading) => this.#prefixes.some((prefix) => reading.startsWith(prefix)));
  }
}

/** The target as it may be read: decoded, in lower case, without parameters of segments, with dot segments as they are and
 * resolved. The query stays: a prefix may reach into it. */
function readings(target: string): string[] {
  const path = decoded(pathOf(target)).replaceAll("\\", "/").toLowerCase();
  const plain = `/${path}`.replace(/;[^/]*/g, "").replace(/\/{2,}/g, "/");
  const question = target.indexOf("?");
  const query = question < 0 ? "" : decoded(target.slice(question)).toLowerCase();
  return [plain + query, resolved(plain) + query];
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
