/** Looks for what looks like a secret in what was stored: what redaction goes by are names, and a key in a field called `note` has none.
 *
 *    forms that only credentials have   eyJ….eyJ….…   AKIA…   ghp_…   -----BEGIN PRIVATE KEY-----
 *    payment cards                      the usual lengths and prefixes (ISO/IEC 7812), right by Luhn's check digit
 *    e-mail addresses                   not those of the names reserved for examples (RFC 2606)
 *
 * Says what and where, never the value. A warning, not a proof: one in ten numbers of the right form passes Luhn's check. */

import { decodeContent } from "../model/content.ts";
import type { Body, Exchange, HeaderList } from "../model/exchange.ts";
import { accessKeys, jsonWebToken } from "./known-forms.ts";

export type SuspectKind = "JSON Web Token" | "private key" | "access key" | "payment card number" | "e-mail address";

/** What was seen of one kind at one place. */
export interface Suspect {
  readonly kind: SuspectKind;
  /** `request target`, `request header NAME`, `request body`, `answer header NAME`, `answer body`. */
  readonly place: string;
  readonly count: number;
  /** The first exchange that has it. */
  readonly exchange: string;
}

/** Header names are data now and then; the rest count as one place. */
const mostPlaces = 1000;
/** As redaction decodes them. */
const maxDecodedBytes = 16 * 2 ** 20;

const forms: readonly (readonly [SuspectKind, RegExp])[] = [
  ["JSON Web Token", jsonWebToken],
  ["private key", /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g],
  ["access key", accessKeys],
];
const digitGroups = /(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]?\d|\w)/g;
const card = /^(?:4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}|3[47]\d{13}|6(?:011|5\d\d)\d{12})$/;
const address = /(?<![\w.+%-])[\w.+%-]{1,64}@((?:[a-z\d-]{1,63}\.)+[a-z]{2,24})(?![\w-])/gi;
const reserved = /(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$/i;

/** One recording's. */
export class SecretScan {
  private readonly found = new Map<string, { kind: SuspectKind; place: string; count: number; exchange: string }>();

  add({ id, request, outcome }: Exchange): void {
    this.text(id, "request target", unescaped(request.target));
    this.message(id, "request", request.headers, request.body, request.trailers);
    if (outcome.kind !== "answered") return;
    const { headers, body, trailers } = outcome.answer;
    this.message(id, "answer", headers, body, trailers);
  }

  /** Most first. */
  suspects(): Suspect[] {
    return [...this.found.values()].sort((a, b) => b.count - a.count || (a.place < b.place ? -1 : 1));
  }

  private message(id: string, of: string, headers: HeaderList, body: Body, trailers: HeaderList = []): void {
    for (const [name, value] of [...headers, ...trailers]) this.text(id, `${of} header ${name.toLowerCase()}`, unescaped(value));
    for (const bytes of partsOf(headers, body)) this.text(id, `${of} body`, Buffer.from(bytes).toString("latin1"));
  }

  private text(exchange: string, place: string, text: string): void {
    for (const kind of suspectsIn(text)) {
      const at = this.found.size < mostPlaces ? place : "elsewhere";
      const known = this.found.get(`${kind}\n${at}`);
      if (known === undefined) this.found.set(`${kind}\n${at}`, { kind, place: at, count: 1, exchange });
      else known.count++;
    }
  }
}

/** What a text has, each as often as it stands there. */
export function suspectsIn(text: string): SuspectKind[] {
  const found = forms.flatMap(([kind, form]) => Array.from(text.matchAll(form), () => kind));
  for (const [digits] of text.matchAll(digitGroups)) if (isCardNumber(digits.replaceAll(/[ -]/g, ""))) found.push("payment card number");
  if (text.includes("@")) {
    for (const [, host = ""] of text.matchAll(address)) if (!reserved.test(host)) found.push("e-mail address");
  }
  return found;
}

function isCardNumber(digits: string): boolean {
  if (!card.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The bytes that are there, without their content-coding where it can be taken off. */
function partsOf(headers: HeaderList, body: Body): readonly Uint8Array[] {
  if (body.kind === "none") return [];
  if (body.kind === "capped") return [body.head, body.tail];
  const content = decodeContent(headers, body.bytes, maxDecodedBytes);
  return [content.kind === "decoded" ? content.bytes : body.bytes];
}

/** Percent-escapes hide an `@`. */
function unescaped(text: string): string {
  return text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
