/** Files that people keep, written by several at once: nothing that one has added is lost by another, and no lock is left. */

import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { readAcceptedFile } from "../../cli/accepted-file.ts";
import { whileLocked } from "../../cli/file-lock.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const writers = 4;
const each = 8;

/** Accepts findings one by one, in a thread of its own. */
const program = `
  const { workerData } = require("node:worker_threads");
  import(workerData.module).then(({ addToAcceptedFile }) => {
    for (let index = 0; index < ${each}; index++) {
      const fingerprint = (workerData.writer * ${each} + index).toString(16).padStart(12, "a");
      const parts = { covers: [fingerprint], places: [], title: "t", transition: "a→b", reason: "r", owner: "", expires: null, maxRate: 1 };
      addToAcceptedFile(workerData.file, [{ fingerprint, ...parts }]);
    }
  });
`;

it("loses nothing when several write at once", async () => {
  const file = join(directory(), "penumbra.accepted.yaml");
  const module = new URL("../../cli/accepted-file.ts", import.meta.url).href;
  const ended = Array.from({ length: writers }, (_, writer) => {
    const worker = new Worker(program, { eval: true, workerData: { module, file, writer } });
    return new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
  });
  expect(await Promise.all(ended)).toEqual(Array.from({ length: writers }, () => 0));
  expect(readAcceptedFile(file, { mustExist: true })).toHaveLength(writers * each);
  expect(existsSync(`${file}.lock`)).toBe(false);
});

it("goes on where somebody was killed, leaves no lock when the work fails, and says what is in the way", () => {
  const file = join(directory(), "penumbra.yaml");
  mkdirSync(`${file}.lock`);
  utimesSync(`${file}.lock`, 0, 0);
  expect(whileLocked(file, () => "done")).toBe("done");
  expect(() =>
    whileLocked(file, () => {
      throw new Error("as the work");
    }),
  ).toThrow("as the work");
  expect(existsSync(`${file}.lock`)).toBe(false);
  expect(whileLocked(join(directory(), "none", "x.yaml"), () => "the work says why")).toBe("the work says why");
  writeFileSync(`${file}.lock`, "mine");
  expect(() => whileLocked(file, () => "done")).toThrow(expect.objectContaining({ code: "FILE_BUSY" }));
});
