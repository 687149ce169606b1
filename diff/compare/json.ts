/** Compares two JSON documents leaf by leaf. Key order and white space say nothing; null, absent,
 * "", [] and {} are five different states. Paths are JSON Pointers (RFC 6901) with `*` for any
 * array index. */

import type { Difference, DifferenceKind, Level } from "../../model/difference.ts";
import type { JsonMember, JsonNode } from "../../model/json/node.ts";
import { noJsonRules } from "../rules/json-rules.ts";
import { sameDecimal, sameDouble } from "./decimal.ts";
import { matchElements } from "./elements.ts";
import { readEmbedded } from "./embedded.ts";
import { agreeOnScalar, shortestUniqueId } from "./equal-scalars.ts";
import { agreeOnTree } from "./equal-trees.ts";
import { excerptNode } from "./excerpt.ts";
import { sameUnit } from "./formats.ts";
import { readIdName, readIds, readNumberIds } from "./identity.ts";
import { Interner } from "./intern.ts";
import { compareText, differByValue, formatTransition, isSameMoment } from "./leaf.ts";
import { timeShift } from "./moments.ts";
import { countLeaves, isContainer, sameKeys, scalarTextOf } from "./nodes.ts";
import type { AnswerPair } from "./pair.ts";
import { excerptString, Place } from "./place.ts";
import { renamedKeys } from "./renamed-keys.ts";
import { lengthTransition, numberTransition } from "./transitions.ts";
import { compareUrls, isUrl } from "./urls.ts";
import { noteOrder, underIgnoring, underValueRule } from "./user-rules.ts";

/** Compares two parsed documents; what differs goes to the ledger of `pair`.
 * @param left not deeper than the parser's bound: the walk is recursive
 * @param duplicateKeys an object of either has two members of one name */
export function compareJson(left: JsonNode, right: JsonNode, pair: AnswerPair, duplicateKeys = false): void {
  new JsonComparison(pair, duplicateKeys).compare(left, right, Place.root(pair.anchors.resource, pair.rules.json));
}

class JsonComparison {
  private readonly pair: AnswerPair;
  private readonly duplicateKeys: boolean;
  private readonly interner = new Interner();
  /** Documents in texts around the place that is being compared. */
  private nesting = 0;

  constructor(pair: AnswerPair, duplicateKeys: boolean) {
    this.pair = pair;
    this.duplicateKeys = duplicateKeys;
  }

  compare(left: JsonNode, right: JsonNode, place: Place): void {
    const isShared = left === right && !this.duplicateKeys && isContainer(left);
    if (isShared && place.rules === noJsonRules) return agreeOnTree(left, place, this.pair);
    if (!this.pair.work.spend()) return this.pair.ledger.skip(countLeaves(left));
    const { ignoredBy } = place.rules;
    if (ignoredBy === null) this.values(left, right, place);
    else underIgnoring(ignoredBy, this.pair, () => this.values(left, right, place));
  }

  private values(left: JsonNode, right: JsonNode, place: Place): void {
    if (left.kind === "object" && right.kind === "object") this.objects(left, right, place);
    else if (left.kind === "array" && right.kind === "array") this.arrays(left.elements, right.elements, place);
    else if (left.kind === "string" && right.kind === "string") this.strings(left.value, right.value, place);
    else if (left.kind === "number" && right.kind === "number") this.numbers(left.lexeme, right.lexeme, place);
    else if (left.kind === "boolean" && right.kind === "boolean") this.booleans(left.value, right.value, place);
    else if (left.kind === right.kind) this.pair.ledger.agree();
    else this.types(left, right, place);
  }

  private types(left: JsonNode, right: JsonNode, place: Place): void {
    const kind = left.kind === "null" || right.kind === "null" ? "json.null" : "json.type";
    this.differ(place, kind, "type", left, right, `${left.kind}→${right.kind}`);
    // 7 and "7" are the same id, written by different serialisers.
    const text = scalarTextOf(left);
    if (text === null || text !== scalarTextOf(right)) return;
    const ids = readIds(text, text, place.name, place.owner);
    if (ids !== null) this.pair.ledger.relate({ ...ids, left: text, right: text, inArray: place.inArray, broken: null });
  }

  private objects(left: JsonNode & { kind: "object" }, right: JsonNode & { kind: "object" }, place: Place): void {
    if (left.members.length === 0 && right.members.length === 0) this.pair.ledger.agree();
    if (!this.duplicateKeys && sameKeys(left.members, right.members)) {
      for (let i = 0; i < left.members.length; i++) this.member(left.members[i], right.members[i]?.value, place);
      return;
    }
    const after = lastByKey(right.members);
    const before = lastByKey(left.members);
    if (before.size < left.members.length || after.size < right.members.length) this.duplicates(left, right, place);
    const renamed = this.renamedKeys(before, after, place);
    const partners = new Set(renamed.values());
    for (const member of before.values()) this.member(member, after.get(renamed.get(member.key) ?? member.key)?.value, place);
    for (const [key, member] of after) {
      if (before.has(key) || partners.has(key)) continue;
      const transition = member.value.kind === "null" ? "absent→null" : "absent→present";
      this.differ(place.member(key), "json.extra", "presence", null, member.value, transition);
    }
  }

  private member(left: JsonMember | undefined, right: JsonNode | undefined, around: Place): void {
    if (left === undefined) return;
    const { key, value } = left;
    const place = around.member(key);
    if (right === undefined)
      this.differ(place, "json.missing", "presence", value, null, value.kind === "null" ? "null→absent" : "present→absent");
    else if (!agreeOnScalar(value, right, place, this.pair.ledger)) this.compare(value, right, place);
  }

  /** Keys that are ids made anew: each pair is one of ids like any other. */
  private renamedKeys(
    before: ReadonlyMap<string, JsonMember>,
    after: ReadonlyMap<string, JsonMember>,
    place: Place,
  ): ReadonlyMap<string, string> {
    const { anchors, references, ledger } = this.pair;
    const idsOf = (left: string, right: string) => readIds(left, right, "", place.inner);
    const rightOf = (left: string): string | undefined => {
      const idClass = idsOf(left, left)?.idClass ?? "";
      return anchors.rightOf(idClass, left) ?? references.rightOf(idClass, left);
    };
    const renamed = renamedKeys(before, after, { interner: this.interner, rightOf });
    for (const [left, right] of renamed) {
      const ids = idsOf(left, right);
      if (ids === null) continue;
      const at = { location: "body", path: place.member(left).path, level: "value" } as const;
      const broken: Difference = { ...at, kind: "json.reference", from: left, to: right, transition: "reference" };
      ledger.relate({ ...ids, left, right, inArray: place.inArray, broken });
    }
    return renamed;
  }

  /** Readers differ in which of two members of one name they take, so losing or gaining one is a difference. */
  private duplicates(left: JsonNode & { kind: "object" }, right: JsonNode & { kind: "object" }, place: Place): void {
    if (this.interner.idOf(onlyDuplicates(left)) === this.interner.idOf(onlyDuplicates(right))) return;
    this.differ(place, "json.duplicate-key", "lexeme", left, right, "duplicates");
  }

  private arrays(left: readonly JsonNode[], right: readonly JsonNode[], place: Place): void {
    const { ledger } = this.pair;
    if (left.length === 0 || right.length === 0) {
      if (left.length === right.length) ledger.agree();
      else this.count(left, right, place, left.length === 0 ? "0→n" : "n→0", "presence");
      return;
    }
    if (left.length !== right.length) {
      const [before, after] = [left, right].map((list) => list.map((element) => this.interner.idOf(element)));
      this.count(left, right, place, lengthTransition(before ?? [], after ?? []), "value");
    }
    const { anchors, references } = this.pair;
    const rightOf = (idClass: string, id: string): string | undefined => anchors.rightOf(idClass, id) ?? references.rightOf(idClass, id);
    const { rules } = place;
    if (rules.key !== null) ledger.apply(rules.key.by);
    const givenKey = rules.key?.member ?? null;
    const match = matchElements(left, right, { owner: place.inner, rightOf, interner: this.interner, work: this.pair.work, givenKey });
    if (match.permuted) {
      const sides = { from: excerptNode({ kind: "array", elements: left }), to: excerptNode({ kind: "array", elements: right }) };
      const difference = { location: "body", path: place.path, kind: "json.order", level: "value", ...sides, transition: "order" } as const;
      noteOrder(difference, rules, this.pair);
    }
    for (const [i, j] of match.pairs) {
      const before = left[i];
      const after = right[j];
      if (before === undefined || after === undefined) continue;
      const each = place.element(i);
      if (!agreeOnScalar(before, after, each, ledger)) this.compare(before, after, each);
    }
    for (const i of match.missing) this.element(place.element(i), left[i] ?? null, null);
    for (const j of match.extra) this.element(place.element(j), null, right[j] ?? null);
  }

  /** One that has no partner. */
  private element(place: Place, left: JsonNode | null, right: JsonNode | null): void {
    const kind = right === null ? "json.element-missing" : "json.element-extra";
    const transition = right === null ? "present→absent" : "absent→present";
    underIgnoring(place.rules.ignoredBy, this.pair, () => this.differ(place, kind, "presence", left, right, transition));
  }

  private count(left: readonly JsonNode[], right: readonly JsonNode[], place: Place, transition: string, level: Level): void {
    const sides = { from: elementCount(left.length), to: elementCount(right.length) };
    this.pair.ledger.differ({ location: "body", path: place.path, kind: "json.element-count", level, ...sides, transition });
  }

  private strings(left: string, right: string, place: Place): void {
    const rule = place.rules.value;
    if (rule === null) return this.texts(left, right, place);
    const values = { location: "body", path: place.path, formatKind: "json.format", left, right, render: excerptString } as const;
    return underValueRule(rule, values, this.pair, () => this.texts(left, right, place));
  }

  private texts(left: string, right: string, place: Place): void {
    if (left === right && left.length < shortestUniqueId && readIdName(place.name).kind === "none") return this.pair.ledger.agree();
    if (left !== right && this.embedded(left, right, place)) return;
    if (left !== right && isUrl(left) && isUrl(right)) compareUrls(left, right, place.site, this.pair);
    else compareText(left, right, place.site, this.pair);
  }

  /** Texts that hold documents are compared by these. False when they hold none. */
  private embedded(left: string, right: string, place: Place): boolean {
    if (this.nesting >= maxNesting) return false;
    const { work, ledger } = this.pair;
    const before = readEmbedded(left, work);
    const after = readEmbedded(right, work);
    if (before === null && after === null) return false;
    if (before === "beyond" || after === "beyond") {
      ledger.skip();
      return true;
    }
    if (before === null || after === null) return this.lostDocument(left, right, before === null, place);
    this.nesting++;
    this.compare(before, after, place.document);
    this.nesting--;
    return true;
  }

  /** A document on one side only: the other side is another text, or a broken document. */
  private lostDocument(left: string, right: string, isGained: boolean, place: Place): boolean {
    // An emptied text and another kind of token say so themselves.
    if (left === "" || right === "" || left.startsWith("eyJ") || right.startsWith("eyJ")) return false;
    const before: JsonNode = { kind: "string", value: left };
    const after: JsonNode = { kind: "string", value: right };
    this.differ(place, "json.embedded", "format", before, after, isGained ? "text→json" : "json→text");
    return true;
  }

  private numbers(left: string, right: string, place: Place): void {
    const rule = place.rules.value;
    if (rule === null) return this.lexemes(left, right, place);
    const values = { location: "body", path: place.path, formatKind: "json.format", left, right, render: excerptLexeme } as const;
    return underValueRule(rule, values, this.pair, () => this.lexemes(left, right, place));
  }

  private lexemes(left: string, right: string, place: Place): void {
    const { ledger } = this.pair;
    const { path } = place;
    const ids = readNumberIds(left, right, place.name, place.owner);
    if (left === right && ids === null) return ledger.agree();
    const event = (kind: DifferenceKind, level: Level, transition: string): Difference => {
      return { location: "body", path, kind, level, from: excerptLexeme(left), to: excerptLexeme(right), transition };
    };
    if (left !== right && sameDecimal(left, right)) {
      return ledger.differOnce(place, "json.number-lexeme", () => event("json.number-lexeme", "lexeme", "lexeme"));
    }
    if (!sameUnit(left, right)) {
      return ledger.differOnce(place, "json.format", () => event("json.format", "format", formatTransition(left, right)));
    }
    if (left !== right && isSameMoment(left, right, this.pair)) return ledger.agreeByMoment(timeShift(left, right));
    if (left !== right && sameDouble(left, right)) {
      return ledger.differOnce(place, "json.number-precision", () => event("json.number-precision", "value", "precision"));
    }
    if (ids === null) {
      const differing = { left, right, kind: "json.value", place } as const;
      return differByValue(differing, this.pair, () => event("json.value", "value", numberTransition(left, right)));
    }
    const broken = left === right ? null : event("json.reference", "value", "reference");
    return ledger.identify({ ...ids, left, right, inArray: place.inArray, broken });
  }

  private booleans(left: boolean, right: boolean, place: Place): void {
    if (left === right) return this.pair.ledger.agree();
    const [before, after] = [left, right].map((value): JsonNode => ({ kind: "boolean", value }));
    return this.differ(place, "json.value", "value", before ?? null, after ?? null, `${left}→${right}`);
  }

  private differ(
    place: Place,
    kind: DifferenceKind,
    level: Level,
    left: JsonNode | null,
    right: JsonNode | null,
    transition: string,
  ): void {
    this.pair.ledger.differOnce(place, kind, () => {
      const from = left === null ? null : excerptNode(left);
      const to = right === null ? null : excerptNode(right);
      return { location: "body", path: place.path, kind, level, from, to, transition };
    });
  }
}

/** Documents in texts in documents: a wrapped message has two levels, nobody reads further. */
const maxNesting = 3;
/** As model/difference.ts promises for renderings. */
const maxLexeme = 200;

function lastByKey(members: readonly JsonMember[]): Map<string, JsonMember> {
  return new Map(members.map((member) => [member.key, member]));
}

/** The members that a later one of the same name overrides. */
function onlyDuplicates(node: JsonNode & { kind: "object" }): JsonNode {
  const last = new Map(node.members.map((member, index) => [member.key, index]));
  return { kind: "object", members: node.members.filter((member, index) => last.get(member.key) !== index) };
}

function elementCount(count: number): string {
  return count === 1 ? "1 element" : `${count} elements`;
}

function excerptLexeme(lexeme: string): string {
  return lexeme.slice(0, maxLexeme);
}
