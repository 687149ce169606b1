/** The words for what a place names: plain ids are the same thing only where these agree. */

import { itemWords } from "./collection.ts";
import type { Where } from "./place.ts";

/** basketId, basket_ids, but not paid or valid. */
const idSuffix = /(?:[-_](?:ids?|uuids?)|(?<=[a-z0-9])(?:I[dD]s?|U(?:uid|UID)s?))$/;

/** `/baskets/17`, `basketId=17`, `{"basket": {"id": 17}}` → basket. A field of a form and a header of its own come back under
 * the same name. */
export function shownWords(where: Where): string[] {
  switch (where.kind) {
    case "segment":
      return where.collection === "" ? [] : itemWords(where.collection);
    case "query":
      return idWords(where.name, null);
    case "form":
      return [`field ${where.name}`, ...idWords(where.name, null)];
    case "json":
      return where.name === null ? [] : idWords(where.name, where.parent);
    case "header":
      return [`header ${where.name}`];
    case "cookie":
    case "bare":
      return [];
    default:
      return where satisfies never;
  }
}

function idWords(name: string, parent: string | null): string[] {
  if (/^_?(?:id|uuid)$/i.test(name)) return parent === null ? [] : itemWords(parent);
  const stem = name.replace(idSuffix, "");
  return stem === name ? [] : itemWords(stem);
}
