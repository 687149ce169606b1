/** Takes the cold start out of the schedule: the first requests of a fresh process are late by tens of
 * milliseconds while code is compiled, which in a short replay is its whole p99.
 *
 *    first exchanges ──► Shadow ──► stand-in server in this process, answers as recorded
 *                                       └──► ShadowLog ──► nowhere
 *
 * Nothing reaches the real targets, and nothing that is learnt here is kept. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LiveComparison } from "../diff/live-comparison.ts";
import type { Clock } from "../model/clock.ts";
import type { Exchange } from "../model/exchange.ts";
import { epochMs } from "../model/units.ts";
import { RedactionError } from "../recording/redaction.ts";
import { Shadow } from "../target/shadow.ts";
import { type Redaction, ShadowLog } from "../target/shadow-log.ts";
import { Target } from "../target/target.ts";

/** Enough that the usual paths through the code are compiled; a person does not notice it. */
const warmUpMs = 400;
/** How many of the first exchanges are used. */
export const warmUpExchanges = 32;
const loopback = "127.0.0.1";
const timeoutMs = 1000;

export interface WarmUpOptions {
  readonly redaction: Redaction;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Sends the exchanges to a stand-in again and again for a moment. Without a free loopback port it does nothing:
 * the replay is then only later at its start, which its lateness shows. */
export async function warmUp(exchanges: readonly Exchange[], options: WarmUpOptions): Promise<void> {
  const { redaction, clock, signal } = options;
  const answers = new Map(exchanges.map((exchange) => [exchange.request.target, exchange.outcome]));
  const server = createServer((request, response) => {
    const outcome = answers.get(request.url ?? "");
    const body = outcome?.kind === "answered" && outcome.answer.body.kind === "whole" ? outcome.answer.body.bytes : undefined;
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  const port = await listen(server);
  if (port === null) return;
  const targetAt = (name: string): Target => new Target({ name, url: `http://${loopback}:${port}`, timeoutMs, clock });
  const [candidate, control] = [targetAt("candidate"), targetAt("control")];
  const shadow = new Shadow({
    candidate,
    controls: [control],
    order: "causal",
    writeScope: "segment",
    seed: 0,
    clock,
    correlate: true,
    holdMs: 0,
  });
  const log = new ShadowLog({
    sink: { append: (entry) => void JSON.stringify(entry) },
    redaction,
    exchangesAreRedacted: true,
    comparison: new LiveComparison({ maxProbes: 0 }),
    probe: async () => null,
  });
  const until = clock.monotonic() + warmUpMs;
  for (let round = 0; clock.monotonic() < until && !signal.aborted; round++) {
    // Later rounds come later in recorded time too, so that they use what earlier ones have learnt.
    const shift = round * timeoutMs;
    await Promise.all(
      exchanges.map(async (exchange) => {
        const id = `${exchange.id}/${round}`;
        const startedAt = epochMs(exchange.at + shift);
        const sent = shadow.submit({ id, lane: exchange.lane, connection: null, startedAt, request: exchange.request });
        shadow.primaryFinished(id, exchange.outcome, epochMs(startedAt + exchange.outcome.tookMs));
        const result = await sent;
        try {
          log.write({ exchange, request: exchange.request, sent: result, reason: null });
        } catch (error) {
          // The replay itself meets it again, and counts it there.
          if (!(error instanceof RedactionError)) throw error;
        }
      }),
    );
  }
  await Promise.all([candidate.close(), control.close()]);
  server.closeAllConnections();
  server.close();
}

function listen(server: Server): Promise<number | null> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(0, loopback, () => resolve((server.address() as AddressInfo).port));
  });
}
