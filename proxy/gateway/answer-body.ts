/** The rest of an answer after its head: body and trailers, to the client and to the tap. It ends for the client only when it has
 * ended for the primary.
 *
 *    client ◄──data── primary      a full buffer pauses the primary
 *         tap ◄──┘                                                    */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnswerPlan } from "./answer-plan.ts";
import type { ExchangeTap } from "./exchange-tap.ts";
import { mutable, pairsOf, passableTrailers } from "./fields.ts";
import { flushHead } from "./flush-head.ts";

export interface AnswerBody {
  readonly answer: IncomingMessage;
  /** Its head is written. */
  readonly response: ServerResponse;
  readonly plan: Extract<AnswerPlan, { kind: "pass" }>;
  readonly tap: ExchangeTap | null;
  /** Whether the connection to the primary has failed, or has ended as one that was cut does. */
  readonly isBroken: () => boolean;
  /** The answer stops without its end. */
  readonly cut: () => void;
}

export function passBody({ answer, response, plan, tap, isBroken, cut }: AnswerBody): void {
  const { socket } = response;
  const more = (): void => {
    answer.resume();
  };
  let hasEnded = false;
  socket?.on("drain", more);
  answer.on("data", (chunk: Buffer) => {
    if (!response.write(chunk)) answer.pause();
    tap?.answerData(chunk);
  });
  answer.once("end", () => {
    // Node ends a body that lasts until the close of its connection with a reset as well, and with a TLS that was cut.
    if (plan.lastsUntilClose && isBroken()) return;
    hasEnded = true;
    const given = pairsOf(answer.rawTrailers);
    tap?.answerEnd(given);
    const trailers = plan.takesTrailers && given.length > 0 ? passableTrailers(given, pairsOf(answer.rawHeaders)) : [];
    if (trailers.length > 0) response.addTrailers(mutable(trailers));
    response.end();
  });
  answer.once("close", () => {
    socket?.off("drain", more);
    if (!hasEnded) cut();
  });
  // A head whose body is long in coming (events, long polls) does not wait for it.
  setImmediate(() => {
    if (!hasEnded && !response.destroyed) flushHead(response);
  });
}
