/** The part of a service that a request reads or writes, as far as its path tells: the first literal segment. */

/** A segment that names one thing rather than a kind of thing: a number, a UUID, a long hexadecimal string. */
const idSegment = /^(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,})$/i;
/** Scheme and authority of a target in absolute form (RFC 9112 §3.2.2). */
const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path of a request target, without query and without the authority of an absolute form. */
export function pathOf(target: string): string {
  const [path = ""] = target.replace(authority, "").split(/[?#]/, 1);
  return path;
}

/** What a client requests when it follows a URL: path and query. */
export function requestTargetOf(url: string): string {
  return url.replace(authority, "").replace(/#.*$/, "");
}

/** `/comments/15?full=1` → `comments`; `""` when the path has no literal segment (`/`, `*`, `/42`). */
export function scopeOf(target: string): string {
  const literal = pathOf(target)
    .split("/")
    .find((segment) => segment !== "" && segment !== "." && segment !== ".." && segment !== "*" && !idSegment.test(segment));
  return literal === undefined ? "" : decoded(literal);
}

/** `%77` is the `w` that servers route by; what cannot be decoded stays as it is. */
function decoded(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
