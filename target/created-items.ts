/** The item that an unsafe request created: where the answer names it, and what later requests may call it. */

import type { AnswerReader, Scalar } from "./answer-reader.ts";
import { isIdentityName, itemWords, splitPath, withoutTrailingSlash } from "./collection.ts";
import { itemKey, nameKey, valueKey } from "./link-keys.ts";
import type { Produced } from "./produced-value.ts";
import type { RequestTemplate } from "./request-template.ts";
import { pathOf } from "./scope.ts";
import { isSurprising } from "./surprise.ts";

export function createdItems(template: RequestTemplate, reader: AnswerReader): Produced[] {
  const { method, target } = template.request;
  if (method !== "POST" && method !== "PUT") return [];
  const path = withoutTrailingSlash(pathOf(target));
  const { locationPath, locationItem } = reader;
  const { status } = reader.answer;
  const items: Produced[] = [];

  const namedByLocation = namesItem(reader, path);
  const collection = namedByLocation && locationPath !== null ? splitPath(locationPath).parent : path;
  // A PUT says itself what it creates, unless the answer says where that went.
  const identities = reader.succeeded && (method === "POST" || namedByLocation) ? reader.identities(collection) : [];
  for (const { path: place, scalar } of identities) {
    if (status !== 201 && givenByClient(template, scalar.text)) continue;
    const at: Produced["at"] = place === identities[0]?.path ? { kind: "created", path: place, collection } : { kind: "json", path: place };
    items.push(createdItem([path, collection], scalar, at));
  }
  if (
    namedByLocation &&
    locationItem !== null &&
    !identities.some(({ scalar }) => scalar.text === locationItem) &&
    !pathOf(target).split("/").includes(locationItem)
  ) {
    items.push(createdItem([collection], { text: locationItem, type: "string" }, { kind: "location-item", collection }));
  }
  return items;
}

/** A redirect after an action leads to a page more often than to an item: a number tells, or that it goes further down. */
function namesItem({ answer, locationPath, locationItem, succeeded }: AnswerReader, path: string): boolean {
  if (locationPath === null || locationItem === null || answer.status >= 400) return false;
  return succeeded || /\d/.test(locationItem) || splitPath(locationPath).parent === path;
}

function createdItem(collections: readonly string[], { text, type }: Scalar, at: Produced["at"]): Produced {
  const distinct = [...new Set(collections)];
  const named = new Set(distinct.flatMap(itemWords));
  const keys = [...distinct.map((collection) => itemKey(collection, text)), ...[...named].map((word) => nameKey(word, text))];
  if (isSurprising(text)) keys.push(valueKey(text));
  return { keys, recorded: text, recordedType: type, at, policy: "newest", created: true, where: null };
}

/** The client named the item itself, in the path or in a field for that. */
function givenByClient(template: RequestTemplate, id: string): boolean {
  return template.places.some(({ where, value }) => {
    if (value !== id) return false;
    return (
      where.kind === "segment" || ((where.kind === "json" || where.kind === "form") && where.name !== null && isIdentityName(where.name))
    );
  });
}
