/** Takes request targets and URLs apart, without ever failing: what is no URL has one segment. */

/** The parts of a URL or request target; segments and query values are percent-decoded where that is possible. */
export interface TargetParts {
  /** "" when relative. */
  readonly scheme: string;
  /** Host and port; "" when relative. */
  readonly authority: string;
  /** Of the path, split at "/"; an absolute path starts with an empty segment. */
  readonly segments: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly fragment: string;
}

const shape = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** RFC 3986 appendix B. */
export function splitTarget(target: string): TargetParts {
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = shape.exec(target) ?? [];
  return {
    scheme: scheme.toLowerCase(),
    authority: authority.toLowerCase(),
    segments: path.split("/").map(decoded),
    query: query === "" ? [] : query.split("&").map(queryPair),
    fragment,
  };
}

function queryPair(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf("=");
  return equals < 0 ? [decoded(pair), ""] : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1).replaceAll("+", " "))];
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Malformed escapes stay as they are written.
    return text;
  }
}
