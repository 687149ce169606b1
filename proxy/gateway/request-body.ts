/** The rest of a request after its head: body and trailers, to the primary and to the tap.
 *
 *    client ──data──► primary      a full buffer pauses the client
 *                └──► tap                                            */

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Clock } from "../../model/clock.ts";
import type { ExchangeTap } from "./exchange-tap.ts";
import { passableTrailers } from "./fields.ts";
import { flushHead } from "./flush-head.ts";
import { PausedClient } from "./paused-client.ts";

export interface RequestBody {
  readonly request: IncomingMessage;
  readonly outgoing: ClientRequest;
  readonly hasBody: boolean;
  readonly tap: ExchangeTap | null;
  readonly clock: Clock;
}

export function sendBody({ request, outgoing, hasBody, tap, clock }: RequestBody): void {
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
    const trailers = passableTrailers(request.rawTrailers);
    if (trailers.length > 0) outgoing.addTrailers(trailers);
    outgoing.end();
    tap?.requestEnd(trailers);
  });
}
