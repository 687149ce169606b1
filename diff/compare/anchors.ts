/** Ids that stand in the request itself: what each side was asked for. An answer about another id
 * than the one asked for is wrong, even where nothing else is known of that id.
 *
 *    recorded  GET /posts/5?user=7
 *    left      GET /posts/5?user=7      post 5 ↔ 6
 *    right     GET /posts/6?user=7      user 7 ↔ 7                                        */

import { isIdSegment, readIds, resourceClass } from "./identity.ts";
import { type Known, References } from "./references.ts";
import { splitTarget } from "./target-parts.ts";

let latest: { readonly leftTarget: string; readonly rightTarget: string; readonly anchors: Anchors } | null = null;

/** The pairs of ids in the request targets that the two sides were sent. */
export class Anchors {
  /** Class of the things that the request is about, for ids without a better name. */
  readonly resource: string;
  private readonly pairs = new References();

  /** The anchors of a request. The candidate's answer and the control's are mostly to the very same one. */
  static of(leftTarget: string, rightTarget: string): Anchors {
    if (latest?.leftTarget !== leftTarget || latest.rightTarget !== rightTarget) {
      latest = { leftTarget, rightTarget, anchors: new Anchors(leftTarget, rightTarget) };
    }
    return latest.anchors;
  }

  private constructor(leftTarget: string, rightTarget: string) {
    const left = splitTarget(leftTarget);
    const right = rightTarget === leftTarget ? left : splitTarget(rightTarget);
    this.resource = resourceClass(left.segments);
    if (left.segments.length === right.segments.length) {
      left.segments.forEach((segment, index) => {
        if (isIdSegment(segment)) this.add(segment, right.segments[index], "id", resourceClass(left.segments.slice(0, index)));
      });
    }
    for (const [index, [name, value]] of left.query.entries()) {
      const partner = right.query[index];
      if (partner?.[0] === name) this.add(value, partner[1], name, this.resource);
    }
  }

  /** Whether the pair is what the request says; "unknown" when the request holds neither. */
  check(idClass: string, left: string, right: string): Known {
    return this.pairs.check(idClass, left, right);
  }

  /** Whether the request names the pair, whatever its class. */
  knows(left: string, right: string): boolean {
    return this.pairs.knows(left, right);
  }

  rightOf(idClass: string, left: string): string | undefined {
    return this.pairs.rightOf(idClass, left);
  }

  private add(left: string, right: string | undefined, name: string, owner: string): void {
    const id = right === undefined ? null : readIds(left, right, name, owner);
    if (id === null || right === undefined) return;
    // A request that names one id twice for two partners anchors the first.
    if (this.pairs.check(id.idClass, left, right) === "unknown") this.pairs.bind(id.idClass, left, right);
  }
}
