/** Takes the names out of the places of pages that turn out to be data: a class or an `id` for each thing of the day, that nothing
 * about it gave away (markup-places.ts). So many different ones at one endpoint are no programmer's. */

import { spellingsOf } from "./compare/markup-places.ts";
import type { SignatureRecord } from "./signatures.ts";

/** Names of otherwise equal places at the least; a form with many fields has fewer of which the values differ. */
const fewestNames = 20;

export class MarkupNames {
  private readonly places = new Map<string, Set<string>>();

  /** @param found all of a run */
  constructor(found: readonly SignatureRecord[]) {
    for (const { signature } of found) {
      if (!isMarkup(signature)) continue;
      const key = plainKey(signature);
      const paths = this.places.get(key) ?? new Set<string>();
      this.places.set(key, paths.add(signature.path));
    }
  }

  /** The place without its names where these are data. */
  templateOf(signature: SignatureRecord["signature"]): string {
    const names = isMarkup(signature) ? (this.places.get(plainKey(signature))?.size ?? 0) : 0;
    return names >= fewestNames ? plain(signature.path) : signature.path;
  }
}

/** Where a difference in a page is without the names, which may be of the day although nothing shows it: the control may differ there under another
 * name. Null of anything else. */
export function namelessPlace({ signature, apart }: SignatureRecord): string | null {
  if (!isMarkup(signature)) return null;
  // What comes under one name goes under another.
  return [plainKey(signature), apart.includes("absent") ? "presence" : apart].join("\n");
}

function isMarkup({ kind }: SignatureRecord["signature"]): boolean {
  return kind.startsWith("markup.");
}

function plainKey({ endpoint, kind, path }: SignatureRecord["signature"]): string {
  return [endpoint, kind, plain(path)].join("\n");
}

/** The bare element. */
function plain(path: string): string {
  return spellingsOf(path).at(-1) ?? path;
}
