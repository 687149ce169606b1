/** The comparison of what two builds did with the same request: the one entry of this folder.
 *
 *    transport ─► status ─► headers, trailers ─► body ─► ids, all at once ─► Comparison              */

import type { Comparison, Difference, DifferenceKind } from "../../model/difference.ts";
import { type Answer, type FailureKind, type HttpRequest, headerValue, isUnrecorded, type Outcome } from "../../model/exchange.ts";
import { noRules, type RuleScope } from "../rules/scope.ts";
import { Anchors } from "./anchors.ts";
import { compareBodies, readBody, sameBody, wholeBody } from "./body.ts";
import { bodyRule } from "./body-rules.ts";
import { compareDescribedLengths } from "./described-length.ts";
import { agreeOnBody } from "./equal-bodies.ts";
import { compareHeaders, compareTrailers } from "./headers.ts";
import { Ledger } from "./ledger.ts";
import { type AnswerPair, type CompareLimits, defaultCompareLimits } from "./pair.ts";
import type { References } from "./references.ts";
import { readTime } from "./times.ts";
import { underIgnoring } from "./user-rules.ts";
import { Work } from "./work.ts";

/** What a comparison needs beside the two outcomes. */
export interface CompareContext {
  /** As recorded. */
  readonly request: HttpRequest;
  /** What is known about ids; it learns from the answers, so the order of calls matters. One per lane and pair of targets. */
  readonly references: References;
  /** Request target that the side was sent; absent when it is the recorded one. */
  readonly leftSentTarget?: string | undefined;
  readonly rightSentTarget?: string | undefined;
  readonly limits?: Partial<CompareLimits>;
  /** The user's rules for the endpoint. */
  readonly rules?: RuleScope;
}

/** How a failure to answer is called. Callers leave out pairs with `aborted` and `skipped`. */
const transportKinds: Readonly<Record<FailureKind, DifferenceKind>> = {
  refused: "transport.connect",
  "timed-out": "transport.timeout",
  reset: "transport.reset",
  truncated: "transport.truncated",
  "too-large": "transport.truncated",
  "not-http": "transport.framing",
  aborted: "transport.reset",
  skipped: "transport.connect",
};

/** Finds where two outcomes of one request differ.
 * @param left the baseline
 * @param right the build that is compared with it
 * @returns at most one difference of each kind at each path
 * @throws never, whatever the answers hold */
export function compareOutcomes(left: Outcome, right: Outcome, context: CompareContext): Comparison {
  const rules = context.rules ?? noRules;
  if (left.kind !== "answered" || right.kind !== "answered") return compareFailures(left, right, rules);
  const limits = context.limits === undefined ? defaultCompareLimits : { ...defaultCompareLimits, ...context.limits };
  const pair: AnswerPair = {
    requestHeaders: context.request.headers,
    ledger: new Ledger(rules),
    rules,
    references: context.references,
    anchors: Anchors.of(context.leftSentTarget ?? context.request.target, context.rightSentTarget ?? context.request.target),
    dates: { left: dateOf(left.answer), right: dateOf(right.answer) },
    limits,
    work: new Work(limits.steps),
    patternWork: new Work(limits.patternSteps),
  };
  compareAnswers(left.answer, right.answer, context.request.method, pair);
  return pair.ledger.conclude(pair.references, pair.anchors);
}

function compareFailures(left: Outcome, right: Outcome, rules: RuleScope): Comparison {
  const ignoredBy = rules.ignoring("transport", "");
  const leaves = ignoredBy === null ? { byValue: 1, byFormat: 0, untested: 0 } : { byValue: 0, byFormat: 0, untested: 1 };
  if (left.kind === right.kind) return { differences: [], leaves };
  const failure = right.kind === "answered" ? left.kind : right.kind;
  const kind = failure === "answered" ? "transport.connect" : transportKinds[failure];
  const transition = `${left.kind}→${right.kind}`;
  const difference: Difference = { location: "transport", path: "", kind, level: "presence", from: left.kind, to: right.kind, transition };
  if (ignoredBy === null) return { differences: [difference], leaves };
  return { differences: [], leaves, rules: { hidden: [{ rule: ignoredBy, difference }], applied: [] } };
}

function compareAnswers(left: Answer, right: Answer, method: string, pair: AnswerPair): void {
  compareStatus(left.status, right.status, pair);
  if (isUnrecorded(left.body) || isUnrecorded(right.body)) return compareWhatIsKnown(left, right, pair);
  const rule = bodyRule(left, right, method);
  if (rule !== "compare") {
    // An answer without a body says nothing about the body that its validators describe.
    compareHeaders(left.headers, right.headers, false, pair);
    if (rule === "none") compareDescribedLengths(left, right, pair);
    else pair.ledger.skip(wholeBody);
    return;
  }

  const before = readBody(left, pair.limits);
  const after = readBody(right, pair.limits);
  const isSame = sameBody(before, after);
  compareHeaders(left.headers, right.headers, isSame, pair);
  compareTrailers(left.trailers ?? [], right.trailers ?? [], isSame, pair);
  underIgnoring(pair.rules.ignoring("body", ""), pair, () => {
    if (isSame) agreeOnBody(before, pair);
    else compareBodies(before, after, pair);
  });
}

/** Of an answer whose body nobody kept, the fields, if they are there; an access log has neither. */
function compareWhatIsKnown(left: Answer, right: Answer, pair: AnswerPair): void {
  const hasFields = [left, right].every(({ headers, body }) => headers.length > 0 || !isUnrecorded(body));
  if (hasFields) compareHeaders(left.headers, right.headers, false, pair);
  pair.ledger.skip(wholeBody);
}

function compareStatus(left: number, right: number, pair: AnswerPair): void {
  underIgnoring(pair.rules.ignoring("status", ""), pair, () => compareStatusCodes(left, right, pair));
}

function compareStatusCodes(left: number, right: number, pair: AnswerPair): void {
  if (left === right) return pair.ledger.agree();
  const kind = Math.floor(left / 100) === Math.floor(right / 100) ? "status.code" : "status.class";
  return pair.ledger.differ({
    location: "status",
    path: "",
    kind,
    level: "value",
    from: String(left),
    to: String(right),
    transition: `${left}→${right}`,
  });
}

/** Answers of one second carry one Date. The bound is no matter: a run knows few seconds at a time. */
const knownDates = new Map<string, number | null>();
const maxKnownDates = 100;

function dateOf(answer: Answer): number | null {
  const value = headerValue(answer.headers, "date");
  if (value === undefined) return null;
  let at = knownDates.get(value);
  if (at === undefined) {
    at = readTime(value)?.at ?? null;
    if (knownDates.size >= maxKnownDates) knownDates.clear();
    knownDates.set(value, at);
  }
  return at;
}
