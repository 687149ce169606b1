/** Notices that one target's new values are known to another, or to production: ids that it made up for a write and that
 * nobody told the other.
 *
 *    write ─► candidate: id 6f1c…, control: id 90ab…        each made its own
 *    later ─► control's list holds 6f1c…                    how does it know?
 *
 * A value counts as made by a target when its answer to a write holds it where the other's holds another such value, and
 * neither the request nor the other's answer has it. That leaves out what a new build merely shows in addition. */

import { decodeContent } from "../model/content.ts";
import { type Answer, type Exchange, headerValue } from "../model/exchange.ts";
import type { LeafPair } from "./answer-leaves.ts";

export type Party = "primary" | "control" | "candidate";

const parties: readonly Party[] = ["primary", "control", "candidate"];

/** Whatever a party answered; null = no answer. */
export type Answers = Readonly<Record<Party, Answer | null>>;

type Texts = Readonly<Record<Party, string>>;

/** So many of one target's values must turn up at the same other place: one or two may have been typed in, or hashed from the same thing. */
const convincing = 3;
/** Values that are remembered; later ones take the place of the oldest. */
const mostValues = 4096;
/** What ids are made of. */
const tokens = /[A-Za-z0-9][\w-]{11,}/g;
/** Long and mixed enough to be met nowhere by chance, and no date: letters and digits, at least four of each kind of turn. */
const wholeToken = /^(?=.*\d.*[a-z]|.*[a-z].*\d)[A-Za-z0-9][\w-]{11,127}$/i;
const turns = /[A-Za-z](?=\d)|\d(?=[A-Za-z])/g;
const leastTurns = 3;
const dateLike = /^\d{4}-?\d{2}-?\d{2}(?:t|$)/i;
const decodedCap = 16 * 1024 * 1024;

export class MintedValues {
  private readonly owners = new Map<string, Party>();
  private readonly met = new Map<string, Set<string>>();
  private sentence: string | null = null;

  /** Who knows whose values, in words without them; null = nobody. Once said it stays. */
  get found(): string | null {
    return this.sentence;
  }

  /** @param leaves where the answers of the candidate (left) and its rival to a write differ; none of a read's */
  observe({ request }: Exchange, answers: Answers, leaves: readonly LeafPair[]): void {
    const pairs = leaves.filter(({ left, right }) => isMade(left) && isMade(right));
    if (this.sentence !== null || (pairs.length === 0 && this.owners.size === 0)) return;
    const texts = { primary: textOf(answers.primary), control: textOf(answers.control), candidate: textOf(answers.candidate) };
    this.recognise(request, texts);
    if (pairs.length > 0) this.learn(request, answers, texts, pairs);
  }

  private recognise(request: Exchange["request"], texts: Texts): void {
    if (this.owners.size === 0) return;
    for (const party of parties) {
      for (const token of new Set(texts[party].match(tokens) ?? [])) {
        const owner = this.owners.get(token);
        // Production lends its values to everyone; nobody may lend to production.
        if (owner === undefined || owner === party || requestText(request).includes(token)) continue;
        this.meet(owner, party, token);
      }
    }
  }

  private meet(owner: Party, party: Party, token: string): void {
    const pair = `${owner} ${party}`;
    const values = this.met.get(pair) ?? new Set<string>();
    this.met.set(pair, values.add(token));
    if (values.size < convincing) return;
    this.sentence = `values that the ${owner} had made in its answers to writes came in answers of the ${party}, which nobody had told them`;
  }

  private learn(request: Exchange["request"], { control }: Answers, texts: Texts, pairs: readonly LeafPair[]): void {
    const known = requestText(request);
    for (const { left, right } of pairs) {
      this.own(left, "candidate", known, texts);
      // Without a control the rival is the primary, whose values everybody may know.
      if (control !== null) this.own(right, "control", known, texts);
    }
  }

  private own(value: string, owner: Party, known: string, texts: Texts): void {
    const elsewhere = parties.some((party) => party !== owner && texts[party].includes(value));
    if (elsewhere || known.includes(value) || this.owners.has(value)) return;
    this.owners.set(value, owner);
    if (this.owners.size <= mostValues) return;
    const [oldest] = this.owners.keys();
    if (oldest !== undefined) this.owners.delete(oldest);
  }
}

function isMade(value: string): boolean {
  return wholeToken.test(value) && (value.match(turns)?.length ?? 0) >= leastTurns && !dateLike.test(value);
}

/** Body and Location: where ids stand. */
function textOf(answer: Answer | null): string {
  if (answer === null) return "";
  const { headers, body } = answer;
  const location = headerValue(headers, "location") ?? "";
  if (body.kind !== "whole") return location;
  const content = decodeContent(headers, body.bytes, decodedCap);
  return content.kind === "undecodable" ? location : `${location}\n${Buffer.from(content.bytes).toString("latin1")}`;
}

function requestText({ target, headers, body }: Exchange["request"]): string {
  const bytes = body.kind === "whole" ? Buffer.from(body.bytes).toString("latin1") : "";
  return [target, ...headers.map(([, value]) => value), bytes].join("\n");
}
