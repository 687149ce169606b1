/** SipHash-2-4 (Aumasson, Bernstein 2012): a short keyed hash that cannot be steered from outside without the key.
 * 64-bit words as pairs of 32-bit halves, since `bigint` would allocate on every step; a lane key takes well under 1 µs. */

const compressionRounds = 2;
const finalizationRounds = 4;
const blockBytes = 8;

const sipKeyBytes = 16;

export class SipHash {
  /** The last result, as two unsigned 32-bit halves. */
  high = 0;
  low = 0;
  readonly #key0Low: number;
  readonly #key0High: number;
  readonly #key1Low: number;
  readonly #key1High: number;

  constructor(key: Uint8Array) {
    if (key.length !== sipKeyBytes) throw new RangeError(`key of ${key.length} bytes, expected ${sipKeyBytes}`);
    this.#key0Low = word(key, 0);
    this.#key0High = word(key, 4);
    this.#key1Low = word(key, 8);
    this.#key1High = word(key, 12);
  }

  /** Hashes `bytes[start…end)` into `high` and `low`. */
  hash(bytes: Uint8Array, start: number, end: number): void {
    let v0l = this.#key0Low ^ 0x70736575;
    let v0h = this.#key0High ^ 0x736f6d65;
    let v1l = this.#key1Low ^ 0x6e646f6d;
    let v1h = this.#key1High ^ 0x646f7261;
    let v2l = this.#key0Low ^ 0x6e657261;
    let v2h = this.#key0High ^ 0x6c796765;
    let v3l = this.#key1Low ^ 0x79746573;
    let v3h = this.#key1High ^ 0x74656462;
    const length = end - start;
    const wholeBlocks = Math.floor(length / blockBytes);
    let sum = 0;
    let turned = 0;
    // One pass for each whole block, one for the rest with the length, one to finalize.
    for (let block = 0; block <= wholeBlocks + 1; block++) {
      const at = start + block * blockBytes;
      let low = 0;
      let high = 0;
      if (block < wholeBlocks) {
        low = word(bytes, at);
        high = word(bytes, at + 4);
      } else if (block === wholeBlocks) {
        for (let i = 0; at + i < end; i++) {
          const byte = bytes[at + i] as number;
          if (i < 4) low |= byte << (8 * i);
          else high |= byte << (8 * (i - 4));
        }
        high |= (length & 0xff) << 24;
      } else {
        v2l ^= 0xff;
      }
      v3l ^= low;
      v3h ^= high;
      const rounds = block > wholeBlocks ? finalizationRounds : compressionRounds;
      for (let round = 0; round < rounds; round++) {
        // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
        sum = (v0l >>> 0) + (v1l >>> 0);
        v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v0l = sum | 0;
        turned = (v1h << 13) | (v1l >>> 19);
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
        v1h = turned ^ v0h;
        turned = v0l;
        v0l = v0h;
        v0h = turned;
        // v2 += v3; v3 = rotl(v3, 16) ^ v2
        sum = (v2l >>> 0) + (v3l >>> 0);
        v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v2l = sum | 0;
        turned = (v3h << 16) | (v3l >>> 16);
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
        v3h = turned ^ v2h;
        // v0 += v3; v3 = rotl(v3, 21) ^ v0
        sum = (v0l >>> 0) + (v3l >>> 0);
        v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v0l = sum | 0;
        turned = (v3h << 21) | (v3l >>> 11);
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
        v3h = turned ^ v0h;
        // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
        sum = (v2l >>> 0) + (v1l >>> 0);
        v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
        v2l = sum | 0;
        turned = (v1h << 17) | (v1l >>> 15);
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
        v1h = turned ^ v2h;
        turned = v2l;
        v2l = v2h;
        v2h = turned;
      }
      v0l ^= low;
      v0h ^= high;
    }
    this.low = (v0l ^ v1l ^ v2l ^ v3l) >>> 0;
    this.high = (v0h ^ v1h ^ v2h ^ v3h) >>> 0;
  }
}

/** 32 bits, little endian. */
function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}
