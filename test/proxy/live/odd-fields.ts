/** Header fields that are odd but valid, drawn once, so that a generated message only picks from a table.
 * Index 0 is the plainest: that is where a failing case shrinks to. */

import { type Random, seededRandom } from "../../../model/random.ts";

const random: Random = seededRandom(9110);
const tokenBytes = "ABCxyzABCxyz0189-!#$%&'*+.^_`|~";
const edgeBytes = printable(0x21);
const innerBytes = ` \t \t ${edgeBytes}`;
const rows = 400;
const longestName = 14;
const longestValue = 60;
/** One value in so many is long enough to make heads of several kilobytes. */
const longEvery = 40;
const longValueBytes = 3000;

/** All characters of field values but white space: visible ASCII and obs-text (RFC 9110 §5.5). */
function printable(first: number): string {
  const visible = Array.from({ length: 0x7f - first }, (_, at) => first + at);
  const obsText = Array.from({ length: 0x80 }, (_, at) => 0x80 + at);
  return String.fromCharCode(...visible, ...obsText);
}

function word(characters: string, length: number): string {
  return Array.from({ length }, () => characters[random.below(characters.length)]).join("");
}

/** Fields that say how the message is framed or kept alive are written by the generator itself. */
const framingNames = /^(content-length|transfer-encoding|connection|upgrade|expect)$/i;

/** Names as they come in the wild, in every casing, and any token besides. */
export const oddNames: readonly string[] = [
  ...["X-Dup", "x-dup", "X-DUP", "Host", "hOST", "Cookie", "Set-Cookie", "authorization", "TE", "Trailer", "Keep-Alive", "ETag"],
  ...["Content-Type", "content-encoding", "Proxy-Connection", "Via", "__proto__", "constructor"],
  ...Array.from({ length: rows }, () => word(tokenBytes, 1 + random.below(longestName))).filter((name) => !framingNames.test(name)),
];

/** Values without white space around them; many are empty. */
export const oddValues: readonly string[] = [
  ...["v", "", "", "a, b", "close", "chunked", "0", "\xe9t\xe9", "sid=1; a=b", "gzip", '"quoted \\" text"'],
  ...Array.from({ length: rows }, (_, row) => {
    const length = row % longEvery === longEvery - 1 ? longValueBytes : random.below(longestValue);
    return length === 0 ? "" : word(edgeBytes, 1) + word(innerBytes, length) + word(edgeBytes, 1);
  }),
];

/** Optional white space around a value (RFC 9110 §5.6.3). */
export const paddings: readonly string[] = [" ", "", "  ", "\t", " \t "];
