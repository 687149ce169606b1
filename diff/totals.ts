/** Sums over all exchanges of a run, which have to add up: compared = same + different, exchanges = compared + not comparable. */

import type { LeafCount } from "../model/difference.ts";
import type { Report } from "../model/report.ts";
import type { Assessment } from "./assess.ts";
import type { SignatureRecord } from "./signatures.ts";
import type { ComparedExchange } from "./tally.ts";
import type { Sample } from "./traffic-share.ts";

/** @param notCompared exchanges by the reason why not
 * @param realSignatures numbers of those in a finding that is not noise */
export function totalsOf(
  exchanges: readonly ComparedExchange[],
  realSignatures: ReadonlySet<number>,
  notCompared: ReadonlyMap<string, number>,
): Report["totals"] {
  const compared = exchanges.length;
  const isReal = isDifferent(realSignatures);
  const different = exchanges.filter(isReal).length;
  const reasons = [...notCompared].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    exchanges: compared + reasons.reduce((sum, [, count]) => sum + count, 0),
    compared,
    same: compared - different,
    noiseOnly: exchanges.filter((exchange) => exchange.shown.length + exchange.noisy.length > 0 && !isReal(exchange)).length,
    different,
    afterGap: exchanges.filter(({ afterGap }) => afterGap).length,
    notComparable: Object.fromEntries(reasons),
  };
}

/** What a sample of production stands for; none where all was recorded, or nobody knows. */
export function trafficOf(
  exchanges: readonly ComparedExchange[],
  realSignatures: ReadonlySet<number>,
  sample: Sample,
): Pick<Report, "traffic"> {
  if (!sample.isEstimable) return {};
  const isReal = isDifferent(realSignatures);
  const different = new Set(exchanges.flatMap((exchange, index) => (isReal(exchange) ? [index] : [])));
  return { traffic: { requests: Math.round(sample.requests), lanes: sample.lanes, different: sample.shareOf(different) } };
}

/** Whether an exchange has a difference that is not noise. */
export function isDifferent(realSignatures: ReadonlySet<number>): (exchange: Pick<ComparedExchange, "shown">) => boolean {
  return ({ shown }) => shown.some((number) => realSignatures.has(number));
}

/** What was left out on purpose (writes without --writes, what no user sent) is not missing. */
export function skippedOf(totals: Report["totals"]): { readonly skipped: number; readonly intended: number } {
  const onPurpose = (totals.notComparable["write_not_allowed"] ?? 0) + (totals.notComparable["loop"] ?? 0);
  const all = Object.values(totals.notComparable).reduce((sum, count) => sum + count, 0);
  return { skipped: all - onPurpose, intended: totals.exchanges - onPurpose };
}

/** Of endpoints at which the candidate ever differed without the control: how many exchanges have a difference that is not noise. */
export function differentByEndpoint(
  exchanges: readonly ComparedExchange[],
  realSignatures: ReadonlySet<number>,
  endpointNames: readonly string[],
): ReadonlyMap<string, number> {
  const different = new Map<string, number>();
  for (const { endpoint, shown, noisy } of exchanges) {
    const isReal = shown.some((number) => realSignatures.has(number));
    if (!isReal && new Set(shown).isSubsetOf(new Set(noisy))) continue;
    const name = endpointNames[endpoint] ?? "";
    different.set(name, (different.get(name) ?? 0) + Number(isReal));
  }
  return different;
}

/** Shares of all leaves; the values of masked leaves were seen to differ by themselves, so only their format was tested.
 * @param testedShare of a masked signature's exchanges, tested beside a second control */
export function coverageOf(
  { byValue, byFormat, untested }: LeafCount,
  assessments: readonly Assessment[],
  testedShare: (record: SignatureRecord) => number,
): LeafCount {
  const total = byValue + byFormat + untested;
  if (total === 0) return { byValue: 0, byFormat: 0, untested: 0 };
  const masked = assessments.reduce(
    (sum, { isMasked, record }) => sum + (isMasked ? record.occurrences * (1 - testedShare(record)) : 0),
    0,
  );
  const moved = Math.min(masked, byValue);
  return { byValue: (byValue - moved) / total, byFormat: (byFormat + moved) / total, untested: untested / total };
}
