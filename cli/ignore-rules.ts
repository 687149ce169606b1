/** Writes rules that ignore places into a configuration file that people keep by hand: what stands in it stays, byte for byte. */

import { existsSync, readFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";
import { PenumbraError } from "../model/errors.ts";
import { writeFileAtomically } from "../recording/atomic-file.ts";
import { whileLocked } from "./file-lock.ts";
import { readRules } from "./rules.ts";
import { editList, type ListEdit } from "./yaml-list.ts";

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
  return whileLocked(path, () => addRules(path, wanted));
}

function addRules(path: string, wanted: readonly IgnoreRule[]): readonly IgnoreRule[] {
  const text = textOf(path);
  const rules = rulesIn(text, path);
  const known = new Set(rules.map(placeOf));
  const added = wanted.filter((rule) => {
    const isNew = !known.has(placeOf(rule));
    known.add(placeOf(rule));
    return isNew;
  });
  // What is written has to be read again.
  readRules([...rules, ...added], path);
  if (added.length === 0) return added;
  const edits = added.map((entry): ListEdit => ({ kind: "insert", behind: rules.length - 1, entry: { ...entry } }));
  const edited = editList(text, "rules", edits);
  if (edited === null) throw unusable(path, "its rules have a form to which none can be added");
  writeFileAtomically(path, edited);
  return added;
}

function textOf(path: string): string {
  if (!existsSync(path)) return "";
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unusable(path, "it cannot be read", cause);
  }
}

function rulesIn(text: string, path: string): readonly unknown[] {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw unusable(path, problem.message.split("\n", 1)[0] ?? "it is no YAML");
  if (document.contents !== null && !isMap(document.contents)) throw unusable(path, "it is not a list of NAME: VALUE");
  const { rules = null } = (document.toJS() ?? {}) as { readonly rules?: unknown };
  if (rules !== null && !Array.isArray(rules)) throw unusable(path, "its rules are no list");
  return rules ?? [];
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
