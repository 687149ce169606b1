/** Which primary a request goes to: the longest prefix of its path wins, compared byte for byte at the borders of segments. */

import { PenumbraError } from "../../model/errors.ts";

export interface Route {
  /** `/api`; "" = everything else. */
  readonly prefix: string;
  readonly primary: URL;
  /** Of the service that candidate and control are builds of: only its exchanges are copied. */
  readonly isDefault: boolean;
}

/** @throws PenumbraError ROUTE_TWICE */
export function routeTable(primary: URL, others: readonly { readonly prefix: string; readonly primary: URL }[]): readonly Route[] {
  const twice = others.find(({ prefix }, index) => others.findIndex((other) => other.prefix === prefix) !== index);
  if (twice !== undefined) {
    throw new PenumbraError("ROUTE_TWICE", `--route ${twice.prefix} is given twice`, "give each prefix one primary");
  }
  const longestFirst = others.toSorted((a, b) => b.prefix.length - a.prefix.length);
  return [...longestFirst.map((route) => ({ ...route, isDefault: false })), { prefix: "", primary, isDefault: true }];
}

/** @param target in origin-form or `*` */
export function routeOf(routes: readonly Route[], target: string): Route {
  const found = routes.find(({ prefix }) => hasPrefix(target, prefix));
  if (found === undefined) throw new Error("a route table ends with the default primary");
  return found;
}

/** `/api` is a prefix of `/api`, `/api/x` and `/api?q`, not of `/apis`. */
export function hasPrefix(target: string, prefix: string): boolean {
  if (!target.startsWith(prefix)) return false;
  return prefix === "" || target.length === prefix.length || "/?".includes(target.charAt(prefix.length));
}
