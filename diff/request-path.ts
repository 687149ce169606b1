/** The path of a request target, and its segments as endpoints look at them. */

/** The path of an origin-form, absolute-form (`http://host/path`), authority-form or asterisk-form target (RFC 9112 §3.2). */
export function requestPath(target: string): string {
  const withoutScheme = target.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, "");
  const path = withoutScheme.split(/[?#]/, 1)[0] ?? "";
  if (path !== "") return path;
  return withoutScheme === target && !target.startsWith("?") ? target : "/";
}

/** As sent; none for `/` and for targets that are no path. */
export function pathSegments(target: string): string[] {
  const path = requestPath(target);
  return path.startsWith("/") && path !== "/" ? path.slice(1).split("/") : [];
}

/** `search;page=4` → `search`: parameters of a segment (RFC 3986 §3.3) are like a query, and often a session's id. */
export function withoutParameters(segment: string): string {
  const at = segment.indexOf(";");
  return at < 0 ? segment : segment.slice(0, at);
}

/** One spelling of a segment (RFC 3986 §6.2.2): escapes in upper case and only where they are needed, and there also where they were
 * left out: `%7e` → `~`, `%c3%a9` → `%C3%A9`, `{x}` → `%7Bx%7D`, so that braces and blanks of a request never look like those of an endpoint. */
export function normalizedSegment(segment: string): string {
  if (!/[^\w.~-]/.test(segment)) return segment;
  return segment.replace(/%[0-9A-Fa-f]{2}|[^\x21-\x7e]|[{}]/g, (text) => {
    const code = text.startsWith("%") ? Number.parseInt(text.slice(1), 16) : text.charCodeAt(0);
    const character = String.fromCharCode(code);
    return /[\w.~-]/.test(character) ? character : escaped(code);
  });
}

/** @param code of a Latin-1 character; only recordings written by hand have others, which stay */
function escaped(code: number): string {
  return code > 0xff ? String.fromCharCode(code) : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** A segment without its percent-encoding, so that `caf%C3%A9`, `caf%c3%a9` and the bytes themselves are one; as it is where it is
 * encoded wrongly. An encoded slash stays inside its segment.
 * @param segment Latin-1, one character a byte, as in a target */
export function decodedSegment(segment: string): string {
  if (!/[%\x80-\xff]/.test(segment)) return segment;
  const encoded = segment.replace(/[\x80-\xff]/g, (byte) => escaped(byte.charCodeAt(0)));
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not UTF-8, or a lone "%": nothing that a template could mean.
    return segment;
  }
}
