/** Decides which exchanges are copied: a threshold on a keyed hash of the lane key, so that a session is kept whole,
 * every replica with the same key decides alike, and nobody outside can choose to be sampled.
 *
 *    lane key bytes ──SipHash──► position in [0, 1) ──< rate──► copied            (the rate of the first rule that the request meets, if any)
 *    Set-Cookie of a session ──SipHash──► alias of the lane that it was given to   (logins do not split a session) */

import { PenumbraError } from "../../model/errors.ts";
import { type MonotonicMs, type Ratio, ratio } from "../../model/units.ts";
import type { HeadView } from "./head-view.ts";
import { type LaneKey, LaneKeyFinder } from "./lane-key.ts";
import { MeteredRule, type SamplingRule } from "./sampling-rules.ts";
import { SipHash } from "./siphash.ts";

/** Live settings: the share of lanes that is copied, and the kill switch. */
export interface Sampling {
  readonly rate: Ratio;
  readonly enabled: boolean;
}

/** Checks what an operator gave.
 * @throws PenumbraError BAD_SAMPLING_RATE */
export function samplingRate(value: number): Ratio {
  if (!(value >= 0 && value <= 1))
    throw new PenumbraError("BAD_SAMPLING_RATE", `sampling rate ${value} is not between 0 and 1`, "use 0.01 for 1 %");
  return ratio(value);
}

const hexDigits = 8;
/** A position has 53 bits: all of the high half and this factor's worth of the low one. */
const lowBits = 2 ** 21;
const lowShift = 11;
const positions = 2 ** 53;

/** One session as the sidecar sees it; only the hash of the secret that names it is known. */
export class Lane {
  /** Uniform in [0, 2^53), the same in every process with the same key. */
  readonly position: number;
  readonly #high: number;
  readonly #low: number;
  readonly #prefix: string;
  #id: string | null = null;
  /** The same lane once a session is known to be its own. */
  #named: Lane | null = null;
  #isNamed = false;

  constructor(high: number, low: number, prefix: string) {
    this.#high = high;
    this.#low = low;
    this.#prefix = prefix;
    this.position = positionOf(high, low);
  }

  /** Named by nothing but its connection: several users may share it behind a load balancer. */
  get isAnonymous(): boolean {
    return this.#prefix !== "" && !this.#isNamed;
  }

  /** The lane for a session that is begun in it. Null when it is anonymous and another session has been: the next user's. */
  forNewSession(): Lane | null {
    if (!this.isAnonymous) return this;
    if (this.#named !== null) return null;
    this.#named = new Lane(this.#high, this.#low, this.#prefix);
    this.#named.#isNamed = true;
    return this.#named;
  }

  /** What is handed over: the hash in hex; `c-…` when it is only a connection. */
  get id(): string {
    this.#id ??= this.#prefix + hex(this.#high) + hex(this.#low);
    return this.#id;
  }
}

function positionOf(high: number, low: number): number {
  return high * lowBits + (low >>> lowShift);
}

/** The place of a lane in [0, 1), by its id; 0 where it has none. */
export function placeOfLane(id: string | null): number {
  const digits = id?.slice(-2 * hexDigits) ?? "";
  const [high, low] = [digits.slice(0, hexDigits), digits.slice(hexDigits)].map((half) => Number.parseInt(half, 16));
  return high === undefined || low === undefined || Number.isNaN(high + low) ? 0 : positionOf(high, low) / positions;
}

function hex(half: number): string {
  return half.toString(16).padStart(hexDigits, "0");
}

/** What the sampler remembers about one client connection. */
export interface LanePeer {
  /** Number of the connection within this process. */
  readonly connection: number;
  readonly address: string;
  /** The lane of the connection itself, and the one met last: a client's requests rarely change lanes. */
  own: Lane | null;
  last: Lane | null;
}

export interface SamplerOptions {
  /** 16 bytes, shared by replicas that should decide alike. */
  readonly key: Uint8Array;
  /** Distinguishes this process: connection numbers start again with every one. */
  readonly epoch: string;
  readonly laneKey: LaneKey;
  readonly sampling: Sampling;
  /** Requests that are sampled at other rates; absent = none. */
  readonly rules?: readonly SamplingRule[];
}

/** Aliases are some 100 bytes each; the oldest go first. */
const maxAliases = 65_536;

export class Sampler {
  #sampling: Sampling;
  #share: Ratio = ratio(1);
  /** Lanes whose position is below it are copied, where no rule says otherwise. */
  #threshold = 0;
  #rules: readonly MeteredRule[];
  readonly #hash: SipHash;
  readonly #epoch: string;
  readonly #laneKey: LaneKey;
  readonly #finder: LaneKeyFinder;
  readonly #aliases = new Map<number, Lane>();

  constructor(options: SamplerOptions) {
    this.#hash = new SipHash(options.key);
    this.#epoch = options.epoch;
    this.#laneKey = options.laneKey;
    this.#finder = new LaneKeyFinder(options.laneKey);
    this.#sampling = options.sampling;
    this.#rules = (options.rules ?? []).map((rule) => new MeteredRule(rule));
    this.#setThreshold();
  }

  set rules(rules: readonly SamplingRule[]) {
    this.#rules = rules.map((rule) => new MeteredRule(rule));
  }

  get sampling(): Sampling {
    return this.#sampling;
  }

  set sampling(sampling: Sampling) {
    this.#sampling = sampling;
    this.#setThreshold();
  }

  /** The share of the rate that is in force while the process is late (LoadGuard). */
  get share(): Ratio {
    return this.#share;
  }

  set share(share: Ratio) {
    this.#share = share;
    this.#setThreshold();
  }

  get aliases(): number {
    return this.#aliases.size;
  }

  /** The lane of a request; its connection where nothing else names one. */
  laneOf(view: HeadView, peer: LanePeer): Lane {
    if (!this.#finder.inRequest(view)) {
      peer.own ??= this.#connectionLane(peer);
      return peer.own;
    }
    this.#hash.hash(view.buffer, this.#finder.from, this.#finder.to);
    const { high, low } = this.#hash;
    const position = positionOf(high, low);
    if (this.#aliases.size > 0) {
      const alias = this.#aliases.get(position);
      if (alias !== undefined) return alias;
    }
    if (peer.last?.position !== position) peer.last = new Lane(high, low, "");
    return peer.last;
  }

  /** Decides about a request of a lane. Call once for each.
   * @returns the probability with which it is copied, if it is; null = it is not */
  draw(view: HeadView, lane: Lane, now: MonotonicMs): Ratio | null {
    if (this.#rules.length > 0 && this.#sampling.enabled) {
      for (const rule of this.#rules) {
        if (!rule.meets(view)) continue;
        const inclusion = ratio(rule.probability(this.#sampling.rate, now) * this.#share);
        return lane.position < inclusion * positions ? inclusion : null;
      }
    }
    return lane.position < this.#threshold ? this.#inclusion : null;
  }

  /** A session cookie that an answer sets names the lane of its request from now on, sampled or not. Of a connection
   * without a session only the first one does: the next user's login on a shared connection begins a lane of its own. */
  learn(answer: HeadView, lane: Lane): void {
    for (let field = this.#finder.nextInAnswer(answer, 0); field >= 0; field = this.#finder.nextInAnswer(answer, field)) {
      this.#hash.hash(answer.buffer, this.#finder.from, this.#finder.to);
      const position = positionOf(this.#hash.high, this.#hash.low);
      if (position === lane.position || (lane.isAnonymous && this.#aliases.has(position))) continue;
      const own = lane.forNewSession();
      if (own === null) continue;
      this.#aliases.delete(position);
      if (this.#aliases.size >= maxAliases) {
        for (const oldest of this.#aliases.keys()) {
          this.#aliases.delete(oldest);
          break;
        }
      }
      this.#aliases.set(position, own);
    }
  }

  #setThreshold(): void {
    this.#threshold = this.#sampling.enabled ? this.#inclusion * positions : 0;
  }

  get #inclusion(): Ratio {
    return ratio(this.#sampling.rate * this.#share);
  }

  #connectionLane(peer: LanePeer): Lane {
    const named = Buffer.from(this.#laneKey.kind === "ip" ? peer.address : `${this.#epoch}/${peer.connection}`, "latin1");
    this.#hash.hash(named, 0, named.length);
    return new Lane(this.#hash.high, this.#hash.low, this.#laneKey.kind === "ip" ? "" : "c-");
  }
}
