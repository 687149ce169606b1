/** Cookies as user agents read them (RFC 6265 §4.2.1 and §5.2): lenient, and never failing. */

/** Names of session cookies in use, the likeliest first: plain servers and frameworks, Java, PHP, Express. */
export const sessionCookies: readonly string[] = ["sid", "session", "sessionid", "session_id", "JSESSIONID", "PHPSESSID", "connect.sid"];

/** One Set-Cookie header. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** In order; names lower case; null = no `=`. */
  readonly attributes: readonly (readonly [name: string, value: string | null])[];
}

/** The pairs of a Cookie header in order; a part without `=` is a value without a name. */
export function parseCookieHeader(value: string): [name: string, value: string][] {
  return value
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const [name, content] = splitPair(part);
      return content === null ? ["", name] : [name, content];
    });
}

/** One Set-Cookie header value. */
export function parseSetCookie(value: string): SetCookie {
  const [first = "", ...rest] = value.split(";");
  const [name, content] = splitPair(first.trim());
  const attributes = rest
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part): [string, string | null] => {
      const [attribute, argument] = splitPair(part);
      return [attribute.toLowerCase(), argument];
    });
  return content === null ? { name: "", value: name, attributes } : { name, value: content, attributes };
}

function splitPair(part: string): [name: string, value: string | null] {
  const equals = part.indexOf("=");
  return equals < 0 ? [part, null] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
}
