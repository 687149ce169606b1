/** Which rules hold at which place of a JSON document. The JSON paths of all rules run in step with the walk over the document:
 *
 *    $                {price: $..price}         a state = how far each path has come here
 *    └ items          {price: $..price}         one table look-up a child; places that no path tells apart
 *      └ *            {price: $..price}         share a state, so there are few states however large the documents are
 *        └ price      {price: holds here}                                                                      */

import { type HeldRules, holdNothing } from "./held-rules.ts";
import type { PathStep, Selector } from "./json-path.ts";

/** One rule's path. */
export interface JsonRule {
  readonly held: HeldRules;
  readonly steps: readonly PathStep[];
}

/** Steps to a child: its name, its index, or null for an element of which the index is not known. */
type Edge = string | number | null;

/** What the rules say about one place, and about those below it. */
export interface JsonRules extends HeldRules {
  /** Of the member of that name. */
  member(name: string): JsonRules;
  /** Of one element; null = of any, so that only rules for all elements hold. */
  element(index: number | null): JsonRules;
  /** Some rule tells elements apart by their index. */
  readonly countsElements: boolean;
}

/** A path that got as far as `step`. */
interface Progress {
  readonly rule: JsonRule;
  readonly step: number;
}

/** No rule reaches here. */
export const noJsonRules: JsonRules = {
  ...holdNothing,
  countsElements: false,
  member: () => noJsonRules,
  element: () => noJsonRules,
};

/** The rules of the document's root.
 * @param ignoredBy the rule that ignores all of it, or null */
export function jsonRules(rules: readonly JsonRule[], ignoredBy: number | null): JsonRules {
  if (rules.length === 0 && ignoredBy === null) return noJsonRules;
  return new Automaton(rules).root(ignoredBy);
}

class Automaton {
  private readonly states = new Map<string, State>();
  private readonly rules: readonly JsonRule[];
  private readonly order: ReadonlyMap<JsonRule, number>;
  /** Members and elements that some path names; all others are alike. */
  readonly names: ReadonlySet<Edge>;

  constructor(rules: readonly JsonRule[]) {
    this.rules = rules;
    this.order = new Map(rules.map((rule, index) => [rule, index]));
    const selectors = rules.flatMap(({ steps }) => steps.map(({ selector }) => selector));
    this.names = new Set(
      selectors.flatMap((selector) => (selector.kind === "any" ? [] : [selector.kind === "member" ? selector.name : selector.index])),
    );
  }

  root(ignoredBy: number | null): State {
    return this.stateOf(
      this.rules.map((rule) => ({ rule, step: 0 })),
      ignoredBy,
    );
  }

  /** The state after one more step to a child. */
  advance(progress: readonly Progress[], ignoredBy: number | null, edge: Edge, isMember: boolean): State {
    const next = new Map<string, Progress>();
    const reach = (rule: JsonRule, step: number): void => void next.set(`${this.order.get(rule)}.${step}`, { rule, step });
    for (const { rule, step } of progress) {
      const { selector, descends } = rule.steps[step] ?? over;
      if (descends) reach(rule, step);
      if (step < rule.steps.length && selects(selector, edge, isMember)) reach(rule, step + 1);
    }
    return this.stateOf([...next.values()], ignoredBy);
  }

  private stateOf(progress: readonly Progress[], inherited: number | null): State {
    const held = progress.filter(({ rule, step }) => step === rule.steps.length).map(({ rule }) => rule.held);
    const state = new State(this, progress, held, inherited);
    const key = `${state.ignoredBy} ${progress.map(({ rule, step }) => `${this.order.get(rule)}.${step}`).join(" ")}`;
    const known = this.states.get(key);
    if (known !== undefined) return known;
    this.states.set(key, state);
    return state;
  }
}

class State implements JsonRules {
  readonly ignoredBy: number | null;
  readonly value: HeldRules["value"];
  readonly unorderedBy: number | null;
  readonly key: HeldRules["key"];
  readonly countsElements: boolean;
  private readonly automaton: Automaton;
  private readonly progress: readonly Progress[];
  private readonly children = new Map<Edge, State>();
  private otherMember: State | null = null;
  private otherElement: State | null = null;

  constructor(automaton: Automaton, progress: readonly Progress[], held: readonly HeldRules[], inherited: number | null) {
    const first = <Part extends keyof HeldRules>(part: Part): HeldRules[Part] | null =>
      held.find((rule) => rule[part] !== null)?.[part] ?? null;
    this.automaton = automaton;
    this.progress = progress;
    this.ignoredBy = inherited ?? first("ignoredBy");
    this.value = first("value");
    this.unorderedBy = first("unorderedBy");
    this.key = first("key");
    this.countsElements = progress.some(({ rule, step }) => rule.steps[step]?.selector.kind === "element");
  }

  member(name: string): JsonRules {
    if (this.automaton.names.has(name)) return this.child(name, true);
    this.otherMember ??= this.automaton.advance(this.progress, this.ignoredBy, name, true);
    return this.otherMember;
  }

  element(index: number | null): JsonRules {
    if (index !== null && this.automaton.names.has(index)) return this.child(index, false);
    this.otherElement ??= this.automaton.advance(this.progress, this.ignoredBy, null, false);
    return this.otherElement;
  }

  private child(edge: string | number, isMember: boolean): State {
    let child = this.children.get(edge);
    if (child === undefined) {
      child = this.automaton.advance(this.progress, this.ignoredBy, edge, isMember);
      this.children.set(edge, child);
    }
    return child;
  }
}

/** Of a path that has come to its end. */
const over: PathStep = { selector: { kind: "any" }, descends: false };

function selects(selector: Selector, edge: Edge, isMember: boolean): boolean {
  switch (selector.kind) {
    case "any":
      return true;
    case "member":
      return isMember && selector.name === edge;
    case "element":
      return !isMember && selector.index === edge;
    default:
      return selector satisfies never;
  }
}
