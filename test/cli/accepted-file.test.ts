/** The file of accepted changes as people keep it: what is accepted comes in, and whatever else stands there stays as it was. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AcceptedEntry, addToAcceptedFile, readAcceptedFile } from "../../cli/accepted-file.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function entry(fingerprint: string, more: Partial<AcceptedEntry> = {}): AcceptedEntry {
  const at = "GET /items/{id} body /price";
  return {
    fingerprint,
    covers: [fingerprint],
    places: [{ fingerprint, at, transition: "number→string", maxRate: 1 }],
    ...{ title: "the price is a string", transition: "number→string", reason: "since v2: wanted", owner: "orders" },
    ...{ expires: null, maxRate: 0.5 },
    ...more,
  };
}

function fileWith(text: string): string {
  const file = join(directory(), "penumbra.accepted.yaml");
  writeFileSync(file, text);
  return file;
}

function added(text: string, ...entries: readonly AcceptedEntry[]): string {
  const file = fileWith(text);
  addToAcceptedFile(file, entries);
  return readFileSync(file, "utf8");
}

const one = "111111111111";
const three = "333333333333";
const five = "555555555555";
const kept = `# What the shop team has decided.
---

# Prices: see the contract, §4.
accepted:   # reviewed by hand
  # first, because it matters most
  - fingerprint: "${three}"   # the one of March

    transition: 'number→string' # as wanted
    reason: >-
      it is a string
      since March   # no comment

    # inside the first
  ##### second part #####

  - {fingerprint: "${five}", transition: a→b,reason: "b # too"}   # short
# the end
`;

it.each(["", "# nothing yet\n", "accepted:\n", "accepted: []\n"])("has no entries as %j", (text) => {
  expect(readAcceptedFile(fileWith(text), { mustExist: true })).toEqual([]);
});

describe("a change that is accepted", () => {
  it("comes behind what sorts before it, and everything else keeps every byte", () => {
    const text = added(kept, entry("444444444444"));
    const [before = "", behind = ""] = kept.split(/(?=  ##### second)/);
    expect(text.startsWith(before)).toBe(true);
    expect(text.endsWith(behind)).toBe(true);
    expect(text.slice(before.length, -behind.length)).toMatch(/^ {2}- fingerprint: "444444444444"\n {4}covers:\n/);
  });

  it.each([
    ["before all, below no comment of another", one, /reviewed by hand\n {2}- fingerprint: "1{12}"\n(?: {4}.*\n)+ {2}# first, because/],
    ["behind all, above what ends the file", "999999999999", /# short\n {2}- fingerprint: "9{12}"\n(?: {4}.*\n)+# the end\n$/],
  ])("comes %s", (_where, fingerprint, place) => {
    expect(added(kept, entry(fingerprint))).toMatch(place);
  });

  it("comes last where people keep an order of their own", () => {
    const text = `accepted:\n- fingerprint: "${five}"\n  transition: a\n  reason: b\n- fingerprint: "${one}"\n  transition: a\n  reason: b\n`;
    const written = added(text, entry(three));
    expect(written.startsWith(text)).toBe(true);
    expect(written.slice(text.length)).toMatch(/^- fingerprint: "3{12}"\n {2}covers:\n/);
  });

  it("takes the place of one of the same fingerprint, whose comments stay beside what they were about", () => {
    const text = added(kept, entry(three, { transition: "number→string" }), entry(five));
    const comments = ["# the one of March", "# as wanted", "# inside the first", "##### second part #####", "# short", "# the end"];
    const at = comments.map((comment) => text.indexOf(comment));
    expect(at.filter((each) => each < 0)).toEqual([]);
    expect(text).toMatch(/^ {2}- fingerprint: "3{12}" # the one of March\n/m);
    expect(text).toMatch(/^ {4}transition: number→string # as wanted\n|^ {4}transition: 'number→string' # as wanted\n/m);
    expect(text.slice(0, text.indexOf("  # inside"))).toBe(kept.slice(0, kept.indexOf('  - fingerprint: "3')));
  });

  it.each([
    ["no file", null],
    ["an empty list", "accepted: []\n"],
    ["an empty list with a comment", "accepted: [] # nothing yet\n# end"],
    ["a list over lines", "accepted: [\n  # nothing yet\n]\n"],
    ["JSON", `{"accepted": [{"fingerprint": "${one}", "transition": "a", "reason": "b"}]}`],
    ["an empty list in JSON", '{"accepted": []}\n'],
    ["no end of its last line", `accepted:\n- fingerprint: "${one}"\n  transition: a\n  reason: b # why`],
    [
      "the line ends of Windows and a byte order mark",
      `\ufeff# head\r\naccepted:\r\n  - fingerprint: "${one}"\r\n    transition: a\r\n    reason: b\r\n`,
    ],
    ["an anchor and its alias", `accepted:\n  - &a {fingerprint: "${one}", transition: a, reason: b}\n`],
    ["an end of the document", `accepted:\n  - {fingerprint: "${one}", transition: a, reason: b}\n...\n# bye\n`],
  ])("is added to %s, two at a time", (_what, text) => {
    const file = text === null ? join(directory(), "new.yaml") : fileWith(text);
    const before = text === null ? [] : readAcceptedFile(file, { mustExist: true });
    addToAcceptedFile(file, [entry(five), entry(three)]);
    expect(readAcceptedFile(file, { mustExist: true })).toEqual([...before, entry(three), entry(five)]);
    const written = readFileSync(file, "utf8");
    for (const comment of text?.match(/# .*/g) ?? []) expect(written).toContain(comment);
    const isOfWindows = text?.includes("\r\n") === true;
    expect(isOfWindows ? written.replaceAll("\r\n", "") : written).not.toMatch(isOfWindows ? /\n/ : /\r/);
  });

  it("is refused where it cannot be said without changing another entry, and the file stays", () => {
    const text = `accepted:\n  - &a {fingerprint: "${one}", transition: a, reason: &why b}\n  - {fingerprint: "${five}", transition: a, reason: *why}\n`;
    const file = fileWith(text);
    expect(() => addToAcceptedFile(file, [entry(one, { reason: "another" })])).toThrow(/nothing can be added/);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("keeps every comment and every other entry, however the file was written", () => {
    fc.assert(
      fc.property(handWritten, fc.integer({ min: 0, max: 9 }), ({ text, lines }, digit) => {
        const fingerprint = String(digit).repeat(12);
        const written = added(text, entry(fingerprint));
        const before = readEntries(text);
        const same = before.findLast((each) => each.fingerprint === fingerprint);
        expect(readEntries(written)).toEqual(expect.arrayContaining(before.filter((each) => each !== same)));
        expect(readEntries(written)).toHaveLength(before.length + (same === undefined ? 1 : 0));
        expect(written.match(/#\d+!/g)?.toSorted()).toEqual(text.match(/#\d+!/g)?.toSorted());
        // Whatever is not of the entry itself is there, in its order, with every blank.
        const others = lines.filter(({ of }) => of !== fingerprint).map((line) => line.text);
        let at = 0;
        for (const line of others) {
          const found = written.indexOf(line, at);
          expect(found, `${JSON.stringify(line)} is missing in\n${written}`).toBeGreaterThanOrEqual(0);
          at = found + line.length;
        }
        expect(same !== undefined || isWithout(written, text)).toBe(true);
      }),
    );
  });
});

function readEntries(text: string): readonly AcceptedEntry[] {
  return (parse(text) as { accepted: AcceptedEntry[] }).accepted;
}

/** Whether the text is what is left of the other when one piece is taken out. */
function isWithout(longer: string, text: string): boolean {
  let same = 0;
  while (same < text.length && longer[same] === text[same]) same++;
  return longer.endsWith(text.slice(same));
}

interface Line {
  readonly text: string;
  /** The fingerprint of the entry that it is a part of. */
  readonly of: string | null;
}

/** Files with comments, blank lines and ways of writing wherever there may be some. */
const handWritten: fc.Arbitrary<{ readonly text: string; readonly lines: readonly Line[] }> = fc
  .record({
    eol: fc.constantFrom("\n", "\r\n"),
    indent: fc.constantFrom("", "  ", "    "),
    head: fc.constantFrom("", "# head #0!", "---", "%YAML 1.2\n---"),
    entries: fc.uniqueArray(
      fc.record({
        digit: fc.integer({ min: 0, max: 9 }),
        isFlow: fc.boolean(),
        quote: fc.constantFrom("", "'", '"'),
        above: fc.integer({ min: 0, max: 3 }),
        beside: fc.boolean(),
        gap: fc.boolean(),
        within: fc.boolean(),
        reason: fc.constantFrom("plain", "|\n{} text # none\n", ">-\n{} a\n{} b", "'it''s'  ", '"a\\\n{}  b"'),
      }),
      { selector: ({ digit }) => digit, minLength: 1, maxLength: 5 },
    ),
    tail: fc.constantFrom("", "# tail #9999!", "\n\n# tail #9999!"),
  })
  .map(({ eol, indent, head, entries, tail }) => {
    let comments = 0;
    const comment = (): string => `#${++comments}!`;
    const lines: Line[] = [];
    const push = (of: string | null, ...texts: readonly string[]): void => {
      for (const text of texts.flatMap((each) => each.split("\n"))) lines.push({ text, of });
    };
    if (head !== "") push(null, head);
    push(null, `accepted: ${comment()}`);
    for (const each of entries) {
      const fingerprint = String(each.digit).repeat(12);
      const beside = each.beside ? `   ${comment()}` : "";
      const quoted = `${each.quote}a→b${each.quote}`;
      for (let n = 0; n < each.above; n++) push(null, n === 1 ? "" : `${indent}${comment()}`);
      if (each.isFlow) {
        push(fingerprint, `${indent}- { fingerprint: "${fingerprint}",transition: ${quoted}, reason: 'x' }${beside}`);
        continue;
      }
      push(fingerprint, `${indent}-   fingerprint: '${fingerprint}'${beside}`);
      if (each.within) push(fingerprint, `${indent}    ${comment()}`);
      if (each.gap) push(fingerprint, "");
      push(fingerprint, `${indent}    transition:   ${quoted}`);
      push(fingerprint, ...`${indent}    reason: ${each.reason.replaceAll("{}", `${indent}     `)}`.split("\n"));
      if (each.within) push(fingerprint, `${indent}    ${comment()}`);
    }
    if (tail !== "") push(null, tail);
    return { text: lines.map(({ text }) => `${text}${eol}`).join(""), lines };
  });
