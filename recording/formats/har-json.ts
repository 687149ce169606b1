/** Values of a HAR as tools write them: any field may be missing or of another type, and that alone is no reason to refuse the entry. */

import { isObject, type JsonObject } from "../fields.ts";

const nothing: JsonObject = {};

/** An object; an empty one where there is none. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const value = valueAt(object, name);
  return isObject(value) ? value : nothing;
}

/** The objects of an array; none where there is no array. */
export function objectsAt(object: JsonObject, name: string): readonly JsonObject[] {
  const value = valueAt(object, name);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(object: JsonObject, name: string): string | null {
  const value = valueAt(object, name);
  return typeof value === "string" ? value : null;
}

/** A number ≥ 0; HAR writes -1 for what is not known. */
export function sizeAt(object: JsonObject, name: string): number | null {
  const value = valueAt(object, name);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function valueAt(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
