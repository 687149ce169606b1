/** How often something was seen: in so many exchanges, of about so many sessions. In fixed room, whatever the length of a recording. */

/** One exchange, as far as counting goes. */
export interface Moment {
  /** Of the exchange; each counts once. */
  readonly number: number;
  /** Spread evenly over all numbers of 32 bits. */
  readonly session: number;
}

/** Buckets of the sketch of sessions (linear counting: K.-Y. Whang et al., A linear-time probabilistic counting algorithm, 1990). */
const buckets = 2048;
const bitsOfByte = 8;

export class Sightings {
  exchanges = 0;
  private latest = -1;
  private readonly seen = new Uint8Array(buckets / bitsOfByte);
  private filled = 0;

  note({ number, session }: Moment): void {
    if (number === this.latest) return;
    this.latest = number;
    this.exchanges++;
    const bucket = session % buckets;
    const [byte, bit] = [Math.floor(bucket / bitsOfByte), 1 << (bucket % bitsOfByte)];
    if (((this.seen[byte] ?? 0) & bit) !== 0) return;
    this.seen[byte] = (this.seen[byte] ?? 0) | bit;
    this.filled++;
  }

  /** Exact for few, within some percent up to ten thousand; never more than there are exchanges. */
  get sessions(): number {
    const empty = Math.max(1, buckets - this.filled);
    return Math.min(this.exchanges, Math.round(buckets * Math.log(buckets / empty)));
  }
}

/** FNV-1a (G. Fowler, L. Noll, P. Vo), with a last mixing step: low bits are used. */
export function sessionNumber(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
