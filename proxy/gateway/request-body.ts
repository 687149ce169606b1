/** The rest of a request after its head: body and trailers, to the primary and to the tap.
 *
 *    client ──data──► primary      a full buffer pauses the client
 *                └──► tap                                            */

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Clock } from "../../model/clock.ts";
import type { HeaderList } from "../../model/exchange.ts";
import type { ExchangeTap } from "./exchange-tap.ts";
import { mutable, pairsOf, passableTrailers } from "./fields.ts";
import { flushHead } from "./flush-head.ts";
import { PausedClient } from "./paused-client.ts";
import { forwardedTrailers, type Rewriting } from "./rewriting.ts";

export interface RequestBody {
  readonly request: IncomingMessage;
  readonly outgoing: ClientRequest;
  readonly hasBody: boolean;
  readonly tap: ExchangeTap | null;
  readonly rewriting: Rewriting;
  readonly clock: Clock;
}

export function sendBody({ request, outgoing, hasBody, tap, rewriting, clock }: RequestBody): void {
  if (!hasBody) {
    outgoing.end();
    tap?.requestEnd();
    request.resume();
    return;
  }
  const paused = new PausedClient(request.socket, clock, () => request.isPaused());
  flushHead(outgoing); // the client may wait for the primary to want the body
  outgoing.on("drain", () => request.resume());
  // When the primary wants no more, the rest is read and thrown away, so that the client gets to read its answer.
  outgoing.once("close", () => request.resume());
  request.on("data", (chunk: Buffer) => {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) {
      request.pause();
      paused.watch();
    }
    tap?.requestData(chunk);
  });
  request.once("end", () => {
    if (outgoing.destroyed) return;
    const trailers = request.rawTrailers.length > 0 ? passedTrailers(request, rewriting) : [];
    if (trailers.length > 0) outgoing.addTrailers(mutable(trailers));
    outgoing.end();
    tap?.requestEnd(trailers);
  });
}

function passedTrailers({ rawTrailers, rawHeaders }: IncomingMessage, rewriting: Rewriting): HeaderList {
  return passableTrailers(forwardedTrailers(pairsOf(rawTrailers), rewriting), pairsOf(rawHeaders));
}
