/** What retention has taken out of a recording. The newest segment says so in its `meta`, for all that went before: a segment that is
 * missing on purpose is no gap, and what was in it is counted. */

import type { Fields } from "./fields.ts";

export interface Removed {
  /** Every segment up to this number has gone. */
  readonly through: number;
  readonly segments: number;
  readonly exchanges: number;
  /** Starts of their first and last request, ms since 1970; null = none of them could be read. */
  readonly first: number | null;
  readonly last: number | null;
  /** Exchanges by epoch, of those that are still in what is left: what their ledgers count and nobody finds any more. */
  readonly byEpoch: Readonly<Record<string, number>>;
}

export const nothingRemoved: Removed = { through: 0, segments: 0, exchanges: 0, first: null, last: null, byEpoch: {} };

/** As the newest segment tells it that can be read; null = nothing. @param segments oldest first */
export function removedFrom(segments: readonly { readonly removed: Removed | null }[]): Removed | null {
  return segments.findLast(({ removed }) => removed !== null)?.removed ?? null;
}

/** @throws FormError */
export function readRemoved(fields: Fields): Removed {
  const byEpoch = fields.object("byEpoch");
  return {
    through: fields.count("through"),
    segments: fields.count("segments"),
    exchanges: fields.count("exchanges"),
    first: fields.raw("first") === null ? null : fields.number("first"),
    last: fields.raw("last") === null ? null : fields.number("last"),
    byEpoch: Object.fromEntries(byEpoch.names().map((epoch): [string, number] => [epoch, byEpoch.count(epoch)])),
  };
}
