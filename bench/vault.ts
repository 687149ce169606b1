/** What a vault costs: recording with it and without, opening it, and putting values back into requests.
 *
 *    exchanges with two secrets each ─ redact ─► recording (with, without a vault) ─► open ─► reveal every request
 *
 * `new`: every secret comes once, the worst case. `sessions`: each comes with 50 requests. CPU time, rounds interleaved, medians.
 * Options: --exchanges N --rounds N. The last line is one JSON object. */

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../model/clock.ts";
import { type Exchange, type HttpRequest, noBody } from "../model/exchange.ts";
import { epochMs, milliseconds } from "../model/units.ts";
import { openRecording } from "../recording/open.ts";
import { Redactor } from "../recording/redaction.ts";
import { revealRequest } from "../recording/vault/reveal.ts";
import { Vault } from "../recording/vault/vault.ts";
import { makeVaultKeys, publicKeyOf, readPrivateKey, readPublicKeyText, type VaultPublicKey } from "../recording/vault/vault-keys.ts";
import { RecordingWriter } from "../recording/writer.ts";

const { values: given } = parseArgs({
  options: { exchanges: { type: "string", default: "30000" }, rounds: { type: "string", default: "3" } },
});
const exchanges = Number(given.exchanges);
const rounds = Number(given.rounds);
const requestsPerSession = { new: 1, sessions: 50 } as const;
type Traffic = keyof typeof requestsPerSession;

const scratch = mkdtempSync(join(tmpdir(), "penumbra-vault-bench-"));
try {
  await measure();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const keyPath = join(scratch, "key");
  const key = publicKeyOf(readPublicKeyText(makeVaultKeys(keyPath).publicPath));
  const times = new Map<string, number[]>();
  const note = (name: string, micros: number): void => void times.set(name, [...(times.get(name) ?? []), micros / exchanges]);
  for (let round = 0; round < rounds; round++) {
    for (const traffic of ["new", "sessions"] as const) {
      note(`${traffic}: record without`, record(join(scratch, "plain"), traffic, null));
      const path = join(scratch, "vault");
      note(`${traffic}: record with`, record(path, traffic, key));
      await reveal(path, keyPath, traffic, note);
      for (const directory of ["plain", "vault"]) rmSync(join(scratch, directory), { recursive: true });
    }
  }
  const results = Object.fromEntries([...times].map(([name, each]) => [name, Number(median(each).toFixed(2))]));
  for (const [name, micros] of Object.entries(results)) console.log(`${name.padEnd(28)} ${micros.toFixed(2).padStart(8)} µs CPU/exchange`);
  console.log(
    JSON.stringify({ bench: "vault", node: process.versions.node, cores: cpus().length, exchanges, rounds, microsPerExchange: results }),
  );
}

/** @returns µs of CPU, making the exchanges left out */
function record(directory: string, traffic: Traffic, vault: VaultPublicKey | null): number {
  const redactor = new Redactor({ key: Buffer.alloc(32, "key"), mode: "token" });
  const made = Array.from({ length: exchanges }, (_, index) => exchangeOf(index, traffic));
  const writer = RecordingWriter.open(directory, {
    labels: {},
    epoch: "bench",
    clock: systemClock,
    redaction: redactor.description,
    keyId: redactor.keyId,
    vault,
    onCommitted: () => {},
    onDropped: (_, reason) => {
      throw new Error(reason);
    },
    onPaused: () => {},
  });
  const before = process.cpuUsage();
  made.forEach((exchange, index) => {
    const secrets = new Map<string, string>();
    const note = vault === null ? null : (token: string, value: string): void => void secrets.set(token, value);
    writer.append(index + 1, redactor.exchange(exchange, note), secrets);
  });
  writer.close();
  return cpuSince(before);
}

async function reveal(path: string, keyPath: string, traffic: Traffic, note: (name: string, micros: number) => void): Promise<void> {
  const recording = await openRecording(path);
  const requests: HttpRequest[] = [];
  for await (const { request } of recording.exchanges()) requests.push(request);
  const beforeOpening = process.cpuUsage();
  const vault = Vault.open([recording], [readPrivateKey(keyPath)]);
  note(`${traffic}: open and check`, cpuSince(beforeOpening));
  const before = process.cpuUsage();
  for (const request of requests) revealRequest(request, (token) => vault.valueOf(token));
  note(`${traffic}: reveal`, cpuSince(before));
  vault.close();
}

/** A cookie and a JWT of a session, as long as they are in practice. */
function exchangeOf(index: number, traffic: Traffic): Exchange {
  const session = createHash("sha512")
    .update(`session ${Math.floor(index / requestsPerSession[traffic])}`)
    .digest("base64url");
  return {
    id: `e${index}`,
    at: epochMs(1_763_798_400_000 + index),
    lane: session.slice(0, 16),
    labels: {},
    request: {
      method: "GET",
      target: `/items/${index % 1000}`,
      version: "1.1",
      headers: [
        ["Host", "shop"],
        ["Cookie", `theme=dark; sid=${session.slice(0, 32)}`],
        ["Authorization", `Bearer eyJ.${session.repeat(3)}`],
      ],
      body: noBody,
    },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers: [], body: noBody },
      firstByteMs: milliseconds(1),
      tookMs: milliseconds(2),
    },
  };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
