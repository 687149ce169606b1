import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import { openRecording } from "../../../recording/open.ts";
import { revealText } from "../../../recording/vault/reveal-text.ts";
import { Vault } from "../../../recording/vault/vault.ts";
import { makeVaultKeys, publicKeyOf, readPrivateKey, readPublicKeyText, type VaultPublicKey } from "../../../recording/vault/vault-keys.ts";
import { verifyRecording } from "../../../recording/verify.ts";
import { RecordingWriter } from "../../../recording/writer.ts";
import { plainExchange, text } from "../examples.ts";
import { temporaryDirectories } from "../temporary-directory.ts";

const directory = temporaryDirectories();

interface Pair {
  readonly path: string;
  readonly sealedTo: VaultPublicKey;
}

function keyPair(name = "key"): Pair {
  const path = join(directory(), name);
  const { publicPath } = makeVaultKeys(path);
  const sealedTo = publicKeyOf(readPublicKeyText(publicPath));
  if (sealedTo === null) throw new Error("it is a key");
  return { path, sealedTo };
}

const token = (name: string): string => `tok_${name.padEnd(22, "0")}`;

/** @param batches values by the name of their token; each batch is committed for itself */
function record(
  path: string,
  vault: VaultPublicKey | null,
  batches: readonly Readonly<Record<string, string>>[],
  segmentBytes = 2 ** 20,
): void {
  const writer = RecordingWriter.open(path, {
    labels: {},
    epoch: `e${batches.length}${vault?.id ?? ""}`,
    clock: systemClock,
    redaction: "token",
    keyId: "k",
    vault,
    onCommitted: () => {},
    onDropped: (_, reason) => {
      throw new Error(reason);
    },
    onPaused: () => {},
    limits: { segmentBytes },
  });
  batches.forEach((batch, index) => {
    const secrets = new Map(Object.entries(batch).map(([name, value]) => [token(name), value]));
    // Bodies that do not compress fill segments.
    const request = { ...plainExchange().request, body: text(`body ${index} `.repeat(50)) };
    writer.append(index + 1, plainExchange({ id: `x${index}`, request }), secrets);
    writer.flush();
  });
  writer.close();
}

async function opened(path: string, ...keys: readonly string[]): Promise<Vault> {
  const recording = await openRecording(path);
  recording.close();
  return Vault.open([recording], keys.map(readPrivateKey));
}

function sealedIn(segment: string): { token: string; sealed: Buffer }[] {
  const database = new Database(segment, { readonly: true });
  const rows = database.prepare<[], { token: string; sealed: Buffer }>("SELECT token, sealed FROM vault ORDER BY token").all();
  database.close();
  return rows;
}

describe("a vault", () => {
  it("gives back what it was given, byte for byte, and nothing for what it was not", async () => {
    const { path, sealedTo } = keyPair();
    const values = { a: "secret", b: "", c: "\u0000\u00ff\u00e4 \n", d: "x".repeat(100_000) };
    const recording = join(directory(), "recording");
    record(recording, sealedTo, [values]);
    const vault = await opened(recording, path);
    for (const [name, value] of Object.entries(values)) expect(vault.valueOf(token(name))).toBe(value);
    expect(vault.valueOf(token("none"))).toBeNull();
    vault.close();
    expect((await verifyRecording(recording)).problems).toEqual([]);
  });

  it("does not miss a value for what only looks like a token inside of one", async () => {
    const { path, sealedTo } = keyPair();
    const recording = join(directory(), "recording");
    const looksLikeOne = `tok_${"aB3-".repeat(5)}xY`;
    record(recording, sealedTo, [{ a: looksLikeOne }]);
    const vault = await opened(recording, path);
    expect(revealText(`Bearer ${token("a")}`, (asked) => vault.valueOf(asked))).toBe(`Bearer ${looksLikeOne}`);
    expect(vault.unknownTokens).toBe(0);
    vault.valueOf(token("none"));
    expect(vault.unknownTokens).toBe(1);
    vault.close();
  });

  it("holds each value once a segment, sealed to a key of that segment's own, and shows not even its length", async () => {
    const { path, sealedTo } = keyPair();
    const recording = join(directory(), "recording");
    const batches = Array.from({ length: 6 }, (_, index) => ({ same: "hunter2", [`n${index}`]: "a longer value than the other" }));
    record(recording, sealedTo, batches, 1);
    const { segmentPaths } = await openRecording(recording);
    expect(segmentPaths.length).toBe(6);
    const sealed = segmentPaths.map(sealedIn);
    for (const rows of sealed) expect(rows.filter((row) => row.token === token("same"))).toHaveLength(1);
    expect(new Set(sealed.flat().map((row) => row.sealed.length))).toEqual(new Set([12 + 64 + 16]));
    expect(new Set(sealed.flat().map((row) => row.sealed.toString("hex"))).size).toBe(12);
    // Every segment is whole for itself.
    for (const segment of segmentPaths) {
      const vault = await opened(segment, path);
      expect(vault.valueOf(token("same"))).toBe("hunter2");
      vault.close();
      expect(readFileSync(segment, "latin1")).not.toContain("hunter2");
    }
    const one = join(directory(), "one-segment");
    record(one, sealedTo, batches);
    expect(sealedIn(join(one, "000001.penumbra")).map((row) => row.token)).toEqual(["n0", "n1", "n2", "n3", "n4", "n5", "same"].map(token));
  });

  it("holds a value once also when more came between than is remembered", () => {
    const { sealedTo } = keyPair();
    const recording = join(directory(), "recording");
    const others = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${10_000 + index}_`, "x"]));
    record(recording, sealedTo, [{ same: "hunter2" }, others, { same: "hunter2" }]);
    expect(sealedIn(join(recording, "000001.penumbra"))).toHaveLength(5001);
  });

  it("opens with the key of each segment where it has changed, and with none that is missing", async () => {
    const [old, fresh] = [keyPair("old"), keyPair("new")];
    const recording = join(directory(), "recording");
    record(recording, old.sealedTo, [{ a: "before" }]);
    record(recording, null, [{ c: "never kept" }, {}]);
    record(recording, fresh.sealedTo, [{ b: "after" }, {}, {}]);
    const vault = await opened(recording, old.path, fresh.path);
    expect(["a", "b", "c"].map((name) => vault.valueOf(token(name)))).toEqual(["before", "after", null]);
    vault.close();
    await expect(opened(recording, old.path)).rejects.toMatchObject({
      code: "VAULT_WRONG_KEY",
      message: `the vault of ${join(recording, "000003.penumbra")} is sealed to the key ${fresh.sealedTo.id}, and --vault-key gives ${old.sealedTo.id}`,
    });
  });

  it("does not open an entry under another token, nor one that is cut or changed at any place", async () => {
    const { path, sealedTo } = keyPair();
    const recording = join(directory(), "recording");
    record(recording, sealedTo, [{ a: "secret of a", b: "secret of b" }]);
    const segment = join(recording, "000001.penumbra");
    const [a, b] = sealedIn(segment);
    if (a === undefined || b === undefined) throw new Error("there are two");
    const changed = Array.from(a.sealed, (_, at) => {
      const copy = Buffer.from(a.sealed);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    });
    for (const sealed of [...changed, b.sealed, a.sealed.subarray(0, -1), Buffer.alloc(0)]) {
      const database = new Database(segment);
      database.prepare("UPDATE vault SET sealed = ? WHERE token = ?").run(sealed, a.token);
      database.close();
      await expect(opened(recording, path)).rejects.toMatchObject({ code: "RECORDING_DAMAGED" });
    }
  });

  it("is not needed to read the recording, and is not there without a key", async () => {
    const recording = join(directory(), "recording");
    record(recording, null, [{ a: "never kept" }]);
    const database = new Database(join(recording, "000001.penumbra"), { readonly: true });
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'vault'").all()).toEqual([]);
    database.close();
    await expect(opened(recording, keyPair().path)).rejects.toMatchObject({ code: "NO_VAULT" });
  });

  it("has the value of every token that a killed writer has left", async () => {
    const { path, sealedTo } = keyPair();
    const recording = join(directory(), "recording");
    const child = spawn(process.execPath, [
      fileURLToPath(new URL("./vault-child.ts", import.meta.url)),
      recording,
      String(sealedTo.key.export({ type: "spki", format: "pem" })),
    ]);
    let batches = 0;
    for await (const _ of child.stdout) if (++batches > 3) break;
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const left = await openRecording(recording);
    const vault = await opened(recording, path);
    let seen = 0;
    for await (const { request } of left.exchanges()) {
      const [, found = ""] = /sid=(.*)/.exec(request.headers[0]?.[1] ?? "") ?? [];
      expect(vault.valueOf(found)).toBe(`secret ${request.target}`);
      seen++;
    }
    vault.close();
    expect(seen).toBeGreaterThan(100);
  });
});

describe("the keys of a vault", () => {
  it("are refused when they are of another kind, and when everybody can read the private one", () => {
    const { path } = keyPair();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => readPublicKeyText(path)).toThrow(expect.objectContaining({ code: "VAULT_KEY_INVALID" }));
    expect(() => readPrivateKey(`${path}.pub`)).toThrow(expect.objectContaining({ code: "VAULT_KEY_INVALID" }));
    chmodSync(path, 0o604);
    expect(() => readPrivateKey(path)).toThrow(expect.objectContaining({ code: "KEY_EXPOSED" }));
  });

  it("are never made in the place of others", () => {
    const { path } = keyPair();
    expect(() => makeVaultKeys(path)).toThrow(expect.objectContaining({ code: "FILE_EXISTS" }));
    expect(() => makeVaultKeys(path.replace(/key$/, "key.pub"))).toThrow(expect.objectContaining({ code: "FILE_EXISTS" }));
    expect(() => makeVaultKeys(join(path, "below-a-file"))).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
  });
});
