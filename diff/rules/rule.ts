/** A rule of somebody who knows better than the statistics: what counts as equal, and where.
 * Plain data, as checked from the configuration file; scope.ts makes it fast. */

/** What a rule does at its place. */
export type RuleEffect =
  /** Differences there, and below, do not count. */
  | { readonly kind: "ignore" }
  /** Numbers and times within any of the bounds are equal. Decimals as written; milliseconds. */
  | { readonly kind: "tolerance"; readonly absolute: string | null; readonly relative: string | null; readonly timeMs: number | null }
  /** The order of the array's elements says nothing. */
  | { readonly kind: "unordered" }
  /** Elements of the array are the same one when this member is. */
  | { readonly kind: "key"; readonly member: string }
  /** Values compare by format only; `format` (a name or a /regex/) has to hold on both sides. */
  | { readonly kind: "format"; readonly format: string | null };

export interface Rule {
  /** `GET /posts/{id}`, with `*` for anything, or a /regex/; null = every endpoint. */
  readonly endpoint: string | null;
  /** `status`, `header etag`, `body $.items[*].price`, … (place.ts). */
  readonly at: string;
  readonly effect: RuleEffect;
  readonly reason: string | null;
}

/** "ignore body $.served at GET /posts": how reports name a rule. */
export function describeRule({ endpoint, at, effect }: Rule): string {
  return `${describeEffect(effect)} ${at}${endpoint === null ? "" : ` at ${endpoint}`}`;
}

function describeEffect(effect: RuleEffect): string {
  switch (effect.kind) {
    case "ignore":
    case "unordered":
      return effect.kind;
    case "key":
      return `key ${effect.member} of`;
    case "format":
      return effect.format === null ? "format only of" : `format ${effect.format} of`;
    case "tolerance": {
      const { absolute, relative, timeMs } = effect;
      const bounds = [absolute, relative === null ? null : `relative ${relative}`, timeMs === null ? null : `${timeMs} ms`];
      return `tolerance ${bounds.filter((bound) => bound !== null).join(" or ")} of`;
    }
    default:
      return effect satisfies never;
  }
}
