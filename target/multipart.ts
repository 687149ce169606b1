/** The fields of a multipart form (RFC 7578) as places; files, part headers and the boundary keep their bytes. */

import { decodedBytes, encodedBytes } from "./byte-text.ts";
import { held, type Piece } from "./pieces.ts";
import type { PlaceMaker } from "./place.ts";

/** Between the header of a part and its content. */
const emptyLine = "\r\n\r\n";
const lineBreak = "\r\n".length;
const fieldName = /^content-disposition:[^\r\n]*;\s*name="?([^"\r\n;]*)/im;
const fileName = /^content-disposition:[^\r\n]*;\s*filename\*?=/im;
/** Contents that are encoded once more, in ways that no client uses since RFC 7578. */
const transferEncoding = /^content-transfer-encoding:\s*(?!binary|7bit|8bit)/im;

/** @param text Latin-1, one character a byte
 * @returns null when the boundary separates nothing */
export function multipartPieces(text: string, boundary: string, make: PlaceMaker): readonly Piece[] | null {
  // The line break before a delimiter belongs to it; the first may have none.
  const delimiter = `\r\n--${boundary}`;
  const isFirst = text.startsWith(delimiter.slice(lineBreak));
  const [preamble = "", ...parts] = `${isFirst ? "\r\n" : ""}${text}`.split(delimiter);
  if (parts.length === 0) return null;
  return [
    preamble,
    ...parts.flatMap((part, index) => [isFirst && index === 0 ? delimiter.slice(lineBreak) : delimiter, ...partPieces(part, make)]),
  ];
}

function partPieces(part: string, make: PlaceMaker): Piece[] {
  const end = part.indexOf(emptyLine);
  const head = part.slice(0, end);
  const raw = part.slice(end + emptyLine.length);
  const name = fieldName.exec(head)?.[1];
  if (end < 0 || raw === "" || name === undefined || fileName.test(head) || transferEncoding.test(head)) return [part];
  return [head + emptyLine, held(make({ kind: "form", name: decodedBytes(name) }, decodedBytes(raw)), raw, encodedBytes)];
}
