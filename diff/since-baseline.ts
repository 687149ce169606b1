/** What became of the findings of an earlier run: fixed, or not to be seen in this one. (Those that are still there are matched where they
 * are described.) */

import type { Finding, Report, Signature } from "../model/report.ts";
import type { Assessment } from "./assess.ts";
import { namesOf } from "./finding-names.ts";
import { baselineFindings, transitionsOf } from "./reviewed.ts";

/** How probable it may at most be that a difference at its old rate was missed by chance, for it to count as fixed. */
const mostProbablyMissed = 0.05;

export interface SinceFacts {
  /** All that the candidate shows, however rarely. */
  readonly current: readonly Assessment[];
  /** Exchanges compared at an endpoint. */
  readonly comparedAt: (endpoint: string) => number;
  /** Whether a rule of the user's hid it in this run. */
  readonly isHidden: (signature: Signature) => boolean;
  readonly hasControl: boolean;
}

/** Whether the baseline has a finding of that name as fixed. */
export function wasFixed(baseline: Report | null, fingerprint: string): boolean {
  return baselineFindings(baseline).some(({ state, fingerprints }) => state === "fixed" && fingerprints.includes(fingerprint));
}

export function sinceBaseline(baseline: Report | null, facts: SinceFacts): { readonly fixed: Finding[]; readonly unseen: Finding[] } {
  const fixed: Finding[] = [];
  const unseen: Finding[] = [];
  if (baseline === null) return { fixed, unseen };
  const current = new Set(facts.current.flatMap((one) => namesOf(one).map(({ fingerprint }) => fingerprint)));
  for (const finding of baselineFindings(baseline)) {
    if (finding.state !== "new" && finding.state !== "known" && finding.state !== "returned" && finding.state !== "fixed") continue;
    if (namesOfChange(finding).some((name) => current.has(name))) unseen.push(...unseenPart(finding, facts));
    else if (facts.isHidden(finding) || !wouldShow(finding, facts)) unseen.push(finding);
    else fixed.push(asFixed(finding, facts));
  }
  return { fixed, unseen };
}

/** Of the change itself, not of what followed from it. */
function namesOfChange(finding: Finding): string[] {
  const own = finding.signatures.filter(({ kind }) => kind === finding.kind);
  return [...finding.fingerprints, ...transitionsOf({ ...finding, signatures: own }).map(({ fingerprint }) => fingerprint)];
}

/** Whether enough was compared at one of its places for it to show if it were still there. */
function wouldShow({ state, endpoint, rate }: Finding, { comparedAt }: SinceFacts): boolean {
  const compared = comparedAt(endpoint);
  if (compared === 0) return false;
  return state === "fixed" || (1 - rate) ** compared <= mostProbablyMissed;
}

/** What it showed at endpoints that this run did not ask. */
function unseenPart(finding: Finding, { comparedAt }: SinceFacts): Finding[] {
  const signatures = finding.signatures.filter(({ endpoint, transitions }) => transitions !== undefined && comparedAt(endpoint) === 0);
  const [main] = signatures;
  const fingerprints = signatures.flatMap(({ transitions = [] }) => transitions.map(({ fingerprint }) => fingerprint));
  const [id] = fingerprints;
  if (main === undefined || id === undefined) return [];
  const { endpoint, location, path, kind } = main;
  return [{ ...finding, id, endpoint, location, path, kind, signatures, fingerprints }];
}

function asFixed(finding: Finding, { comparedAt, hasControl }: SinceFacts): Finding {
  const evidence = { b: 0, c: 0, e: hasControl ? 1 : null, probes: 0 };
  return { ...finding, state: "fixed", score: 0, count: 0, compared: comparedAt(finding.endpoint), rate: 0, evidence, exemplars: [] };
}
