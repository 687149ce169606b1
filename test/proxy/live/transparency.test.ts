/** I1: both sides see on the wire what they would see without the sidecar; what is recorded is what was sent. */

import type { Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { generatedExchange, segmented } from "./messages-arbitrary.ts";
import { collect, connectTo, startRawPrimary, startTestSidecar, type TestSidecar, until } from "./support.ts";

/** What the primary does with its next connection. */
interface Plan {
  readonly requestBytes: number;
  readonly answers: readonly Buffer[];
  received: Buffer;
}

let plan: Plan = { requestBytes: 0, answers: [], received: Buffer.alloc(0) };
let started: TestSidecar;
let primary: Awaited<ReturnType<typeof startRawPrimary>>;

beforeAll(async () => {
  primary = await startRawPrimary((socket) => {
    const mine = plan;
    const parts: Buffer[] = [];
    let size = 0;
    socket.on("data", (chunk: Buffer) => {
      parts.push(chunk);
      size += chunk.length;
      if (size !== mine.requestBytes) return;
      mine.received = Buffer.concat(parts);
      void writeSlowly(socket, mine.answers);
    });
    socket.on("end", () => socket.end());
  });
  started = await startTestSidecar(primary.port);
});

afterAll(() => {
  for (const socket of primary.sockets) socket.destroy();
  primary.server.close();
});

/** Each piece in a write of its own, so that it can arrive alone. */
async function writeSlowly(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)));
}

describe("the splice", () => {
  it("passes every byte in both directions and records what was sent", async () => {
    let expectedExchanges = 0;
    const cuts = fc.array(fc.nat(), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(generatedExchange, { minLength: 1, maxLength: 5 }),
        cuts,
        cuts,
        async (exchanges, requestCuts, answerCuts) => {
          const requestBytes = Buffer.concat(exchanges.map((each) => each.request.bytes));
          const answerBytes = Buffer.concat(exchanges.map((each) => each.answer.bytes));
          const mine: Plan = { requestBytes: requestBytes.length, answers: segmented(answerBytes, answerCuts), received: Buffer.alloc(0) };
          plan = mine;
          const socket = await connectTo(started.sidecar.address.port);
          const received = collect(socket);
          await writeSlowly(socket, segmented(requestBytes, requestCuts));
          await until(() => received.length() >= answerBytes.length);
          expect(mine.received.equals(requestBytes)).toBe(true);
          expect(received.bytes().equals(answerBytes)).toBe(true);
          socket.end();
          expect(await received.ended).toBe("fin");
          await until(() => started.exchanges().length >= expectedExchanges + exchanges.length);
          const lines = started.exchanges().slice(expectedExchanges);
          expectedExchanges += exchanges.length;
          expect(lines.length).toBe(exchanges.length);
          for (const [index, { request, answer }] of exchanges.entries()) {
            const line = lines[index];
            expect(line?.exchange.request).toMatchObject({ method: request.method, target: request.target, headers: request.headers });
            expect(line?.exchange.outcome).toMatchObject({ kind: "answered", answer: { status: answer.status, headers: answer.headers } });
            expect(recorded(line?.requestBody).equals(request.body)).toBe(true);
            expect(recorded(line?.answerBody).equals(answer.body)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
    await started.sidecar.drain({ bound: milliseconds(500) });
    const snapshot = started.sidecar.ledger.snapshot();
    expect(conservationFaults(snapshot)).toEqual([]);
    expect(snapshot).toMatchObject({ seen: expectedExchanges, captured: expectedExchanges, recorded: expectedExchanges, open: 0 });
  }, 60_000);
});

function recorded(base64: string | undefined): Buffer {
  return base64 === "none" ? Buffer.alloc(0) : Buffer.from(base64 ?? "", "base64");
}
