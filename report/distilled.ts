/** What a distilled recording has, and what it lacks, as text. */

import type { Distilled, KeptShare } from "../model/distilled.ts";
import { count, counted, shareOf } from "./figures.ts";
import { visible } from "./visible.ts";

export function distilledText(recording: string, out: string, { exchanges, sessions, covered, beyond }: Distilled): string {
  const needed = exchanges.kept - exchanges.chosen;
  const lacking = covered.filter(({ all, kept }) => kept < all);
  return [
    visible(
      `${out}: ${ofAll(exchanges)} exchanges of ${recording} (${shareOf(exchanges.kept, exchanges.all)}), ${ofAll(sessions)} sessions`,
    ),
    `${counted(exchanges.chosen, "example")}, and ${count(needed)} that had to come before them (writes, and answers whose values are used)`,
    ...covered.filter(({ all }) => all > 0).map((share) => `  ${share.kind}: ${ofAll(share)}`),
    ...(lacking.length === 0 ? ["nothing that was looked for is lacking"] : [`lacking: ${lacking.map(lack).join(", ")}`]),
    ...(beyond === 0 ? [] : [`not looked at: ${counted(beyond, "trait")} of endpoints that have too many (what varies there is data)`]),
    "not kept: what other sessions had written before, unless a value of theirs is used; how often things happen",
  ].join("\n");
}

function ofAll({ all, kept }: KeptShare): string {
  return `${count(kept)} of ${count(all)}`;
}

function lack({ kind, all, kept }: KeptShare & { readonly kind: string }): string {
  return `${count(all - kept)} ${kind}`;
}
