import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { epochMs } from "../../../model/units.ts";
import { type ForeignForm, foreignFormOf, openForeign } from "../../../recording/formats/foreign-file.ts";
import { inOrder, Starts } from "../../../recording/formats/in-order.ts";
import { openRecording } from "../../../recording/open.ts";
import { plainExchange } from "../examples.ts";
import { temporaryDirectories } from "../temporary-directory.ts";
import { corpusFile } from "./reading.ts";

const directory = temporaryDirectories();
const forms: readonly ForeignForm[] = ["har", "gor", "log"];
const nameLane = (secret: string): string => secret;

const given = (name: string, content: string | Uint8Array): string => {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return path;
};

describe.each(forms)("a file to be read as %s", (form) => {
  const whole = gzipSync(Buffer.from("1 a 1 0\nGET / HTTP/1.1\r\n\r\n\n🐵🙈🙉\n".repeat(100)));
  it.each<readonly [string, () => string, string]>([
    ["is not there", () => join(directory(), "none"), "FILE_NOT_FOUND"],
    ["is a directory", () => directory(), "NOT_A_FILE"],
    ["is a pipe", () => pipe(), "NOT_A_FILE"],
    ["is a device", () => "/dev/null", "NOT_A_FILE"],
    ["lies in a file", () => join(given("a", "x"), "b"), "FILE_NOT_FOUND"],
    ["is empty", () => given("a", ""), "FILE_EMPTY"],
    ["is gzip that is cut off", () => given("a.gz", whole.subarray(0, -12)), "GZIP_DAMAGED"],
    ["is gzip that is damaged", () => given("a.gz", flipped(whole)), "GZIP_DAMAGED"],
    ["is binary", () => given("a", Buffer.alloc(100_000, 0)), `${form.toUpperCase()}_INVALID`],
    ["is some text", () => given("a", "hello\n".repeat(100)), `${form.toUpperCase()}_INVALID`],
    [
      "is a segment",
      () => given("a", Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4096, 1)])),
      `${form.toUpperCase()}_INVALID`,
    ],
    ["is a gzip bomb", () => given("a.gz", gzipSync(Buffer.alloc(100 * 1024 * 1024))), `${form.toUpperCase()}_INVALID`],
  ])("is refused in one clear line when it %s", async (_what, make, code) => {
    const path = make();
    const error: unknown = await openForeign(path, form, nameLane).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      name: "PenumbraError",
      code,
      message: expect.not.stringContaining("\n"),
      hint: expect.stringMatching(/\w/),
    });
    expect(String(error)).toContain(path);
  });
});

function pipe(): string {
  const path = join(directory(), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const last = copy.length - 8;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}

describe("the form of a file", () => {
  it.each([
    ["a.har", "har"],
    ["a.HAR.gz", "har"],
    ["dir.gor/x.gor", "gor"],
    ["a.gor.gz", "gor"],
    ["a.ndjson", null],
    ["a.log", null],
    ["gor", null],
  ] as const)("is told by its name: %s", (path, form) => {
    expect(foreignFormOf(path)).toBe(form);
  });
});

describe("a recording in another form", () => {
  it.each(["session.gor.gz", "requests.gor"])("opens as one, by request start: %s", async (name) => {
    const recording = await openRecording(corpusFile("gor", name));
    const read = async (): Promise<number[]> => (await Array.fromAsync(recording.exchanges())).map(({ at }) => at);
    const starts = await read();
    expect(starts.length).toBe(recording.count());
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(await read()).toEqual(starts);
    expect([recording.meta.form, recording.meta.segments]).toEqual(["gor", []]);
    recording.close();
  });

  it("that is a directory of such a name is a directory", async () => {
    const path = join(directory(), "a.gor");
    mkdirSync(path);
    await expect(openRecording(path)).rejects.toMatchObject({ code: "NOT_A_RECORDING" });
  });
});

describe("inOrder", () => {
  const at = (start: number, id = ""): ReturnType<typeof plainExchange> => plainExchange({ id, at: epochMs(start) });
  async function* inFile(starts: readonly number[]): AsyncGenerator<ReturnType<typeof plainExchange>> {
    for (const [index, start] of starts.entries()) yield at(start, String(index));
  }

  it("sorts by start, equal ones in the order of the file, and holds only what is out of place", async () => {
    const starts = Array.from({ length: 5000 }, (_, index) => index + ((index * 7919) % 13) * (index % 5 === 0 ? 1 : 0));
    const all = new Starts();
    for (const start of starts) all.add(start);
    const earliestAfter = all.earliestAfter();
    let taken = 0;
    let handedOut = 0;
    let mostHeld = 0;
    const source = (async function* (): AsyncGenerator<ReturnType<typeof plainExchange>> {
      for (const [index, start] of starts.entries()) {
        taken++;
        yield at(start, String(index));
      }
    })();
    const sorted: { readonly id: number; readonly start: number }[] = [];
    for await (const exchange of inOrder("a", source, earliestAfter)) {
      handedOut++;
      mostHeld = Math.max(mostHeld, taken - handedOut);
      sorted.push({ id: Number(exchange.id), start: exchange.at });
    }
    expect(sorted).toEqual(starts.map((start, id) => ({ id, start })).toSorted((a, b) => a.start - b.start || a.id - b.id));
    expect(mostHeld).toBeLessThan(20);
  });

  it("keeps equal starts in order also when they had to wait", async () => {
    const starts = [5, 5, 3, 5, 4];
    const all = new Starts();
    for (const start of starts) all.add(start);
    const sorted = await Array.fromAsync(inOrder("a", inFile(starts), all.earliestAfter()));
    expect(sorted.map(({ id }) => id)).toEqual(["2", "4", "0", "1", "3"]);
  });

  it("works on none and on one", async () => {
    const none = new Starts();
    expect(await Array.fromAsync(inOrder("a", inFile([]), none.earliestAfter()))).toEqual([]);
    const one = new Starts();
    one.add(5);
    expect((await Array.fromAsync(inOrder("a", inFile([5]), one.earliestAfter()))).length).toBe(1);
  });
});
