import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isDirectory, isFile, makeDirectories, missingDirectories } from "../../recording/directories.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

describe("making directories", () => {
  it("makes what is missing, for its owner only, and nothing twice", () => {
    const root = directory();
    const wanted = join(root, "a", "b");
    expect(missingDirectories(wanted)).toEqual([join(root, "a"), wanted]);
    makeDirectories(wanted);
    makeDirectories(wanted);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
    expect(missingDirectories(wanted)).toEqual([]);
  });

  it("fails with the system's word below a file and for a name that is too long", () => {
    const file = join(directory(), "file");
    writeFileSync(file, "");
    expect(() => makeDirectories(join(file, "below"))).toThrow("ENOTDIR");
    expect(() => makeDirectories(join(directory(), "n".repeat(300)))).toThrow("ENAMETOOLONG");
  });

  it.runIf(existsSync("/proc/self"))("ends where the system has no parent though there is one", () => {
    expect(() => makeDirectories("/proc/penumbra/recording")).toThrow(/ENOENT|EACCES|EPERM/);
  });
});

describe("looking at a path", () => {
  it("tells directories and files, and nothing of what cannot be looked at", () => {
    const root = directory();
    const file = join(root, "file");
    writeFileSync(file, "");
    mkdirSync(join(root, "directory"));
    const paths = [root, file, join(file, "below"), join(root, "n".repeat(300)), join(root, "none")];
    expect(paths.map(isDirectory)).toEqual([true, false, false, false, false]);
    expect(paths.map(isFile)).toEqual([false, true, false, false, false]);
  });
});
