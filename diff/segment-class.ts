/** Tells what kind of word a path segment is: an identifier that varies by request, or a name that
 * a programmer wrote. Only the segment itself is looked at; endpoints.ts adds what its siblings say. */

export type SegmentClass = "int" | "uuid" | "ulid" | "date" | "hex" | "base64" | "mixed" | "word";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Crockford's alphabet has no I, L, O, U; the first digit is at most 7 (48 bits of time). */
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const isoDate = /^\d{4}-\d{2}(-\d{2})?(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/i;
const integer = /^-?\d+$/;
const hex = /^[0-9a-f]{8,}$/i;
const base64Alphabet = /^[A-Za-z0-9_-]+={0,2}$/;
/** `v1`, `oauth2`, `sha256`, `mp3`: a name with a number at its end is how people write versions. */
const versionedName = /^[A-Za-z]+(-[A-Za-z]+)*-?\d{1,3}$/;
const fileName = /^[^.].*\.[A-Za-z][A-Za-z0-9]{0,4}$/;
/** Shortest run of mixed letters and digits that people do not choose as a name. */
const shortestMixed = 6;
/** Shortest base64-like token: 16 bytes are 22 characters. */
const shortestBase64 = 20;
/** Words joined by dashes (`old-products-2024-list`) change class this rarely; tokens do it all the time. */
const nameLikeRuns = 3;

/** The class of one path segment, as sent (percent-encoded); `word` when it reads like a name. */
export function segmentClass(segment: string): SegmentClass {
  if (integer.test(segment)) return "int";
  if (uuid.test(segment)) return "uuid";
  if (ulid.test(segment)) return "ulid";
  if (isoDate.test(segment)) return "date";
  if (fileName.test(segment)) return "word";
  if (hex.test(segment) && /\d/.test(segment)) return "hex";
  if (!base64Alphabet.test(segment) || !/[A-Za-z]/.test(segment)) return "word";
  if (/\d/.test(segment)) return isMixedToken(segment) ? (segment.length >= shortestBase64 ? "base64" : "mixed") : "word";
  const isLongToken = segment.length >= shortestBase64 && !segment.includes("-") && caseChanges(segment) > nameLikeRuns * 2;
  return isLongToken ? "base64" : "word";
}

/** Whether a class is a parameter wherever it stands. */
export function isParameterClass(kind: SegmentClass): boolean {
  return kind !== "word";
}

/** Random-looking although without digits, as one in ten of eleven-letter mixed-case ids are; only believed beside siblings. */
export function mayBeToken(segment: string): boolean {
  return (
    base64Alphabet.test(segment) && segment.length >= shortestMixed && (caseChanges(segment) >= nameLikeRuns || !/[aeiou]/i.test(segment))
  );
}

function isMixedToken(segment: string): boolean {
  if (segment.length < shortestMixed || versionedName.test(segment)) return false;
  // `error-404-page`: each dash-separated part is all letters or all digits, and there are words in it.
  const parts = segment.split(/[-_]/).filter((part) => part !== "");
  const plainParts = parts.every((part) => /^[A-Za-z]+$/.test(part) || /^\d+$/.test(part) || versionedName.test(part));
  return !(parts.length > 1 && plainParts && parts.some((part) => /^[a-z]{3,}$/i.test(part)));
}

function caseChanges(segment: string): number {
  let changes = 0;
  for (let i = 1; i < segment.length; i++) if (isUpper(segment, i) !== isUpper(segment, i - 1)) changes++;
  return changes;
}

function isUpper(text: string, index: number): boolean {
  return /[A-Z]/.test(text.charAt(index));
}
