/** What one comparison may cost, counted in steps instead of time: the same log gives the same report on a
 * machine that is busy. A step is about one value looked at; what there are no steps for counts as untested. */

export class Work {
  private remaining: number;

  constructor(steps: number) {
    this.remaining = steps;
  }

  /** Steps that are left. */
  get left(): number {
    return this.remaining;
  }

  /** Takes so many steps; false, and none taken, when there are fewer. */
  spend(steps = 1): boolean {
    if (steps > this.remaining) return false;
    this.remaining -= steps;
    return true;
  }
}
