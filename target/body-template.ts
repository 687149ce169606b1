/** A request's body as a template: JSON, a form, or a multipart form, also when it is compressed. What is none of these, or
 * does not change, keeps its bytes. */

import { decodeContent, encodeContent } from "../model/content.ts";
import type { HttpRequest } from "../model/exchange.ts";
import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { isJson, type MediaType, mediaTypeOf } from "../model/media-type.ts";
import { placeOf } from "./composite.ts";
import { JsonTemplate } from "./json-template.ts";
import { multipartPieces } from "./multipart.ts";
import { type Piece, pairPieces, placesIn, written } from "./pieces.ts";
import type { Fill, Place } from "./place.ts";

export interface BodyTemplate {
  readonly places: readonly Place[];
  /** Null = as it was. */
  write(fill: Fill): Uint8Array | null;
}

const fixed: BodyTemplate = { places: [], write: () => null };
/** Requests that unpack to more are not looked into. */
const decodedCap = 16 * 1024 * 1024;

export function bodyTemplate({ headers, body }: HttpRequest): BodyTemplate {
  if (body.kind !== "whole" || body.bytes.byteLength === 0) return fixed;
  const type = mediaTypeOf(headers);
  if (type === null || !isTemplated(type)) return fixed;
  const content = decodeContent(headers, body.bytes, decodedCap);
  if (content.kind === "undecodable") return fixed;
  const template = contentTemplate(content.bytes, type);
  if (content.codings.length === 0) return template;
  return {
    places: template.places,
    write: (fill) => {
      const bytes = template.write(fill);
      return bytes === null ? null : encodeContent(bytes, content.codings);
    },
  };
}

const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data";
/** What scripts send JSON as, to be spared a preflight request. */
const plainType = "text/plain";

function isTemplated({ essence }: MediaType): boolean {
  return isJson(essence) || essence === formType || essence === multipartType || essence === plainType;
}

function contentTemplate(bytes: Uint8Array, { essence, parameters }: MediaType): BodyTemplate {
  if (essence === formType) return inPieces(pairPieces(latin1(bytes), "form", placeOf));
  if (essence !== multipartType) return jsonTemplate(bytes);
  const pieces = multipartPieces(latin1(bytes), parameters.get("boundary") ?? "", placeOf);
  return pieces === null ? fixed : inPieces(pieces);
}

function inPieces(pieces: readonly Piece[]): BodyTemplate {
  const places = placesIn(pieces);
  return {
    places,
    write: (fill) => (places.some((place) => fill(place) !== null) ? Buffer.from(written(pieces, fill), "latin1") : null),
  };
}

function jsonTemplate(bytes: Uint8Array): BodyTemplate {
  const parsed = parseJson(bytes);
  if (parsed.kind !== "parsed") return fixed;
  const template = new JsonTemplate(parsed.root, placeOf);
  return {
    places: [...template.places],
    write: (fill) => {
      const root = template.filled(fill);
      return root === parsed.root ? null : writeJson(root);
    },
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
