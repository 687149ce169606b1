/** Ids that every copy makes anew, lane by lane, of which the candidate has one for many lanes: one session for all users.
 *
 *    lane      1      2      3
 *    control   k3x…   9fa…   c07…      each its own
 *    candidate zzz…   zzz…   zzz…      a consistent renaming in each lane, and a constant over all: json.constant
 *
 * Within a lane such an id comes again and again, so only the first one of a lane counts. */

import type { Comparison, Difference } from "../model/difference.ts";
import { type Assessment, convincingRequests } from "./assess.ts";
import { MaskedValues } from "./masked-values.ts";
import { idKey } from "./one-sided-renamings.ts";
import { falseShare, select } from "./selection.ts";
import { severityOf } from "./severity.ts";
import type { PairPlace } from "./sign-test.ts";
import { newRecord, placeKey, pointsOf, type SignatureRecord } from "./signatures.ts";

/** Leaves that are followed. */
const mostLeaves = 2_000;
const noLeaves = { byValue: 0, byFormat: 0, untested: 0 };

interface Leaf {
  readonly endpoint: string;
  readonly first: Difference;
  readonly lanes: Set<number>;
  /** Exchanges that counted. */
  readonly exchanges: number[];
}

export class SharedIds {
  private readonly values = new MaskedValues();
  private readonly leaves = new Map<string, Leaf>();

  /** Call once an exchange, with the comparisons to candidate and control.
   * @param index of the exchange */
  observe(endpoint: string, index: number, place: PairPlace, toCandidate: Comparison, toControl: Comparison): void {
    const ofControl = new Map(toControl.renamed?.map(({ difference }) => [idKey(difference), difference]));
    const [candidate, control]: [Difference[], Difference[]] = [[], []];
    for (const { difference, isCounted } of toCandidate.renamed ?? []) {
      const twin = ofControl.get(idKey(difference));
      if (isCounted || twin === undefined || !this.isFirstOfLane(endpoint, index, place, difference)) continue;
      candidate.push(difference);
      control.push(twin);
    }
    if (candidate.length === 0) return;
    this.values.observe(endpoint, place, { differences: candidate, leaves: noLeaves }, { differences: control, leaves: noLeaves });
  }

  /** @param firstNumber of the signatures made here
   * @param isSmall distinct requests are the unit of evidence instead of lanes */
  assessments(firstNumber: number, isSmall: boolean): Assessment[] {
    const tests = [...this.leaves.values()].flatMap((leaf) => {
      const found = this.values.testsOf(leaf.endpoint, placeKey(leaf.first), isSmall);
      return found.filter(({ transition }) => transition === "constant").map((test) => ({ leaf, test }));
    });
    const selected = select(
      tests.map(({ test }) => ({ isHigh: true, logE: test.logE })),
      falseShare,
    );
    return tests.flatMap(({ leaf, test }, index): Assessment[] => {
      const { b, c, logE, requests, isPlain } = test;
      const isSure = selected.has(index) || (isSmall && isPlain && requests >= convincingRequests);
      if (!isSure && !isPlain) return [];
      const record = recordOf(firstNumber + index, leaf, test.kind);
      const points = pointsOf(record);
      const state = isSure ? "new" : severityOf(points) === "info" ? "noise" : "unconfirmed";
      return [{ record, points, b, c, logE, state, class: "unclassified", isMasked: false, noiseRate: 1, labels: null }];
    });
  }

  private isFirstOfLane(endpoint: string, index: number, { lane }: PairPlace, difference: Difference): boolean {
    const key = `${endpoint}\n${placeKey(difference)}`;
    let leaf = this.leaves.get(key);
    if (leaf === undefined) {
      if (this.leaves.size >= mostLeaves) return false;
      this.leaves.set(key, (leaf = { endpoint, first: difference, lanes: new Set(), exchanges: [] }));
    }
    if (leaf.lanes.has(lane)) return false;
    leaf.lanes.add(lane);
    leaf.exchanges.push(index);
    return true;
  }
}

function recordOf(number: number, { endpoint, first, exchanges }: Leaf, kind: Difference["kind"]): SignatureRecord {
  const { location, path, from, to } = first;
  return {
    ...newRecord(number, { endpoint, location, path, kind }),
    transitions: new Map([["constant", { count: exchanges.length, from, to, text: "constant" }]]),
    shown: [...exchanges],
    occurrences: exchanges.length,
    isValueLevel: false,
  };
}
