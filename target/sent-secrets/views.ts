/** Views of a text as those read it whom it is for: without escapes, without the line breaks of mail. What is found in a view is known by
 * its place in the text.
 *
 *    text ──► \u0061 %61 &#97;  ──► view ──► view of the view ...          (read only where the text has such marks)
 *      ▲       =61 =⏎  dXNl⏎cg            │
 *      └── the escapes, read once more ◄──┴── edits                        (only when there are any)             (byte strings) */

import { encodedBytes } from "../byte-text.ts";

/** Something to be written in the place of a part of a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly written: string;
}

/** All edits of one text are in order and do not overlap. */
export type Find = (text: string) => readonly Edit[];

interface Reading {
  /** Whether it is worth a look; quick. */
  readonly isIn: (text: string) => boolean;
  readonly escape: RegExp;
  readonly read: (escape: string) => string;
}

interface View {
  readonly text: string;
  readonly depth: number;
  /** The text that it was read from, and how; null = the text itself. */
  readonly from: { readonly view: View; readonly reading: Reading } | null;
}

/** JSON in a URL in markup. */
const mostReadings = 3;
const hexadecimal = 16;
const highestCodePoint = 0x10ffff;
const shortEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
/** Of the signs that secrets are made of (HTML, "Named character references"). */
const named: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", sol: "/", bsol: "\\", plus: "+", equals: "=", hyphen: "-", lowbar: "_", num: "#" },
  ...{ percnt: "%", commat: "@", excl: "!", colon: ":", semi: ";", comma: ",", period: ".", quest: "?", ast: "*", dollar: "$", Hat: "^" },
  ...{ grave: "`", verbar: "|", vert: "|", lpar: "(", rpar: ")", lsqb: "[", rsqb: "]", lbrack: "[", rbrack: "]", lcub: "{", rcub: "}" },
  ...{ lbrace: "{", rbrace: "}", NewLine: "\n", Tab: "\t" },
};

/** One level of what JSON, JavaScript, URLs and markup write. */
const escapes: Reading = {
  isIn: (text) => text.includes("%") || text.includes("\\") || text.includes("&"),
  escape:
    /%[0-9A-Fa-f]{2}|\\(?:u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|["'\\/nrtbf])|&(?:#\d{1,8}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z]{2,7});/g,
  read: (escape) => {
    if (escape.startsWith("%")) return String.fromCharCode(Number.parseInt(escape.slice(1), hexadecimal));
    return escape.startsWith("&") ? ofEntity(escape) : ofBackslash(escape);
  },
};

/** RFC 2045 §6.7. Text that only looks like it is no harm: it is a view. */
const quotedPrintable: Reading = {
  isIn: (text) => /=(?:[0-9A-F]{2}|\r?\n)/.test(text),
  escape: /=(?:[0-9A-F]{2}|[ \t]{0,8}\r?\n)/g,
  read: (escape) => (/^=[0-9A-F]/.test(escape) ? String.fromCharCode(Number.parseInt(escape.slice(1), hexadecimal)) : ""),
};

/** RFC 2045 §6.8, RFC 7468: lines of base64, of whatever length. */
const brokenBase64: Reading = {
  isIn: (text) => text.includes("\n"),
  escape: /\r?\n(?<=[\w+/-]{16}\r?\n)[ \t]{0,8}(?=[\w+/=-])/g,
  read: () => "",
};

const readings: readonly Reading[] = [escapes, quotedPrintable, brokenBase64];

/** Finds in a text and in all its views, the plainest first.
 * @param allow says whether a view of so many characters may be looked at
 * @returns in order, none overlapping */
export function editsInViews(text: string, find: Find, allow: (characters: number) => boolean): readonly Edit[] {
  const views: View[] = [{ text, depth: 0, from: null }];
  const all: Edit[] = [];
  const joined: Edit[] = [];
  for (const view of views) {
    (isJoined(view) ? joined : all).push(...inText(view, find(view.text)));
    if (view.depth === mostReadings) continue;
    for (const reading of readings) {
      // Twice makes sense of escapes alone.
      if ((reading === view.from?.reading && reading !== escapes) || !reading.isIn(view.text) || !allow(view.text.length)) continue;
      const read = view.text.replace(reading.escape, reading.read);
      if (read !== view.text) views.push({ text: read, depth: view.depth + 1, from: { view, reading } });
    }
  }
  // What begins within one line ends there: the next one may be another value that only looks like more of it.
  const starts = new Set(all.map(({ start }) => start));
  return views.length === 1 ? all : merged([...all, ...joined.filter(({ start }) => !starts.has(start))]);
}

/** Whether lines were put together on the way to it. */
function isJoined({ from }: View): boolean {
  return from !== null && (from.reading === brokenBase64 || isJoined(from.view));
}

export function edited(text: string, edits: readonly Edit[]): string {
  let out = "";
  let done = 0;
  for (const { start, end, written } of edits) {
    out += text.slice(done, start) + written;
    done = end;
  }
  return done === 0 ? text : out + text.slice(done);
}

function inText({ from }: View, edits: readonly Edit[]): readonly Edit[] {
  return from === null || edits.length === 0 ? edits : inText(from.view, located(from.view.text, from.reading, edits));
}

/** Where edits of a view are in the text that it was read from. */
function located(text: string, { escape, read }: Reading, edits: readonly Edit[]): Edit[] {
  const all = text.matchAll(escape);
  let next = all.next();
  /** By how much places in the text are ahead. */
  let ahead = 0;
  const placeOf = (at: number): { readonly start: number; readonly end: number } => {
    while (next.done !== true) {
      const { 0: written, index } = next.value;
      const length = read(written).length;
      if (at < index - ahead) break;
      if (at < index - ahead + length) return { start: index, end: index + written.length };
      ahead += written.length - length;
      next = all.next();
    }
    return { start: at + ahead, end: at + ahead + 1 };
  };
  return edits.map(({ start, end, written }) => ({ start: placeOf(start).start, end: placeOf(end - 1).end, written }));
}

/** Of edits that overlap the longest counts, for all that they cover. */
function merged(edits: readonly Edit[]): Edit[] {
  const out: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last === undefined || edit.start >= last.end) out.push(edit);
    else {
      const { written } = edit.end - edit.start > last.end - last.start ? edit : last;
      out[out.length - 1] = { start: last.start, end: Math.max(last.end, edit.end), written };
    }
  }
  return out;
}

function ofEntity(entity: string): string {
  const name = entity.slice(1, -1);
  if (!name.startsWith("#")) return named[name] ?? entity;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), hexadecimal) : Number(name.slice(1));
  return code <= highestCodePoint ? encodedBytes(String.fromCodePoint(code)) : entity;
}

function ofBackslash(escape: string): string {
  const kind = escape.charAt(1);
  if (kind === "x") return String.fromCharCode(Number.parseInt(escape.slice(2), hexadecimal));
  if (kind !== "u") return shortEscapes[kind] ?? kind;
  const units = escape.split("\\u").slice(1);
  return encodedBytes(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, hexadecimal))));
}
