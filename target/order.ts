/** Who waits for whom: the order that production's clients could rely on, and no more.
 *
 *    production   A ├────┤                 A had ended before B began, and they are related: B waits for A.
 *                          B ├────┤
 *                 C ├──────────────┤       C overlaps both: nobody could know which came first, nobody waits.
 *
 * Related, in causal mode: (a) they share a lane; (b) B uses a value that first appeared in A's answer; (c) A is unsafe
 * and shares B's scope, in any lane; and, beyond what production enforced, (d) B is unsafe and A reads B's scope: else
 * a write that comes soon after a read would overtake it at a slow target, and the read would see the later state.
 *
 * Pure bookkeeping: it holds the exchanges whose shadow work is unfinished, by lane and by scope. */

import type { EpochMs } from "../model/units.ts";

export type OrderMode = "causal" | "lane" | "connection" | "none" | "serial";
/** How far a write reaches: everything, its first literal path segment, or only its own lane. */
export type WriteScope = "service" | "segment" | "lane";

export interface OrderEntry {
  readonly id: string;
  readonly lane: string | null;
  readonly connection: string | null;
  readonly startedAt: EpochMs;
  /** The request may change the target's state. */
  readonly unsafe: boolean;
  /** First literal path segment. */
  readonly scope: string;
  /** Unfinished exchanges whose answers hold values that this request uses. */
  readonly producers: readonly string[];
}

interface Unfinished extends OrderEntry {
  endedAt: EpochMs | null;
  readonly number: number;
  /** What it shares with those of its lane, and with those of its scope; null = it shares nothing with anybody. */
  readonly laneKey: string | null;
  readonly scopeKey: string | null;
}

interface ScopeGroup {
  readonly reads: Set<Unfinished>;
  readonly writes: Set<Unfinished>;
}

export class Order {
  readonly #mode: OrderMode;
  readonly #writeScope: WriteScope;
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #lanes = new Map<string, Set<Unfinished>>();
  readonly #scopes = new Map<string, ScopeGroup>();
  #submitted = 0;

  constructor(mode: OrderMode, writeScope: WriteScope) {
    this.#mode = mode;
    this.#writeScope = writeScope;
  }

  get size(): number {
    return this.#unfinished.size;
  }

  /** Takes in a request; it is unfinished from now on. */
  submit(entry: OrderEntry): void {
    const [laneKey, scopeKey] = [this.#laneKey(entry), this.#scopeKey(entry)];
    const unfinished: Unfinished = { ...entry, endedAt: null, number: this.#submitted++, laneKey, scopeKey };
    this.#unfinished.set(entry.id, unfinished);
    if (laneKey !== null) grouped(this.#lanes, laneKey, () => new Set()).add(unfinished);
    if (scopeKey !== null) {
      const group = grouped(this.#scopes, scopeKey, () => ({ reads: new Set(), writes: new Set() }));
      (entry.unsafe ? group.writes : group.reads).add(unfinished);
    }
  }

  /** The recorded answer of an exchange ended then. */
  ended(id: string, endedAt: EpochMs): void {
    const entry = this.#unfinished.get(id);
    if (entry !== undefined) entry.endedAt = endedAt;
  }

  /** The unfinished exchanges that the given one waits for, without it. */
  predecessors(id: string): string[] {
    const entry = this.#unfinished.get(id);
    return entry === undefined ? [] : [...new Set(this.#before(entry))].map((other) => other.id);
  }

  /** Whether there are any; sooner known than which. */
  hasPredecessors(id: string): boolean {
    const entry = this.#unfinished.get(id);
    return entry !== undefined && this.#before(entry).next().done !== true;
  }

  /** Of the predecessors those that have to be waited for: the others come before one of these, which waits for them itself.
   * Without it a target that has fallen behind would make every write wait for every read of the backlog, one by one. */
  blockers(id: string): string[] {
    const entry = this.#unfinished.get(id);
    if (entry === undefined) return [];
    if (this.#mode === "serial") return [...this.#before(entry)].slice(-1).map((other) => other.id);
    let lastInLane: Unfinished | null = null;
    let lastWrite: Unfinished | null = null;
    for (const other of this.#before(entry)) {
      if (shareLane(other, entry)) lastInLane = later(lastInLane, other);
      if (other.unsafe && shareScope(other, entry)) lastWrite = later(lastWrite, other);
    }
    const blockers = new Set<string>();
    for (const other of this.#before(entry)) {
      const isCovered =
        (lastInLane !== null && hadEnded(other, lastInLane) && shareLane(other, entry)) ||
        (lastWrite !== null && hadEnded(other, lastWrite) && shareScope(other, entry));
      if (!isCovered) blockers.add(other.id);
    }
    return [...blockers];
  }

  /** The unfinished exchanges, apart from itself, whose answers hold values that the given one uses. */
  producersOf(id: string): string[] {
    return this.#unfinished.get(id)?.producers.filter((other) => other !== id && this.#unfinished.has(other)) ?? [];
  }

  /** The targets have answered and what their answers teach is learnt. */
  finished(id: string): void {
    const entry = this.#unfinished.get(id);
    if (entry === undefined) return;
    this.#unfinished.delete(id);
    const { laneKey, scopeKey } = entry;
    if (laneKey !== null && removed(this.#lanes.get(laneKey), entry)) this.#lanes.delete(laneKey);
    if (scopeKey === null) return;
    const group = this.#scopes.get(scopeKey);
    removed(group?.reads, entry);
    removed(group?.writes, entry);
    if (group !== undefined && group.reads.size === 0 && group.writes.size === 0) this.#scopes.delete(scopeKey);
  }

  /** Those that the given one waits for; one that is related in two ways comes twice. */
  *#before(entry: Unfinished): Generator<Unfinished> {
    const others = this.#mode === "serial" ? this.#unfinished.values() : this.#related(entry);
    for (const other of others) {
      if (this.#mode === "serial" ? other.number < entry.number : hadEnded(other, entry)) yield other;
    }
  }

  *#related(entry: Unfinished): Generator<Unfinished> {
    const { laneKey, scopeKey } = entry;
    if (laneKey !== null) yield* this.#lanes.get(laneKey) ?? [];
    if (this.#mode !== "causal") return;
    for (const id of entry.producers) {
      const producer = this.#unfinished.get(id);
      if (producer !== undefined) yield producer;
    }
    const group = scopeKey === null ? undefined : this.#scopes.get(scopeKey);
    if (group === undefined) return;
    yield* group.writes;
    if (entry.unsafe) yield* group.reads;
  }

  #laneKey({ lane, connection }: OrderEntry): string | null {
    if (this.#mode === "none" || this.#mode === "serial") return null;
    const byConnection = connection === null ? null : `connection ${connection}`;
    if (this.#mode === "connection") return byConnection;
    return lane === null ? byConnection : `lane ${lane}`;
  }

  #scopeKey({ scope }: OrderEntry): string | null {
    if (this.#mode !== "causal" || this.#writeScope === "lane") return null;
    return this.#writeScope === "service" ? "" : scope;
  }
}

function shareLane(one: Unfinished, other: Unfinished): boolean {
  return one.laneKey !== null && one.laneKey === other.laneKey;
}

function shareScope(one: Unfinished, other: Unfinished): boolean {
  return one.scopeKey !== null && one.scopeKey === other.scopeKey;
}

/** Whether the first one's answer had ended when the second began. Of two that took no time and began together the one that was
 * submitted first: they must not wait for each other. */
function hadEnded(first: Unfinished, second: Unfinished): boolean {
  if (first.endedAt === null || first.endedAt > second.startedAt) return false;
  return first.startedAt < second.startedAt || first.number < second.number;
}

/** Which of two began later. */
function later(one: Unfinished | null, other: Unfinished): Unfinished {
  return one !== null && one.startedAt > other.startedAt ? one : other;
}

function grouped<Group>(groups: Map<string, Group>, key: string, make: () => Group): Group {
  const known = groups.get(key);
  if (known !== undefined) return known;
  const fresh = make();
  groups.set(key, fresh);
  return fresh;
}

/** Whether the set is empty after that. */
function removed(group: Set<Unfinished> | undefined, entry: Unfinished): boolean {
  group?.delete(entry);
  return group?.size === 0;
}
