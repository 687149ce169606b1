/** What each of the user's rules did in a run: how much it hid, where, and which had nothing to do. */

import type { Comparison } from "../../model/difference.ts";
import type { RuleSummary, Signature } from "../../model/report.ts";
import { placeKey } from "../signatures.ts";
import { describeRule, type Rule } from "./rule.ts";
import type { RuleBook } from "./scope.ts";
import { holdsAt, overrules } from "./shadow.ts";

/** Places listed of each rule: enough to see what it is about. */
const mostPlaces = 20;

interface Tally {
  hidden: number;
  exchanges: number;
  /** By endpoint and difference, in the order of the log. */
  readonly places: Map<string, Signature>;
}

export class RuleTally {
  private readonly book: RuleBook;
  private readonly tallies: readonly Tally[];

  constructor(book: RuleBook) {
    this.book = book;
    this.tallies = book.rules.map(() => ({ hidden: 0, exchanges: 0, places: new Map() }));
  }

  /** Counts one exchange: its comparison with the candidate and that with the control. */
  count(endpoint: string, comparisons: readonly (Comparison | null)[]): void {
    const active = new Set<number>();
    for (const comparison of comparisons) {
      for (const rule of comparison?.rules?.applied ?? []) active.add(rule);
      for (const { rule, difference } of comparison?.rules?.hidden ?? []) {
        const tally = this.tallies[rule];
        if (tally === undefined) continue;
        active.add(rule);
        tally.hidden++;
        const { location, path, kind } = difference;
        const key = `${endpoint}\n${placeKey(difference)}`;
        if (!tally.places.has(key)) tally.places.set(key, { endpoint, location, path, kind });
      }
    }
    for (const rule of active) {
      const tally = this.tallies[rule];
      if (tally !== undefined) tally.exchanges++;
    }
  }

  /** Whether some rule hid this signature: that it was not seen does not mean that it is gone. */
  hides(signature: Signature): boolean {
    const key = `${signature.endpoint}\n${placeKey(signature)}`;
    return this.tallies.some(({ places }) => places.has(key));
  }

  /** In the order of the configuration. */
  summary(): RuleSummary[] {
    return this.book.rules.map((rule, index) => {
      const { hidden, exchanges, places } = this.tallies[index] ?? { hidden: 0, exchanges: 0, places: new Map() };
      const isIdle = exchanges === 0;
      const shadow = isIdle ? this.shadowOf(rule, index) : undefined;
      return {
        text: describeRule(rule),
        reason: rule.reason,
        hidden,
        exchanges,
        places: [...places.values()].slice(0, mostPlaces),
        idle: isIdle ? (this.book.hasMetEndpoint(index) ? "nothing-differed" : "no-endpoint") : null,
        ...(shadow === undefined ? {} : { shadowedBy: describeRule(shadow) }),
      };
    });
  }

  /** The rule that hid what an idle one would have hidden. */
  private shadowOf(idle: Rule, index: number): Rule | undefined {
    const isShadowedAt = (place: Signature): boolean => {
      const alone = this.book.aloneAt(place.endpoint, index);
      return alone !== null && holdsAt(alone, idle.effect, place);
    };
    return this.book.rules.find(({ effect }, other) => {
      const places = other === index || !overrules(effect, idle.effect) ? [] : (this.tallies[other]?.places.values() ?? []);
      return [...places].some(isShadowedAt);
    });
  }
}
