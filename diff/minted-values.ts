/** Notices that one target's new values are known to another, or to production: ids that it made up for a write and that
 * nobody told the other.
 *
 *    write ─► candidate: id 6f1c…, control: id 90ab…        each made its own
 *    later ─► control's list holds 6f1c…                    how does it know?
 *
 * A value counts as made by a target when its answer to a write holds it where the other's holds another such value, and
 * neither the request nor the other's answer has it. That leaves out what a new build merely shows in addition. */

import { decodeContent } from "../model/content.ts";
import { type Answer, type Exchange, headerValue, isSafeMethod } from "../model/exchange.ts";
import { differingLeaves } from "./answer-leaves.ts";

export type Party = "primary" | "control" | "candidate";

/** Whatever a party answered; null = no answer. */
export type Answers = Readonly<Record<Party, Answer | null>>;

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

  observe(exchange: Exchange, answers: Answers): void {
    if (this.sentence !== null) return;
    this.recognise(exchange, answers);
    if (!isSafeMethod(exchange.request.method)) this.learn(exchange, answers);
  }

  private recognise({ request }: Exchange, answers: Answers): void {
    if (this.owners.size === 0) return;
    for (const party of ["primary", "control", "candidate"] as const) {
      const answer = answers[party];
      if (answer === null) continue;
      for (const token of new Set(textOf(answer).match(tokens) ?? [])) {
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

  private learn({ request }: Exchange, answers: Answers): void {
    const { primary, control, candidate } = answers;
    if (candidate === null) return;
    const rival = control ?? primary;
    if (rival === null) return;
    const rivalName: Party = control === null ? "primary" : "control";
    const known = requestText(request);
    const texts = { primary: "", control: "", candidate: "" };
    for (const party of ["primary", "control", "candidate"] as const) {
      const answer = answers[party];
      if (answer !== null) texts[party] = textOf(answer);
    }
    for (const { left, right } of differingLeaves(candidate, rival)) {
      if (!isMade(left) || !isMade(right)) continue;
      this.own(left, "candidate", known, texts);
      if (rivalName === "control") this.own(right, "control", known, texts);
    }
  }

  private own(value: string, owner: Party, known: string, texts: Readonly<Record<Party, string>>): void {
    const elsewhere = (["primary", "control", "candidate"] as const).some((party) => party !== owner && texts[party].includes(value));
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
function textOf({ headers, body }: Answer): string {
  const location = headerValue(headers, "location") ?? "";
  if (body.kind !== "whole") return location;
  const content = decodeContent(headers, body.bytes, decodedCap);
  return content.kind === "undecodable" ? location : `${location}\n${Buffer.from(content.bytes).toString("latin1")}`;
}

function requestText({ target, headers, body }: Exchange["request"]): string {
  const bytes = body.kind === "whole" ? Buffer.from(body.bytes).toString("latin1") : "";
  return [target, ...headers.map(([, value]) => value), bytes].join("\n");
}
