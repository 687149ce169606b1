/** Which id of the left side stands for which id of the right side, per class of ids: a bijection
 * that grows with the answers of one lane. Consistent renaming is no difference; an id that stands
 * for two others is. */

/** Pairs remembered per lane and pair of targets; the oldest of the oldest class are forgotten first. */
const defaultMaxPairs = 20_000;

/** What is known about a pair of ids. */
export type Known = "agrees" | "contradicts" | "unknown";

/** Most ids stand for themselves: such a pair is kept on one side only. */
interface Bijection {
  readonly rightOf: Map<string, string>;
  /** Of right ids that another left one stands for. */
  readonly leftOf: Map<string, string>;
  /** Walks along behind what is forgotten: a new walk would pass all the places that it has left empty. Null before the first. */
  oldest: MapIterator<[left: string, right: string]> | null;
}

export class References {
  private readonly classes = new Map<string, Bijection>();
  private readonly maxPairs: number;
  private pairs = 0;

  constructor(maxPairs: number = defaultMaxPairs) {
    this.maxPairs = maxPairs;
  }

  /** Whether the pair agrees with what is remembered. */
  check(idClass: string, left: string, right: string): Known {
    const bijection = this.classes.get(idClass);
    if (bijection === undefined) return "unknown";
    const { rightOf, leftOf } = bijection;
    const partner = rightOf.get(left);
    if (partner !== undefined) return partner === right ? "agrees" : "contradicts";
    const isTaken = leftOf.has(right) || (left !== right && rightOf.get(right) === right);
    return isTaken ? "contradicts" : "unknown";
  }

  /** The right id that `left` stands for, when remembered. */
  rightOf(idClass: string, left: string): string | undefined {
    return this.classes.get(idClass)?.rightOf.get(left);
  }

  /** Whether the pair is remembered in any class: `authorId` follows the ids of users, too. */
  knows(left: string, right: string): boolean {
    for (const { rightOf } of this.classes.values()) if (rightOf.get(left) === right) return true;
    return false;
  }

  /** Remembers a pair of which `check` said "unknown". */
  bind(idClass: string, left: string, right: string): void {
    if (this.pairs >= this.maxPairs) this.forgetOldest();
    let bijection = this.classes.get(idClass);
    if (bijection === undefined) {
      bijection = { rightOf: new Map(), leftOf: new Map(), oldest: null };
      this.classes.set(idClass, bijection);
    }
    const [kept, partner] = left === right ? [detached(left), null] : [detached(left), detached(right)];
    bijection.rightOf.set(kept, partner ?? kept);
    if (partner !== null) bijection.leftOf.set(partner, kept);
    this.pairs++;
  }

  /** Remembers that an id stands for itself, unless it is known to stand for another. */
  keep(idClass: string, id: string): void {
    if (this.check(idClass, id, id) === "unknown") this.bind(idClass, id, id);
  }

  /** So many pairs can be remembered before one is forgotten. */
  get room(): number {
    return this.maxPairs - this.pairs;
  }

  private forgetOldest(): void {
    for (const [idClass, bijection] of this.classes) {
      const { rightOf, leftOf } = bijection;
      bijection.oldest ??= rightOf.entries();
      const oldest = bijection.oldest.next();
      if (oldest.done === true) {
        this.classes.delete(idClass);
        continue;
      }
      const [left, right] = oldest.value;
      rightOf.delete(left);
      if (left !== right) leftOf.delete(right);
      this.pairs--;
      return;
    }
  }
}

/** From this length on, the engine keeps a part of a text as a view of the whole. */
const shortestView = 13;

/** The same text, without the body it was read in: an id that is remembered must not keep all of an answer in memory. */
function detached(text: string): string {
  return text.length < shortestView ? text : ` ${text}`.slice(1);
}
