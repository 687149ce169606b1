/** What one target calls the things that the recording names: recorded value → actual value, under link keys.
 *
 *    path:/comments:15 ─► [ended 10:00:01 → "RCgs9u4cTCI", ended 10:04:30 → "Xw03kd8f1sA"]
 *
 * An id may be given again after its item was deleted: each creation is a version of its own, and a request gets
 * the newest one that had been answered when it began. Bounded: over the limit the key written longest ago goes. */

import type { EpochMs } from "../model/units.ts";
import { BoundedMap } from "./bounded-map.ts";
import type { Substitute } from "./place.ts";

/** Over which span of the recording an alias is the right one. */
export interface Origin {
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
}

export interface AliasVersion extends Origin {
  /** null = unresolved: the target was asked and named nothing. */
  readonly actual: Substitute | null;
}

/** About 20 MB of short strings per target. */
const defaultCapacity = 100_000;
/** One id that is given again more often than this within one run is no identity. */
const maxVersions = 16;

export class Aliases {
  readonly #versions: BoundedMap<readonly AliasVersion[]>;

  constructor(capacity: number = defaultCapacity) {
    this.#versions = new BoundedMap(capacity);
  }

  get size(): number {
    return this.#versions.size;
  }

  /** Keys that were given up for want of room. */
  get evicted(): number {
    return this.#versions.evicted;
  }

  knows(key: string): boolean {
    return this.#versions.get(key)?.some(({ actual }) => actual !== null) ?? false;
  }

  /** The version that holds for a request which began then, under the first key that has one. */
  find(keys: readonly string[], startedAt: EpochMs): AliasVersion | null {
    for (const key of keys) {
      const versions = this.#versions.get(key);
      if (versions === undefined) continue;
      // Begun while the producer was still answering: better that one than none.
      const version = versions.findLast(({ endedAt }) => endedAt <= startedAt) ?? versions.find((other) => other.startedAt <= startedAt);
      if (version !== undefined) return version;
    }
    return null;
  }

  /** Keeps what is known under the key, whenever it was learnt; only the unresolved gives way. */
  learnFirst(key: string, version: AliasVersion): void {
    if (!this.knows(key)) this.#versions.set(key, [version]);
  }

  /** Adds a version for requests that begin after its origin. */
  learnNewest(key: string, version: AliasVersion): void {
    const others = (this.#versions.get(key) ?? []).filter(({ endedAt }) => endedAt !== version.endedAt);
    const versions = [...others, version].sort((a, b) => a.endedAt - b.endedAt);
    this.#versions.set(key, versions.slice(-maxVersions));
  }

  clear(): void {
    this.#versions.clear();
  }
}
