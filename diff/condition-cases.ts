/** Turns compared exchanges into the cases from which a condition is learned.
 *
 * The unit of evidence is the lane, as everywhere: what sticks to a session would otherwise look like many agreeing
 * requests. In a small run there are too few of them, and a request counts once for every lane that sent it. */

import type { ConditionCase } from "./condition.ts";
import { type ComparedExchange, Interner, type RunTally } from "./tally.ts";
import { fewestLanes } from "./weigh.ts";

export class ConditionCases {
  private readonly run: RunTally;
  private readonly requests = new Interner();

  constructor(run: RunTally) {
    this.run = run;
  }

  /** @param places indexes of exchanges
   * @param shown those of them that show the finding
   * @param property by which table of features they are told apart */
  of(places: Iterable<number>, shown: ReadonlySet<number>, property: "features" | "labels"): ConditionCase[] {
    const cases: ConditionCase[] = [];
    for (const index of places) {
      const exchange = this.run.exchanges[index];
      if (exchange !== undefined) cases.push({ list: exchange[property], unit: this.unitOf(exchange), shows: shown.has(index) });
    }
    return cases;
  }

  private unitOf({ lane, content }: ComparedExchange): number {
    return this.run.lanes >= fewestLanes ? lane : this.requests.numberOf(`${lane} ${content}`);
  }
}
