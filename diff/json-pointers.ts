/** Paths of differences as JSON Pointers: what lies above and what a place is called. */

/** The path of the object or array around a place; the root's is the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last segment, escaped as in the path. */
export function leafName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The places around one, nearest first, the root last. */
export function* ancestorsOf(path: string): Generator<string> {
  for (let above = path; above !== ""; ) {
    above = parentPath(above);
    yield above;
  }
}

/** The key that a segment stands for (RFC 6901 §4). */
export function keyOfSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
