/** When does a finding happen? The one request feature that tells best, said with its counts:
 * "only when query _start is present: 18/18, else 0/87". */

/** Fewer exchanges than this are no pattern. */
const leastSupport = 3;
/** Exchanges with the feature that may lack the finding: noise, or a value that hides it. */
const toleratedShare = 0.05;

export interface ConditionCase {
  readonly features: readonly number[];
  readonly shows: boolean;
}

/** Null when nothing differs, everything does, or no single feature separates the two.
 * @param cases all compared exchanges at the finding's endpoints
 * @param names what each feature number means */
export function conditionOf(cases: Iterable<ConditionCase>, names: readonly string[]): string | null {
  const holders = new Map<number, { all: number; shows: number }>();
  let total = 0;
  let shown = 0;
  for (const { features, shows } of cases) {
    total++;
    if (shows) shown++;
    for (const feature of features) {
      const held = holders.get(feature) ?? { all: 0, shows: 0 };
      held.all++;
      if (shows) held.shows++;
      holders.set(feature, held);
    }
  }
  if (shown < leastSupport || shown === total) return null;
  const fitting = [...holders]
    .filter(([, held]) => held.shows === shown && held.all < total && held.all - held.shows <= toleratedShare * held.all)
    .map(([feature, held]) => ({ name: names[feature] ?? "", all: held.all }))
    .sort((a, b) => a.all - b.all || simplicity(a.name) - simplicity(b.name) || (a.name < b.name ? -1 : 1));
  const [best] = fitting;
  return best === undefined ? null : `only when ${best.name}: ${shown}/${best.all}, else 0/${total - best.all}`;
}

/** Presence before a value, and what a person types before what a client adds. */
function simplicity(name: string): number {
  if (name.startsWith("header ")) return 3;
  if (name.startsWith("body ")) return 2;
  return name.endsWith(" is present") ? 0 : 1;
}
