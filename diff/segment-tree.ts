/** The paths of a run as a tree of segments with counts: what endpoints are inferred from (template-tree.ts). Bounded, whatever is sent:
 *
 *    too many children of one position    the rarest half becomes its crowd: one child that stands for all of them
 *    too many positions                   the rarest ones everywhere do, and of what is below them only numbers are kept
 *    too many segments of one path        the rest is not looked at
 *
 * Counts do not depend on the order of requests until a bound is met. */

/** Children of one position that are kept, and at most twice as many for a while. */
const mostChildren = 2_000;
/** Positions that are kept, some 300 bytes each, and at most twice as many for a while; services have a few thousand. */
const mostPositions = 25_000;
/** Segments of one path that are looked at. */
export const mostSegments = 32;

/** A place in the paths: all requests that begin alike. */
export class Position {
  /** By segment, those that are no parameters by their class. */
  readonly literals = new Map<string, Position>();
  /** All that are. */
  parameter: Position | null = null;
  /** Literals that were too rare to be kept apart. */
  crowd: Position | null = null;
  /** How many those were; one that came back counts again. */
  crowdSize = 0;
  /** Requests that pass through or end here. */
  requests = 0;
  /** Of those that end here. */
  readonly methods = new Set<string>();
}

/** A segment as it is learnt. */
export interface LearntSegment {
  readonly text: string;
  /** Its class says that it varies. */
  readonly isParameter: boolean;
}

export class SegmentTree {
  readonly root = new Position();
  private positions = 1;

  /** Counts one request. */
  learn(method: string, segments: readonly LearntSegment[]): void {
    let position = this.root;
    position.requests++;
    for (const segment of segments.slice(0, mostSegments)) {
      position = this.descend(position, segment);
      position.requests++;
    }
    position.methods.add(method);
    if (this.positions > 2 * mostPositions) this.thin();
  }

  private descend(parent: Position, { text, isParameter }: LearntSegment): Position {
    const known = isParameter ? parent.parameter : parent.literals.get(text);
    if (known !== null && known !== undefined) return known;
    const child = new Position();
    this.positions++;
    if (isParameter) parent.parameter = child;
    else {
      if (parent.literals.size >= 2 * mostChildren) this.crowd(parent);
      parent.literals.set(text, child);
    }
    return child;
  }

  /** Moves the rarer children into the crowd, with what is below them. */
  private crowd(parent: Position): void {
    const byRequests = [...parent.literals].sort(([a, one], [b, other]) => other.requests - one.requests || (a < b ? -1 : 1));
    for (const [segment, child] of byRequests.slice(mostChildren)) {
      parent.literals.delete(segment);
      this.merge(this.crowdOf(parent), child);
      parent.crowdSize++;
    }
  }

  private crowdOf(parent: Position): Position {
    if (parent.crowd === null) {
      parent.crowd = new Position();
      this.positions++;
    }
    return parent.crowd;
  }

  /** `from` is gone afterwards. */
  private merge(into: Position, from: Position): void {
    into.requests += from.requests;
    into.crowdSize += from.crowdSize;
    for (const method of from.methods) into.methods.add(method);
    for (const [segment, child] of from.literals) {
      const known = into.literals.get(segment);
      if (known !== undefined) this.merge(known, child);
      else {
        if (into.literals.size >= 2 * mostChildren) this.crowd(into);
        into.literals.set(segment, child);
      }
    }
    into.parameter = this.merged(into.parameter, from.parameter);
    into.crowd = this.merged(into.crowd, from.crowd);
    this.positions--;
  }

  private merged(into: Position | null, from: Position | null): Position | null {
    if (into === null || from === null) return into ?? from;
    this.merge(into, from);
    return into;
  }

  /** Cuts the rarest positions off until few enough are left. */
  private thin(): void {
    for (let floor = 1; this.positions > mostPositions && floor < this.root.requests; floor *= 2) {
      const open = [this.root];
      for (let position = open.pop(); position !== undefined; position = open.pop()) {
        this.cut(position, floor);
        open.push(...position.literals.values(), ...[position.parameter, position.crowd].filter((child) => child !== null));
      }
    }
  }

  private cut(position: Position, floor: number): void {
    for (const [segment, child] of position.literals) {
      if (child.requests > floor) continue;
      position.literals.delete(segment);
      position.crowdSize++;
      this.dissolve(child, this.crowdOf(position));
    }
  }

  /** Leaves of a position only how much there was at each depth below it: one crowd a depth. */
  private dissolve(from: Position, into: Position): void {
    into.requests += from.requests;
    into.crowdSize += from.literals.size + from.crowdSize;
    for (const method of from.methods) into.methods.add(method);
    for (const child of [...from.literals.values(), from.parameter, from.crowd])
      if (child !== null) this.dissolve(child, this.crowdOf(into));
    this.positions--;
  }
}
