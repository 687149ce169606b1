/** Targets that do not answer as a server should: the replay comes to its end, loses no exchange and says what it saw. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const exchanges = 12;

/** What a connection of the bad target does once it is asked something, and what the report calls that. */
const misdeeds: Readonly<Record<string, { readonly act: (socket: Socket) => void; readonly named: string }>> = {
  "takes for ever": { act: () => undefined, named: "no answer in time" },
  "resets connections": { act: (socket) => socket.resetAndDestroy(), named: "connection reset" },
  "hangs up without a word": { act: (socket) => socket.end(), named: "connection reset" },
  "answers nonsense": { act: (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"), named: "answer is not valid HTTP" },
  "stops in the middle of an answer": {
    act: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"),
    named: "answer broke off",
  },
};

describe("a replay to a target that", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-bad-targets-"));
  const recording = itemsRecording(join(scratch, "items.ndjson"), exchanges);
  let good: Service;

  beforeAll(async () => {
    good = await startService(itemsHandler("old"));
  });
  afterAll(async () => {
    await good.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  async function replayTo(
    name: string,
    candidate: string,
    control: string,
  ): Promise<{ code: number | null; stderr: string; report: Report }> {
    const run = join(scratch, name);
    const { code, stderr } = await runPenumbra([
      ...["replay", recording, "--candidate", candidate, "--control", control, "--out", run],
      ...["--timeout", "300ms", "--max-lateness", "1m", "--probes", "0", "--key-file", join(scratch, "key")],
    ]);
    return { code, stderr, report: JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report };
  }

  async function withBad<T>(act: (socket: Socket) => void, use: (url: string) => Promise<T>): Promise<T> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).once("data", () => act(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  }

  it.each(Object.entries(misdeeds))(
    "%s is told apart, as candidate and as control, and no exchange is lost",
    async (name, { act, named }) => {
      await withBad(act, async (bad) => {
        const asCandidate = await replayTo(`${name} candidate`, bad, good.url);
        expect(asCandidate.stderr).toBe("");
        // How much it is asked before its breaker opens depends on the machine: enough to fail, or too little to tell. Never a pass.
        expect([1, 3]).toContain(asCandidate.code);
        expect(asCandidate.report.findings.map(({ title }) => title)).toContain(`GET /items/{id}: ${named}`);
        expect(asCandidate.report.totals).toMatchObject({ exchanges, same: 0 });
        expect(asCandidate.report.totals.different + skippedOf(asCandidate.report)).toBe(exchanges);

        const asControl = await replayTo(`${name} control`, good.url, bad);
        expect(asControl.code).toBe(3);
        expect(asControl.stderr).toBe("");
        expect(asControl.report.findings).toEqual([]);
        expect(asControl.report.totals).toMatchObject({ exchanges, compared: 0 });
        expect(skippedOf(asControl.report)).toBe(exchanges);
      });
    },
  );
});

function skippedOf({ totals }: Report): number {
  return Object.values(totals.notComparable).reduce((sum, each) => sum + each, 0);
}
