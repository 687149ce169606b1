/** Entries of a list in a YAML file that people keep by hand. Only the entry's own text changes: what stands around it (comments,
 * order, blank lines, quoting) keeps every byte, which no serialiser of whole documents can promise.
 *
 *    key:
 *      # what stands above an entry stays above it
 *      - a: 1  # and what stands beside it, beside it
 *      ◄── here comes what is inserted behind the first
 *      - a: 2                                            */

import { isDeepStrictEqual } from "node:util";
import { CST, Document, isMap, isScalar, isSeq, Lexer, type Node, type Pair, parse, parseDocument, visit, type YAMLSeq } from "yaml";

type Entry = Readonly<Record<string, unknown>>;

export type ListEdit =
  /** Behind the entry of this index; -1 = before all. */
  | { readonly kind: "insert"; readonly behind: number; readonly entry: Entry }
  /** The comments in what it replaces stay, above it where they cannot stay in place. */
  | { readonly kind: "replace"; readonly index: number; readonly entry: Entry };

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** It begins a line of its own. */
  readonly isLines?: boolean;
}

/** A file as it stands, and the list in it. */
interface Source {
  readonly text: string;
  readonly key: string;
  readonly document: Document.Parsed;
}

const usualIndent = 2;

/** @param text a YAML document without errors: a map, or nothing yet
 * @param key of the list, which need not be there yet
 * @returns null where the document has a form in which the list cannot be edited so that it would read as it should */
export function editList(text: string, key: string, edits: readonly ListEdit[]): string | null {
  if (edits.length === 0) return text;
  const source: Source = { text, key, document: parseDocument(text, { keepSourceTokens: true }) };
  const document = (source.document.toJS() ?? {}) as Entry;
  const before: unknown = document[key] ?? [];
  const splices = Array.isArray(before) ? splicesOf(source, edits) : null;
  if (splices === null) return null;
  const edited = applied(text, splices);
  const wanted = { ...document, [key]: entriesAfter(before as unknown[], edits) };
  return isDeepStrictEqual(readAgain(edited), wanted) ? edited : null;
}

/** Null when it is no YAML any more: an alias may have lost what it stands for. */
function readAgain(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function entriesAfter(before: readonly unknown[], edits: readonly ListEdit[]): unknown[] {
  const insertedBehind = (index: number): unknown[] =>
    edits.flatMap((edit) => (edit.kind === "insert" && edit.behind === index ? [edit.entry] : []));
  const entries = before.flatMap((entry, index) => {
    const replaced = edits.findLast((edit) => edit.kind === "replace" && edit.index === index);
    return [replaced?.entry ?? entry, ...insertedBehind(index)];
  });
  return [...insertedBehind(-1), ...entries];
}

function splicesOf(source: Source, edits: readonly ListEdit[]): readonly Splice[] | null {
  const { text, key, document } = source;
  const { contents } = document;
  const added = edits.flatMap((edit) => (edit.kind === "insert" ? [edit.entry] : []));
  if (contents === null) return [linesAt(text.length, `${key}:\n${blockEntries(added, usualIndent)}`)];
  if (!isMap(contents)) return null;
  const pair = contents.items.find((each) => isScalar(each.key) && each.key.value === key) as Pair<Node, Node | null> | undefined;
  if (pair === undefined) return [withKey(source, added)];
  const list = pair.value;
  if (isSeq(list) && list.items.length > 0) {
    const all = edits.map((edit) => (list.flow === true ? flowSplice(source, list, edit) : blockSplice(source, pair, list, edit)));
    return all.every((each) => each !== null) ? all : null;
  }
  const { value, end } = emptied(source, pair);
  if (contents.flow === true || (isSeq(list) && value.includes("\n"))) return isSeq(list) ? [flowInsert(list, added, true)] : null;
  const indent = columnOf(text, pair.key.range?.[0] ?? 0) + usualIndent;
  const from = text.slice(0, end - value.length).trimEnd().length;
  return [{ from: value === "" ? end : from, to: end, text: "" }, linesAt(lineEnd(text, end), blockEntries(added, indent))];
}

/** What stands where entries will: nothing, `[]`, `null` or `~`. */
function emptied({ text }: Source, { key, value }: Pair<Node, Node | null>): { readonly value: string; readonly end: number } {
  const [from = 0, to = 0] = value?.range ?? [key.range?.[1] ?? 0, key.range?.[1] ?? 0];
  return { value: text.slice(from, to), end: to };
}

/** The list behind everything else. */
function withKey({ text, key, document }: Source, added: readonly Entry[]): Splice {
  const { contents } = document;
  const [first] = isMap(contents) ? contents.items : [];
  if (isMap(contents) && contents.flow === true) {
    const at = (contents.range?.[0] ?? 0) + 1;
    return { from: at, to: at, text: `${JSON.stringify(key)}: ${JSON.stringify(added)}${first === undefined ? "" : ", "}` };
  }
  const indent = columnOf(text, (first?.key as Node | undefined)?.range?.[0] ?? 0);
  const line = `${" ".repeat(indent)}${key}:\n`;
  return linesAt(text.length, line + blockEntries(added, indent + usualIndent));
}

function blockSplice({ text, document }: Source, { key }: Pair<Node>, list: YAMLSeq, edit: ListEdit): Splice | null {
  const dashes = dashesOf(list);
  const indent = columnOf(text, dashes[0] ?? 0);
  const endOf = (index: number): number => entryEnd(text, list.items[index] as Node, indent);
  if (edit.kind === "insert") {
    const at = edit.behind < 0 ? lineEnd(text, key.range?.[1] ?? 0) : endOf(edit.behind);
    return linesAt(at, blockEntries([edit.entry], indent));
  }
  const from = dashes[edit.index];
  if (from === undefined) return null;
  const to = endOf(edit.index);
  const old = text.slice(from, to);
  const lines = blockEntries([entryInPlace(list.items[edit.index] as Node, edit.entry, document)], indent);
  const lost = commentsLost(old, lines).map((comment) => `${comment}\n${" ".repeat(indent)}`);
  return { from, to, text: lost.join("") + lines.trimStart() };
}

function flowSplice({ text }: Source, list: YAMLSeq, edit: ListEdit): Splice {
  if (edit.kind === "insert") {
    if (edit.behind < 0) return flowInsert(list, [edit.entry], false);
    const at = (list.items[edit.behind] as Node).range?.[1] ?? 0;
    return { from: at, to: at, text: `, ${JSON.stringify(edit.entry)}` };
  }
  const [from = 0, to = 0] = (list.items[edit.index] as Node).range ?? [];
  const written = JSON.stringify(edit.entry);
  const indent = " ".repeat(columnOf(text, from));
  const lost = commentsLost(text.slice(from, to), written).map((comment) => `${comment}\n${indent}`);
  return { from, to, text: lost.length === 0 ? written : `\n${indent}${lost.join("")}${written}` };
}

function flowInsert(list: YAMLSeq, added: readonly Entry[], isAlone: boolean): Splice {
  const at = (list.range?.[0] ?? 0) + 1;
  return { from: at, to: at, text: added.map((entry) => JSON.stringify(entry)).join(", ") + (isAlone ? "" : ", ") };
}

/** The entry with the new values in the old one's place, so that comments beside keys stay there. */
function entryInPlace(old: Node, entry: Entry, document: Document.Parsed): Node | Entry {
  if (!isMap(old) || hasAliases(old)) return entry;
  const kept = old.toJS(document) as Entry;
  for (const [key, value] of Object.entries(entry)) if (!isDeepStrictEqual(kept[key], value)) old.set(key, document.createNode(value));
  for (const key of Object.keys(kept)) if (!Object.hasOwn(entry, key)) old.delete(key);
  // They stand above its dash, and behind it, already.
  old.commentBefore = null;
  old.comment = null;
  old.flow = false;
  return old;
}

function hasAliases(node: Node): boolean {
  let found = false;
  visit(node, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** Lines of block entries, each with its line end. */
function blockEntries(entries: readonly (Node | Entry)[], indent: number): string {
  const text = entries.map((entry) => new Document([entry]).toString()).join("");
  return text.replaceAll(/^(?=.)/gm, " ".repeat(indent));
}

function linesAt(at: number, text: string): Splice {
  return { from: at, to: at, text, isLines: true };
}

function dashesOf({ srcToken }: YAMLSeq): number[] {
  if (srcToken?.type !== "block-seq") return [];
  return srcToken.items.flatMap(({ start }) => start.filter(({ type }) => type === "seq-item-ind").map(({ offset }) => offset));
}

/** Where the line behind an entry begins. Comments below it that are indented further than its dash are its own. */
function entryEnd(text: string, item: Node, indent: number): number {
  let end = lineEnd(text, item.range?.[1] ?? 0);
  for (const [lines, spaces = ""] of text.slice(end).matchAll(/(?:[ \t]*\r?\n)*( *)#.*(?:\n|$)/gy)) {
    if (spaces.length <= indent) break;
    end += lines.length;
  }
  return end;
}

/** Comments of the old text that the new one does not have. */
function commentsLost(old: string, written: string): readonly string[] {
  const kept = commentsIn(written);
  return commentsIn(old).filter((comment) => {
    const at = kept.indexOf(comment);
    if (at >= 0) kept.splice(at, 1);
    return at < 0;
  });
}

function commentsIn(text: string): string[] {
  return [...new Lexer().lex(text)].filter((token) => CST.tokenType(token) === "comment").map((token) => token.trimEnd());
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf("\n", at - 1) + 1);
}

/** Where the next line begins; `at` itself at the beginning of one. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** @param splices with `\n` for the end of lines, whatever the text has */
function applied(text: string, splices: readonly Splice[]): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  let edited = "";
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.from - b.from)) {
    edited += text.slice(at, splice.from);
    if (splice.isLines === true && edited !== "" && !edited.endsWith("\n")) edited += eol;
    edited += splice.text.replaceAll("\n", eol);
    at = splice.to;
  }
  return edited + text.slice(at);
}
