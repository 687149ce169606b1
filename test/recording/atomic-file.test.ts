import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFileAtomically } from "../../recording/atomic-file.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

describe("writeFileAtomically", () => {
  it("writes a new private file, and keeps the mode of one that exists", () => {
    const path = join(directory(), "a.txt");
    writeFileAtomically(path, "one");
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["one", 0o600]);
    chmodSync(path, 0o644);
    writeFileAtomically(path, Buffer.from("two"));
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["two", 0o644]);
  });

  it("gives a reader who has the old file open the whole old file", () => {
    const path = join(directory(), "a.txt");
    writeFileAtomically(path, "one");
    const inode = statSync(path).ino;
    writeFileAtomically(path, "two");
    expect(statSync(path).ino).not.toBe(inode);
  });

  it("leaves nothing behind when it fails", () => {
    const place = directory();
    mkdirSync(join(place, "taken"));
    writeFileSync(join(place, "file"), "");
    for (const path of [join(place, "missing", "a.txt"), join(place, "taken"), join(place, "file", "a.txt")]) {
      expect(() => writeFileAtomically(path, "x")).toThrow(
        expect.objectContaining({ code: "CANNOT_WRITE", message: expect.stringContaining(path) }),
      );
    }
    expect(readdirSync(place).toSorted()).toEqual(["file", "taken"]);
  });

  it("writes through a symbolic link instead of replacing it", () => {
    const place = directory();
    writeFileSync(join(place, "real"), "old");
    symlinkSync("real", join(place, "link"));
    writeFileAtomically(join(place, "link"), "new");
    expect([readlinkSync(join(place, "link")), readFileSync(join(place, "real"), "utf8")]).toEqual(["real", "new"]);
  });

  it("writes to what is no regular file without replacing it", () => {
    writeFileAtomically("/dev/null", "x");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
