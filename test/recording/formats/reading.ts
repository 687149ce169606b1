/** Reads files in other forms for tests, and files of the corpus (test/corpus), where some are packed to be small. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Exchange } from "../../../model/exchange.ts";
import { type ForeignForm, openForeign } from "../../../recording/formats/foreign-file.ts";

const corpus = join(import.meta.dirname, "..", "..", "corpus");

export function corpusFile(...names: readonly string[]): string {
  const path = join(corpus, ...names);
  return existsSync(path) ? path : `${path}.gz`;
}

/** A manifest, whose form its reader knows. */
export function corpusJson(...names: readonly string[]): unknown {
  return JSON.parse(readFileSync(corpusFile(...names), "utf8"));
}

/** A corpus file as its author wrote it, without the packing. */
export function corpusText(...names: readonly string[]): string {
  const path = corpusFile(...names);
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

export interface ReadFile {
  readonly exchanges: readonly Exchange[];
  readonly leftOut: readonly string[];
}

/** Lanes are named after what they are made of, so that a test can see it. */
export async function readFile(path: string, form: ForeignForm): Promise<ReadFile> {
  const file = await openForeign(path, form, (secret) => `[${secret}]`);
  const exchanges = await Array.fromAsync(file.exchanges());
  return { exchanges, leftOut: file.leftOut };
}

/** How often each text comes. */
export function counts(texts: readonly string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const text of texts) result[text] = (result[text] ?? 0) + 1;
  return result;
}

export function statusesOf(exchanges: readonly Exchange[]): Record<string, number> {
  return counts(exchanges.map(({ outcome }) => String(outcome.kind === "answered" ? outcome.answer.status : 0)));
}

export function bodyText(exchange: Exchange | undefined, of: "request" | "answer"): string | null {
  const message = of === "request" ? exchange?.request : exchange?.outcome.kind === "answered" ? exchange.outcome.answer : undefined;
  return message?.body.kind === "whole" ? Buffer.from(message.body.bytes).toString("utf8") : null;
}
