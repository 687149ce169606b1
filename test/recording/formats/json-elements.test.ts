import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PenumbraError } from "../../../model/errors.ts";
import { elementsOf } from "../../../recording/formats/json-elements.ts";
import { temporaryDirectories } from "../temporary-directory.ts";
import { corpusFile } from "./reading.ts";

const directory = temporaryDirectories();
const options = { keys: ["log", "entries"], complain: (problem: string) => new PenumbraError("BAD", problem, "") } as const;

interface Taken {
  readonly elements: readonly unknown[];
  readonly rest: unknown;
}

async function take(content: string | Uint8Array): Promise<Taken> {
  const path = join(directory(), "a.json");
  writeFileSync(path, content);
  const elements: unknown[] = [];
  let rest: unknown;
  for await (const piece of elementsOf(path, options)) {
    if (piece.kind === "rest") rest = piece.document;
    else elements.push(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(piece.bytes)));
  }
  return { elements, rest };
}

/** What JSON.parse makes of the same document; null = it refuses it. */
function wholly(content: Uint8Array): Taken | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    const document = JSON.parse(text) as { log: { entries: unknown[] } };
    return { elements: document.log.entries, rest: { ...document, log: { ...document.log, entries: [] } } };
  } catch {
    return null;
  }
}

describe("elementsOf", () => {
  it("finds in any document what JSON.parse finds", { timeout: 60_000 }, async () => {
    const space = fc.constantFrom("", " ", "\n", "\t\r\n");
    const document = fc.tuple(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.jsonValue(), fc.array(space, { minLength: 9, maxLength: 9 }));
    await fc.assert(
      fc.asyncProperty(document, async ([entries, other, spaces]) => {
        let at = 0;
        const gap = (): string => spaces[at++ % spaces.length] ?? "";
        const list = entries.map((entry) => `${gap()}${JSON.stringify(entry, null, gap() === "" ? 0 : 1)}${gap()}`).join(",");
        const text = `${gap()}{${gap()}"before":${JSON.stringify(other)},"log"${gap()}:{"x":${JSON.stringify(other)},"entries":${gap()}[${list}]${gap()},"y":"[,]"}}`;
        expect(await take(text)).toEqual(wholly(Buffer.from(text)));
      }),
      { numRuns: 300 },
    );
  });

  it("accepts and refuses as an element what JSON.parse accepts and refuses", async () => {
    const folder = corpusFile("json-parsing");
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    expect(names.length).toBe(318);
    for (const name of names) {
      const content = Buffer.concat([Buffer.from('{"log":{"entries":[1,'), readFileSync(join(folder, name)), Buffer.from("]}}")]);
      const expected = wholly(content);
      expect(await take(content).catch(() => null), name).toEqual(expected);
    }
  });

  it.each([
    ["cut off inside an entry", '{"log":{"entries":[{"a":1', /cut off inside an entry/],
    ["cut off after the entries", '{"log":{"entries":[{"a":1}]', /cut off/],
    ["with a comma too many", '{"log":{"entries":[1,]}}', /comma without an element after/],
    ["with a comma too early", '{"log":{"entries":[,1]}}', /comma without an element before/],
    ["with a comma too few", '{"log":{"entries":[{} {}]}}', /without a comma before/],
    ["followed by something", '{"log":{"entries":[]}} x', /not JSON/],
    ["that is no JSON", "<html>", /not JSON/],
  ])("refuses a document %s", async (_what, text, complaint) => {
    await expect(take(text)).rejects.toThrow(complaint);
  });

  it("takes no other array of that name", async () => {
    const text = '{"other":{"entries":[1]},"entries":[2],"log":{"pages":[{"entries":[3]}],"entries":[4]},"x":{"log":{"entries":[5]}}}';
    expect((await take(text)).elements).toEqual([4]);
  });

  it("does not care where the file's pieces end", async () => {
    const entries = Array.from({ length: 3000 }, (_, index) => ({ index, text: '\\"[]{},ü'.repeat(20 + (index % 7)) }));
    const document = { log: { version: "1.2", entries, comment: "end" } };
    const pieceBytes = 256 * 1024;
    const start = '{"log":{"entries":["';
    for (const escapes of [String.raw`\"]`, String.raw`\\`, String.raw`\\\"`]) {
      for (let offset = 0; offset <= escapes.length; offset++) {
        const text = `${start}${"x".repeat(pieceBytes - start.length - offset)}${escapes}",1]}}`;
        expect(await take(text)).toEqual(wholly(Buffer.from(text)));
      }
    }
    expect(await take(JSON.stringify(document))).toEqual({
      elements: entries,
      rest: { log: { version: "1.2", entries: [], comment: "end" } },
    });
  });
});
