/** When and where a finding happens: the condition on requests, and the labels of the production beside which it shows. */

import { type Condition, type ConditionCase, conditionOf, conditionText } from "./condition.ts";
import { ConditionCases } from "./condition-cases.ts";
import type { FeatureTable } from "./feature-table.ts";
import { labelsIn } from "./heterogeneity.ts";
import type { RunTally } from "./tally.ts";

/** "query " of "query currency=JPY", "body /order/" of "body /order/currency=JPY". */
const placeOfName = /^.*?(?=[^\s/]+(?:=| [<≥]))/;

export interface Circumstance {
  /** "only when …"; null = no pattern in the requests. */
  readonly condition: string | null;
  /** Null = everywhere, or unknown. */
  readonly labels: Readonly<Record<string, string>> | null;
}

export class Circumstances {
  private readonly cases: ConditionCases;
  private readonly tables: { readonly features: FeatureTable; readonly labels: FeatureTable };

  constructor(run: RunTally, tables: { readonly features: FeatureTable; readonly labels: FeatureTable }) {
    this.cases = new ConditionCases(run);
    this.tables = tables;
  }

  /** @param places indexes of all exchanges compared at the finding's endpoints
   * @param shown those that show it */
  of(places: readonly number[], shown: ReadonlySet<number>): Circumstance {
    const when = this.learn(places, shown, "features");
    const where = this.learn(places, shown, "labels");
    return { condition: when === null ? null : conditionText(when), labels: where === null ? null : labelsIn(where) };
  }

  /** On which requests it happens, in words without counts, and without where in the request they stand: a currency in the query here
   * may be one in the body there. Null = no pattern. */
  whenOf(places: readonly number[], shown: ReadonlySet<number>): string | null {
    const condition = this.learn(places, shown, "features");
    return condition === null ? null : condition.predicates.map(({ name }) => name.replace(placeOfName, "")).join(" and ");
  }

  private learn(places: readonly number[], shown: ReadonlySet<number>, property: "features" | "labels"): Condition | null {
    const cases: ConditionCase[] = this.cases.of(places, shown, property);
    return conditionOf(cases, this.tables[property]);
  }
}
