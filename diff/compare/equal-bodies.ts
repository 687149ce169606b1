/** Two equal bodies, the usual case: what they say without comparing them leaf by leaf. Their
 * leaves count as compared, and each id in them stands for itself from now on. */

import { hash } from "node:crypto";
import type { MediaType } from "../../model/media-type.ts";
import type { RuleScope } from "../rules/scope.ts";
import { type ReadBody, wholeBody } from "./body.ts";
import { type DocumentKind, isDocumentKind, kindOfBytes, kindOfType } from "./body-kind.ts";
import { readDocument } from "./documents/read.ts";
import { compareJson } from "./json.ts";
import { type EqualBody, Ledger } from "./ledger.ts";
import type { AnswerPair } from "./pair.ts";
import { Work } from "./work.ts";

/** Equal answers repeat, so what they say is remembered by hash: 1,000 bodies of 10 kB hold about as many ids. */
const maxRemembered = 1_000;
/** Larger bodies are read anew each time. */
const maxRememberedBytes = 256 * 1024;
const nothing: EqualBody = { leaves: byValue(wholeBody), ids: [] };

/** By the rules that were in force: they say how much of a body is tested. */
const remembered = new WeakMap<RuleScope, Map<string, EqualBody>>();

/** Counts the leaves of a body that both sides have, and tells the ledger its ids. */
export function agreeOnBody(body: ReadBody, pair: AnswerPair): void {
  pair.ledger.agreeOn(factsOf(body, pair));
}

function factsOf(body: ReadBody, pair: AnswerPair): EqualBody {
  if (body.kind !== "bytes" || body.bytes.length === 0) return nothing;
  const kind = kindOfType(body.type) ?? kindOfBytes(body.bytes);
  if (kind === "text" || kind === "markup" || kind === "xml") return { leaves: byValue(lineCount(body.bytes)), ids: [] };
  if (!isDocumentKind(kind)) return nothing;
  const read = (): EqualBody => readFacts(kind, body.bytes, body.type, pair);
  if (body.bytes.length > maxRememberedBytes) return read();
  const boundary = body.type?.parameters.get("boundary") ?? "";
  const key = `${hash("sha1", body.bytes, "base64")} ${kind} ${pair.anchors.resource} ${boundary}`;
  const bodies = remembered.get(pair.rules) ?? new Map<string, EqualBody>();
  remembered.set(pair.rules, bodies);
  const known = bodies.get(key);
  if (known !== undefined) return known;
  if (bodies.size >= maxRemembered) bodies.clear();
  const facts = read();
  bodies.set(key, facts);
  return facts;
}

function readFacts(kind: DocumentKind, bytes: Uint8Array, type: MediaType | null, pair: AnswerPair): EqualBody {
  const parse = readDocument(kind, bytes, type, pair.limits);
  if (parse.kind !== "parsed") return nothing;
  const ledger = new Ledger(pair.rules);
  compareJson(parse.root, parse.root, { ...pair, ledger, work: new Work(pair.limits.steps) }, parse.duplicateKeys);
  return ledger.facts();
}

function byValue(leaves: number): EqualBody["leaves"] {
  return { byValue: leaves, byFormat: 0, untested: 0 };
}

function lineCount(bytes: Uint8Array): number {
  let lines = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return lines;
}
