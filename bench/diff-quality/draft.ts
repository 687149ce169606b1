/** An answer while it is made: noise and faults change the draft, then it becomes what went over the wire.
 *
 *    service ──► draft ──► noise ──► fault (candidate only) ──► Outcome                                     */

import { gzipSync } from "node:zlib";
import type { FailureKind, HeaderList, Outcome } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";

/** What the body is; each is served at an endpoint of its own. */
export type Family = "json" | "text" | "markup" | "bytes";

export interface Draft {
  /** Other than null: no answer comes. */
  failure: FailureKind | null;
  status: number;
  headers: [name: string, value: string][];
  /** The document of a JSON answer. Texts like `«17»` are written as bare numbers, so that any lexeme can be. */
  json: Record<string, unknown>;
  /** Body of the other families; bytes are Latin-1. */
  text: string;
  /** Done to the body's text, in order, after all else. */
  readonly edits: ((text: string) => string)[];
  isCompressed: boolean;
  tookMs: number;
}

/** What a fault or noise sets a header to; null removes it. Its place among the others is kept. */
export function setHeader(draft: Draft, name: string, value: string | null): void {
  const index = draft.headers.findIndex(([key]) => key === name);
  if (value === null) draft.headers = draft.headers.filter(([key]) => key !== name);
  else if (index < 0) draft.headers.push([name, value]);
  else draft.headers[index] = [name, value];
}

const bareNumber = /"«([^»]*)»"/g;

/** Finishes a draft. */
export function outcomeOf(draft: Draft, family: Family): Outcome {
  const tookMs = milliseconds(draft.tookMs);
  if (draft.failure !== null) return { kind: draft.failure, tookMs };
  const written = family === "json" ? JSON.stringify(draft.json).replace(bareNumber, "$1") : draft.text;
  const text = draft.edits.reduce((edited, edit) => edit(edited), written);
  const plain = Buffer.from(text, family === "bytes" ? "latin1" : "utf8");
  const bytes = draft.isCompressed ? gzipSync(plain) : plain;
  const headers: HeaderList = draft.headers;
  return {
    kind: "answered",
    answer: { status: draft.status, reason: "", headers, body: { kind: "whole", bytes } },
    firstByteMs: milliseconds(draft.tookMs / 2),
    tookMs,
  };
}
