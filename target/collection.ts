/** Collections, as paths and field names speak of them: `/comments`, `commentId`, `comment_ids`, `comment`. */

/** Fields that hold the identity of the object they are in. */
const identityNames: ReadonlySet<string> = new Set(["id", "_id", "uuid", "key", "slug"]);
const identitySuffix = /[-_]?(?:ids?|uuids?|keys?|slugs?)$/i;

export function isIdentityName(name: string): boolean {
  return identityNames.has(name.toLowerCase());
}

/** The parent of a path and its last segment; trailing slashes do not count. */
export function splitPath(path: string): { readonly parent: string; readonly last: string } {
  const trimmed = withoutTrailingSlash(path);
  const slash = trimmed.lastIndexOf("/");
  return { parent: trimmed.slice(0, Math.max(0, slash)), last: trimmed.slice(slash + 1) };
}

export function withoutTrailingSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

/** The words under which fields may refer to the items of a collection path: `/stories` → stories, storie, story. */
export function itemWords(collection: string): string[] {
  const plural = normalized(splitPath(collection).last);
  const words = [plural];
  if (plural.endsWith("ies")) words.push(`${plural.slice(0, -3)}y`);
  if (plural.endsWith("es")) words.push(plural.slice(0, -2));
  if (plural.endsWith("s")) words.push(plural.slice(0, -1));
  return words.filter((item) => item !== "");
}

/** The words that a field may mean: `comment_id` → comment; `comment` → comment. */
export function fieldWords(field: string): string[] {
  const whole = normalized(field);
  const stem = normalized(field.replace(identitySuffix, ""));
  return stem === "" || stem === whole ? [whole] : [stem, whole];
}

/** `id`, `_id`, …, or `commentId` where the collection is `/comments`. */
export function namesItemOf(collection: string, field: string): boolean {
  if (isIdentityName(field)) return true;
  return identitySuffix.test(field) && itemWords(collection).includes(normalized(field.replace(identitySuffix, "")));
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
