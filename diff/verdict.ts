/** Pass, fail or inconclusive, with every reason that applies. Precedence: fail, then inconclusive, then pass. */

import type { Finding, Reason, RuleSummary, Severity, Verdict } from "../model/report.ts";
import { whyIdle } from "./rules/idle-rule.ts";
import { type SendingFacts, sendingReasons } from "./sending-doubts.ts";
import { isAtLeast } from "./severity.ts";

/** The gate: the least severity of a finding that fails a run. */
export type FailOn = "none" | "low" | "medium" | "high";

/** Share of compared exchanges without any answer from a target, from which on it counts as not there. */
export const unreachableShare = 0.95;
/** Share of compared exchanges after a gap, from which on the targets no longer have the same state. */
const divergedShare = 0.2;
/** Over this share of exchanges that could not be compared, the rest speaks for too little. */
const skippedShare = 0.2;
const percent = 100;

/** How it ended with a target that had answered before. */
export interface Silence {
  /** Requests in a row, to the end, that got no answer. */
  readonly requests: number;
  /** The request that was answered last, "GET /items/7". */
  readonly lastAnswered: string;
}

export interface VerdictFacts {
  readonly failOn: FailOn;
  readonly minCompared: number;
  readonly minFidelity: number;
  readonly findings: readonly Finding[];
  readonly compared: number;
  readonly afterGap: number;
  /** Exchanges that were to be compared and could not be, and all that were to be. */
  readonly skipped: number;
  readonly intended: number;
  readonly hasControl: boolean;
  /** The e-values are by request, not by lane. */
  readonly isSmall: boolean;
  readonly lanes: number;
  readonly fidelity: number | null;
  /** What the control answered most often where the primary's status was another. */
  readonly infidelityCause: string;
  readonly candidateUnreachable: boolean;
  readonly controlUnreachable: boolean;
  /** The candidate stopped answering; null = it did not. */
  readonly candidateSilence: Silence | null;
  /** What shows that the targets share a state; null = nothing does. */
  readonly sharedState: string | null;
  readonly widened: readonly string[];
  readonly expired: readonly string[];
  /** The user's rules that had nothing to do. */
  readonly idleRules: readonly Pick<RuleSummary, "text" | "idle" | "shadowedBy">[];
  readonly interrupted: boolean;
  /** Why a replay is invalid: `late` only says that timing was not kept, `broken` that requests are missing or out of order. */
  readonly replay: "valid" | "late" | "broken";
  /** What could not be sent as it was recorded. */
  readonly sending: SendingFacts;
}

/** @returns reasons in a fixed order: what fails, what makes it inconclusive, what to know */
export function verdictOf(facts: VerdictFacts): { readonly verdict: Verdict; readonly reasons: Reason[] } {
  const failing = failReasons(facts);
  const sending = sendingReasons(facts.sending);
  const doubts = [...inconclusiveReasons(facts), ...sending.doubts];
  const reasons = [...failing, ...doubts, ...replayReasons(facts), ...sending.notes, ...informationalReasons(facts)];
  if (failing.length > 0) return { verdict: "fail", reasons };
  return { verdict: doubts.length > 0 || facts.replay === "broken" ? "inconclusive" : "pass", reasons };
}

/** Lateness alone takes nothing from what was compared (docs/decisions/0004-late-replays.md). */
function replayReasons({ replay }: VerdictFacts): Reason[] {
  switch (replay) {
    case "valid":
      return [];
    case "late":
      return [{ code: "replay-late", text: "the replay ran late: what depends on timing and overlap may not have shown" }];
    case "broken":
      return [{ code: "replay-invalid", text: "the replay dropped requests or broke their order" }];
    default:
      return replay satisfies never;
  }
}

function failReasons(facts: VerdictFacts): Reason[] {
  const failing = facts.findings.filter(
    ({ state, severity, location }) =>
      (state === "new" || state === "returned") &&
      reachesGate(severity, facts.failOn) &&
      // A target that is not there says nothing about the build.
      !(facts.candidateUnreachable && location === "transport"),
  );
  if (failing.length === 0) return [];
  return [{ code: "findings", text: `${failing.length} ${failing.length === 1 ? "finding" : "findings"} at or over ${facts.failOn}` }];
}

function inconclusiveReasons(facts: VerdictFacts): Reason[] {
  const { compared, minCompared, fidelity, minFidelity, afterGap } = facts;
  const reasons: Reason[] = [];
  const add = (applies: boolean, code: string, text: string): void => {
    if (applies) reasons.push({ code, text });
  };
  const least = Math.max(1, minCompared);
  add(compared < least, "too-few-compared", `${compared === 0 ? "nothing" : `only ${compared}`} compared, at least ${least} needed`);
  add(facts.candidateUnreachable, "candidate-unreachable", "the candidate gave no answer to nearly all requests");
  const { candidateSilence: silence } = facts;
  add(
    silence !== null && !facts.candidateUnreachable,
    "candidate-stopped",
    `the candidate gave no answer to any of the last ${silence?.requests} requests that it was sent; the last that it answered was ${silence?.lastAnswered}; see whether it crashed or hangs`,
  );
  add(facts.controlUnreachable, "control-unreachable", "the control gave no answer to nearly all requests, so noise cannot be told");
  add(
    fidelity !== null && fidelity < minFidelity,
    "low-fidelity",
    `the control answered ${shown(fidelity ?? 0)} of the requests with the primary's status, at least ${shown(minFidelity)} needed; likely cause: ${facts.infidelityCause}`,
  );
  add(
    facts.sharedState !== null,
    "targets-share-state",
    `the targets share a state, with each other or with production: ${facts.sharedState}; give each a state of its own`,
  );
  const unconfirmed = facts.findings.filter(({ state, severity }) => state === "unconfirmed" && reachesGate(severity, facts.failOn)).length;
  add(
    unconfirmed > 0,
    "unconfirmed",
    `${unconfirmed} ${unconfirmed === 1 ? "difference" : "differences"} at or over ${facts.failOn} with too little evidence`,
  );
  add(
    afterGap > divergedShare * compared,
    "state-diverged",
    `${afterGap} of ${compared} compared after an unsafe request had taken effect on one target only`,
  );
  add(
    compared > 0 && facts.skipped > skippedShare * facts.intended,
    "too-much-skipped",
    `${facts.skipped} of ${facts.intended} exchanges could not be compared`,
  );
  add(facts.interrupted, "interrupted", "the run was interrupted or is not finished; what is shown is what was compared until then");
  return reasons;
}

function informationalReasons(facts: VerdictFacts): Reason[] {
  const reasons: Reason[] = [];
  const add = (applies: boolean, code: string, text: string): void => {
    if (applies) reasons.push({ code, text });
  };
  add(!facts.hasControl, "no-control", "without a control an environment difference cannot be told from a regression");
  const isSmall = facts.isSmall && facts.compared > 0 && facts.hasControl;
  add(isSmall, "small-run", `${facts.lanes} independent lanes are few: a difference that sticks to one copy's data cannot be excluded`);
  add(isSmall, "assumes-independent-requests", "with few lanes the evidence counts distinct requests as independent");
  const odd = new Set(facts.findings.filter(isOfProduction).map(({ labels }) => placeOf(labels ?? {})));
  add(odd.size > 0, "production-differs", `production answers differently from control and candidate at ${[...odd].sort().join("; ")}`);
  add(
    facts.widened.length > 0,
    "accepted-widened",
    `accepted changes that now go further than accepted, at more places or more often: ${facts.widened.join(", ")}`,
  );
  add(facts.expired.length > 0, "accepted-expired", `accepted changes past their date: ${facts.expired.join(", ")}`);
  add(facts.idleRules.length > 0, "rules-unused", idleRulesText(facts.idleRules));
  return reasons;
}

function isOfProduction({ class: findingClass, state }: Finding): boolean {
  return findingClass === "heterogeneity" && state !== "fixed";
}

/** "instance=c, zone=north" */
function placeOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** Rules named in the reason; the report lists all. */
const namedRules = 3;

function idleRulesText(rules: VerdictFacts["idleRules"]): string {
  const names = rules.slice(0, namedRules).map((rule) => `"${rule.text}" (${whyIdle(rule)})`);
  const more = rules.length > namedRules ? ` and ${rules.length - namedRules} more` : "";
  return `${rules.length === 1 ? "1 rule" : `${rules.length} rules`} had nothing to do: ${names.join(", ")}${more}`;
}

function reachesGate(severity: Severity, failOn: FailOn): boolean {
  return failOn !== "none" && isAtLeast(severity, failOn);
}

function shown(share: number): string {
  return `${(share * percent).toFixed(1)} %`;
}
