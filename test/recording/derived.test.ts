import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../model/clock.ts";
import type { Exchange } from "../../model/exchange.ts";
import { checkDerivedPlace, type DerivedOptions, writeDerived } from "../../recording/derived.ts";
import { openRecording } from "../../recording/open.ts";
import { Vault } from "../../recording/vault/vault.ts";
import { makeVaultKeys, publicKeyOf, readPrivateKey, readPublicKeyText } from "../../recording/vault/vault-keys.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { lockDirectory } from "../../recording/writer-lock.ts";
import { plainExchange } from "./examples.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const token = (name: string): string => `tok_${name.padEnd(22, "0")}`;

/** One exchange a user, each with a token of its own in a cookie; two segments, each with a vault. */
function record(path: string, users: readonly string[]): string {
  const keyPath = join(directory(), "key");
  const vault = publicKeyOf(readPublicKeyText(makeVaultKeys(keyPath).publicPath));
  for (const part of [users.slice(0, 2), users.slice(2)]) {
    const writer = RecordingWriter.open(path, {
      labels: { instance: "a" },
      primaries: ["http://shop.example"],
      epoch: part.join(),
      clock: systemClock,
      redaction: "token",
      keyId: "k",
      vault,
      onCommitted: () => {},
      onDropped: (_, reason) => {
        throw new Error(reason);
      },
      onPaused: () => {},
    });
    for (const [index, user] of part.entries()) {
      const request = { ...plainExchange().request, headers: [["Cookie", `sid=${token(user)}`] as const] };
      writer.append(index + 1, plainExchange({ id: user, request, inclusion: 0.25 }), new Map([[token(user), `secret of ${user}`]]));
    }
    writer.close();
  }
  return keyPath;
}

async function derive(
  from: string,
  keep: readonly string[],
  options: Partial<DerivedOptions> & { readonly out: string },
): Promise<number | null> {
  const recording = await openRecording(from);
  async function* kept(): AsyncGenerator<Exchange> {
    for await (const exchange of recording.exchanges()) if (keep.includes(exchange.id)) yield exchange;
  }
  const signal = new AbortController().signal;
  return writeDerived(recording, kept(), { force: false, clock: systemClock, redaction: null, signal, ...options });
}

describe("a derived recording", () => {
  it("says of itself what the original says, and has its exchanges as they were", async () => {
    const [from, out] = [join(directory(), "from"), join(directory(), "out")];
    record(from, ["ann", "bob", "eve"]);
    expect(await derive(from, ["bob", "eve"], { out })).toBe(2);
    expect((await verifyRecording(out)).problems).toEqual([]);
    const [original, derived] = [await openRecording(from), await openRecording(out)];
    const { labels, primaries } = derived.meta;
    expect({ labels, primaries }).toEqual({ labels: { instance: "a" }, primaries: ["http://shop.example"] });
    expect(derived.meta.segments[0]).toMatchObject({ redaction: "token", keyId: "k" });
    const originals = new Map<string, Exchange>();
    for await (const exchange of original.exchanges()) originals.set(exchange.id, exchange);
    const kept: string[] = [];
    for await (const exchange of derived.exchanges()) {
      kept.push(exchange.id);
      expect(exchange).toEqual(originals.get(exchange.id));
    }
    expect(kept).toEqual(["bob", "eve"]);
  });

  it("keeps the rules by which the original was redacted, and that it was an import cut short", async () => {
    const [from, out] = [join(directory(), "from"), join(directory(), "out")];
    const redactionRules = [{ kind: "header", name: "x-customer", how: null }] as const;
    const writer = RecordingWriter.open(from, {
      ...{ labels: {}, epoch: "e", clock: systemClock, redaction: "token", redactionRules, keyId: "k", isImport: true },
      ...{ onCommitted: () => {}, onDropped: () => {}, onPaused: () => {} },
    });
    writer.append(1, plainExchange({ id: "one" }));
    writer.close();
    await derive(from, ["one"], { out });
    const derived = await openRecording(out);
    expect(derived.meta.segments.map((each) => each.redactionRules)).toEqual([redactionRules]);
    expect(derived.meta.isPartial).toBe(true);
    derived.close();
  });

  it("has the sealed values of its tokens and of no others, under the same key", async () => {
    const [from, out] = [join(directory(), "from"), join(directory(), "out")];
    const keyPath = record(from, ["ann", "bob", "eve", "dan"]);
    await derive(from, ["bob", "eve"], { out });
    const vault = Vault.open([await openRecording(out)], [readPrivateKey(keyPath)]);
    const values = ["ann", "bob", "eve", "dan"].map((user) => vault.valueOf(token(user)));
    vault.close();
    expect(values).toEqual([null, "secret of bob", "secret of eve", null]);
  });

  it("is not there at all when it was interrupted or failed, and the one before it stays", async () => {
    const [from, out] = [join(directory(), "from"), join(directory(), "out")];
    record(from, ["ann", "bob", "eve"]);
    await derive(from, ["ann"], { out });
    const controller = new AbortController();
    controller.abort();
    expect(await derive(from, ["bob"], { out, signal: controller.signal })).toBeNull();
    async function* failing(): AsyncGenerator<Exchange> {
      yield plainExchange();
      throw Object.assign(new Error("the disk is on fire"), { code: "EIO" });
    }
    const options = { out, force: true, clock: systemClock, redaction: null, signal: new AbortController().signal };
    await expect(writeDerived(await openRecording(from), failing(), options)).rejects.toThrow(/cannot be written: .*on fire/);
    expect(existsSync(`${out}.partial`)).toBe(false);
    expect((await openRecording(out)).count()).toBe(1);
  });

  it("deletes nothing of others that stands where it is made", async () => {
    const [from, out] = [join(directory(), "from"), join(directory(), "out")];
    record(from, ["ann", "bob", "eve"]);
    mkdirSync(`${out}.partial`);
    writeFileSync(join(`${out}.partial`, "thesis.txt"), "");
    await expect(derive(from, ["ann"], { out })).rejects.toThrow(/holds other files/);
    expect(readdirSync(`${out}.partial`)).toEqual(["thesis.txt"]);
  });

  it("replaces nothing that is being recorded", () => {
    const path = join(directory(), "from");
    record(path, ["ann", "bob", "eve"]);
    const unlock = lockDirectory(path, "recording");
    expect(() => checkDerivedPlace(path, true)).toThrow(/another penumbra is recording/);
    unlock();
    checkDerivedPlace(path, true);
  });

  it("replaces nothing without being told, and only recordings", () => {
    const [from, none, other] = [join(directory(), "from"), join(directory(), "none"), directory()];
    record(from, ["ann", "bob", "eve"]);
    writeFileSync(join(other, "thesis.txt"), "");
    expect(() => checkDerivedPlace(from, false)).toThrow(/already there/);
    expect(() => checkDerivedPlace(from, true)).not.toThrow();
    for (const force of [false, true]) expect(() => checkDerivedPlace(other, force)).toThrow(/holds other files/);
    checkDerivedPlace(none, false);
    expect(existsSync(none)).toBe(false);
    expect(readdirSync(other)).toEqual(["thesis.txt"]);
  });
});
