/** Writes rules that ignore places into a configuration file that people keep by hand: what stands in it stays, comments too. */

import { existsSync, readFileSync } from "node:fs";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { PenumbraError } from "../model/errors.ts";
import { writeFileAtomically } from "../recording/atomic-file.ts";
import { readRules } from "./rules.ts";

/** A rule as it stands in the file (docs/rules.md). */
export interface IgnoreRule {
  readonly endpoint: string;
  readonly at: string;
  readonly ignore: true;
  readonly reason: string;
}

/** Adds those for which there is no rule yet.
 * @returns those that were added
 * @throws PenumbraError when the file cannot be read, is no configuration, or a rule cannot be said in it */
export function addIgnoreRules(path: string, wanted: readonly IgnoreRule[]): readonly IgnoreRule[] {
  const document = readDocument(path);
  if (document.contents === null) document.contents = document.createNode({});
  const rules = document.get("rules");
  if (rules === undefined || rules === null) document.set("rules", document.createNode([]));
  else if (!isSeq(rules)) throw unusable(path, "its rules are no list");
  const known = new Set(rulesIn(document).map(placeOf));
  const added = wanted.filter((rule) => {
    const isNew = !known.has(placeOf(rule));
    known.add(placeOf(rule));
    return isNew;
  });
  for (const rule of added) document.addIn(["rules"], rule);
  // What is written has to be read again.
  readRules(rulesIn(document), path);
  if (added.length > 0) writeFileAtomically(path, document.toString());
  return added;
}

function readDocument(path: string): Document {
  if (!existsSync(path)) return new Document({});
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw unusable(path, "it cannot be read", cause);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw unusable(path, problem.message.split("\n", 1)[0] ?? "it is no YAML");
  if (document.contents !== null && !isMap(document.contents)) throw unusable(path, "it is not a list of NAME: VALUE");
  return document;
}

function rulesIn(document: Document): readonly unknown[] {
  const { rules } = document.toJS() as { readonly rules?: unknown };
  return Array.isArray(rules) ? rules : [];
}

/** Two rules that ignore with the same of this hide the same. */
function placeOf(rule: unknown): string {
  const { endpoint, at, ignore } = typeof rule === "object" && rule !== null ? (rule as Partial<IgnoreRule>) : {};
  return JSON.stringify([endpoint, at, ignore]);
}

function unusable(path: string, why: string, cause?: unknown): PenumbraError {
  return new PenumbraError(
    "CONFIG_UNUSABLE",
    `no rule can be written into ${path}: ${why}`,
    "mend it, or name another file with --file",
    cause,
  );
}
