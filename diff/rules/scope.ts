/** The rules of one configuration, by endpoint, in the form in which a comparison asks for them.
 *
 *    Rule[] ─► RuleBook ─ endpoint ─► RuleScope ─ place ─► what holds there                       */

import type { Location } from "../../model/difference.ts";
import { spellingsOf } from "../compare/markup-places.ts";
import { type HeldRules, holdNothing } from "./held-rules.ts";
import { type JsonRules, jsonRules, noJsonRules } from "./json-rules.ts";
import { readFormat } from "./named-format.ts";
import { globPattern, isRegex, isTooLong, type Pattern, readRegex, tooLong } from "./pattern.ts";
import { pointerSteps, type RulePlace, readPlace } from "./place.ts";
import { type Reading, read, wrong } from "./reading.ts";
import type { Rule } from "./rule.ts";

/** The rules that apply to the answers of one endpoint. */
export interface RuleScope {
  /** Of JSON bodies, from the root on. */
  readonly json: JsonRules;
  /** Of headers, by their path. */
  header(path: string): HeldRules;
  /** Number of the rule that ignores a place, by the path that a difference there has; null = none. */
  ignoring(location: Location, path: string): number | null;
}

export const noRules: RuleScope = { json: noJsonRules, header: () => holdNothing, ignoring: () => null };

interface CompiledRule {
  readonly endpoint: Pattern;
  readonly place: RulePlace;
  readonly held: HeldRules;
}

/** Endpoints remembered; a run has fewer than this, unless its paths are data. */
const maxRemembered = 10_000;
const anyEndpoint: Pattern = () => true;

/** Whether a rule can be used; what is wrong with it otherwise. */
export function checkRule(rule: Rule): Reading<null> {
  const compiled = compile(rule, 0, false);
  return compiled.kind === "wrong" ? compiled : read(null);
}

/** All rules of a configuration. */
export class RuleBook {
  readonly rules: readonly Rule[];
  private readonly compiled: readonly CompiledRule[];
  private readonly byEndpoint = new Map<string, RuleScope>();
  private readonly byRules = new Map<string, RuleScope>();
  private readonly met = new Set<number>();
  private readonly alone = new Map<number, RuleScope>();

  /** @param rules that passed `checkRule`
   * @param options `provisional`: endpoints are named before all requests were seen, so that `{id}` in a rule has to stand for any
   * one segment */
  constructor(rules: readonly Rule[], options: { readonly provisional: boolean } = { provisional: false }) {
    this.rules = rules;
    this.compiled = rules.map((rule, index) => {
      const compiled = compile(rule, index, options.provisional);
      if (compiled.kind === "wrong") throw new Error(`rule ${index + 1}: ${compiled.problem}`);
      return compiled.value;
    });
  }

  /** The rules for an endpoint, `GET /posts/{id}`; the same object for endpoints with the same rules. */
  scopeOf(endpoint: string): RuleScope {
    const known = this.byEndpoint.get(endpoint);
    if (known !== undefined) return known;
    const applying = this.compiled.filter((rule) => rule.endpoint(endpoint));
    for (const rule of applying) this.met.add(this.compiled.indexOf(rule));
    const key = applying.map((rule) => this.compiled.indexOf(rule)).join(" ");
    const scope = this.byRules.get(key) ?? scopeOf(applying);
    this.byRules.set(key, scope);
    if (this.byEndpoint.size >= maxRemembered) this.byEndpoint.clear();
    this.byEndpoint.set(endpoint, scope);
    return scope;
  }

  /** The scope of one rule as if there were no other; null where its endpoints are others. */
  aloneAt(endpoint: string, index: number): RuleScope | null {
    const rule = this.compiled[index];
    if (rule?.endpoint(endpoint) !== true) return null;
    const scope = this.alone.get(index) ?? scopeOf([rule]);
    this.alone.set(index, scope);
    return scope;
  }

  /** Whether some endpoint that was asked for is one of this rule's. */
  hasMetEndpoint(index: number): boolean {
    return this.met.has(index);
  }
}

function scopeOf(rules: readonly CompiledRule[]): RuleScope {
  if (rules.length === 0) return noRules;
  const at = (kind: RulePlace["kind"]): number | null => rules.find(({ place }) => place.kind === kind)?.held.ignoredBy ?? null;
  const whole = { transport: at("transport"), status: at("status"), body: at("body") };
  const json = jsonRules(
    rules.flatMap(({ place, held }) => (place.kind === "json" ? [{ held, steps: place.steps }] : [])),
    whole.body,
  );
  const texts = rules.flatMap(({ place, held }) => (place.kind === "text" ? [{ fits: place.fits, by: held.ignoredBy }] : []));
  const header = headerRules(rules);
  const ignoring = (location: Location, path: string): number | null => {
    switch (location) {
      case "transport":
      case "status":
        return whole[location];
      case "header":
        return header(path).ignoredBy;
      case "body":
        return texts.find(({ fits }) => spellingsOf(path).some(fits))?.by ?? ignoredPointer(json, path);
      case "latency":
      case "replay":
        return null;
      default:
        return location satisfies never;
    }
  };
  return { json, header, ignoring };
}

/** What ignores all of the body ignores its root. For differences whose place in the document is no longer known but by its path. */
function ignoredPointer(root: JsonRules, path: string): number | null {
  if (!path.startsWith("/")) return root.ignoredBy;
  let rules = root;
  for (const { selector } of pointerSteps(path)) rules = selector.kind === "member" ? rules.member(selector.name) : rules.element(null);
  return rules.ignoredBy;
}

/** Rules for a header, or a cookie, hold for what is below it too: an attribute of the cookie. */
function headerRules(rules: readonly CompiledRule[]): (path: string) => HeldRules {
  const headers = rules.flatMap(({ place, held }) => (place.kind === "header" ? [{ fits: place.fits, held }] : []));
  if (headers.length === 0) return () => holdNothing;
  return (path) => {
    const here = headers.filter(({ fits }) => fits(path));
    const around = headers.filter(({ fits }) => pathsAround(path).some(fits));
    return {
      ...holdNothing,
      ignoredBy: [...here, ...around].find(({ held }) => held.ignoredBy !== null)?.held.ignoredBy ?? null,
      value: here.find(({ held }) => held.value !== null)?.held.value ?? null,
    };
  };
}

/** `set-cookie/sid/path` is below `set-cookie/sid`, and that below `set-cookie`. */
function pathsAround(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function compile(rule: Rule, index: number, provisional: boolean): Reading<CompiledRule> {
  const endpoint = readEndpoint(rule.endpoint, provisional);
  if (endpoint.kind === "wrong") return endpoint;
  const place = readPlace(rule.at);
  if (place.kind === "wrong") return place;
  const held = readEffect(rule, index, place.value);
  return held.kind === "wrong" ? held : read({ endpoint: endpoint.value, place: place.value, held: held.value });
}

function readEndpoint(text: string | null, provisional: boolean): Reading<Pattern> {
  if (text === null) return read(anyEndpoint);
  if (isTooLong(text)) return tooLong(text);
  const regex = isRegex(text) ? readRegex(text) : null;
  if (regex !== null) return regex.kind === "wrong" ? regex : read(regex.value.fits);
  if (!/^\S+ \S/.test(text))
    return wrong(`endpoint "${text}" has no method`, "write it as reports do, e.g. GET /posts/{id}, or * /posts/*");
  return read(globPattern(text, provisional));
}

function readEffect({ effect, at }: Rule, index: number, { kind }: RulePlace): Reading<HeldRules> {
  const isArrayPlace = kind === "json";
  const isValuePlace = kind === "json" || kind === "header";
  switch (effect.kind) {
    case "ignore":
      return read({ ...holdNothing, ignoredBy: index });
    case "unordered":
      if (!isArrayPlace) return wrong(`unordered is for arrays, and "${at}" is none`, "give a JSON path, e.g. body $.tags");
      return read({ ...holdNothing, unorderedBy: index });
    case "key":
      if (!isArrayPlace) return wrong(`key is for arrays, and "${at}" is none`, "give the JSON path of the array, e.g. body $.items");
      return read({ ...holdNothing, key: { by: index, member: effect.member } });
    case "tolerance":
      if (!isValuePlace) return wrong(`tolerance is for values, and "${at}" is none`, "give body $.json.path or header NAME");
      return read({ ...holdNothing, value: { kind: "tolerance", by: index, tolerance: effect } });
    case "format": {
      if (!isValuePlace) return wrong(`format is for values, and "${at}" is none`, "give body $.json.path or header NAME");
      const holds = effect.format === null ? null : readFormat(effect.format);
      if (holds?.kind === "wrong") return holds;
      return read({ ...holdNothing, value: { kind: "format", by: index, name: effect.format ?? "", holds: holds?.value ?? null } });
    }
    default:
      return effect satisfies never;
  }
}
