import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadOrCreateKey } from "../../recording/key.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

describe("the redaction key", () => {
  it("is created once, private, and the same ever after", () => {
    const path = join(directory(), "keys", "key");
    const first = loadOrCreateKey(path);
    expect(first.key.length).toBe(32);
    expect(first.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadOrCreateKey(path)).toEqual(first);
    expect(readdirSync(dirname(path))).toEqual(["key"]);
    expect(loadOrCreateKey(join(directory(), "key")).keyId).not.toBe(first.keyId);
  });

  it("is not told by its id", () => {
    const { key, keyId } = loadOrCreateKey(join(directory(), "key"));
    expect(Buffer.from(key).toString("hex")).not.toContain(keyId);
  });

  it("of the wrong size, or that everybody can read, is refused and left alone", () => {
    const path = join(directory(), "key");
    writeFileSync(path, "short", { mode: 0o600 });
    expect(() => loadOrCreateKey(path)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
    expect(readFileSync(path, "utf8")).toBe("short");
    writeFileSync(path, Buffer.alloc(32));
    chmodSync(path, 0o644);
    expect(() => loadOrCreateKey(path)).toThrow(expect.objectContaining({ code: "KEY_EXPOSED" }));
    chmodSync(path, 0o640);
    expect(loadOrCreateKey(path).key.length).toBe(32);
  });
});
