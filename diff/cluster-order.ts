/** Which signature of a cluster speaks for it. */

import type { Assessment } from "./assess.ts";

const stateRank: Readonly<Record<Assessment["state"], number>> = { new: 0, unconfirmed: 1, noise: 2 };

/** Main signature first: state, then points, then the shallowest and first place. Nothing here depends on counts,
 * so that a finding keeps its fingerprint from run to run. */
export function byWeight(a: Assessment, b: Assessment): number {
  const [x, y] = [a.record.signature, b.record.signature];
  return (
    stateRank[a.state] - stateRank[b.state] ||
    b.points - a.points ||
    x.path.split("/").length - y.path.split("/").length ||
    compareText(x.endpoint, y.endpoint) ||
    compareText(x.path, y.path) ||
    compareText(x.kind, y.kind)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
