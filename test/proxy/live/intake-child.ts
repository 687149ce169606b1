/** A tiny observer for tests: reads copies from file descriptor 3 and prints each as one line of JSON. */

import { Socket } from "node:net";
import { systemClock } from "../../../model/clock.ts";
import type { Body, Exchange } from "../../../model/exchange.ts";
import { type CaptureListener, connectIntake } from "../../../proxy/observer/intake.ts";

/** What the parent reads from standard output. */
export type ChildLine =
  | {
      readonly kind: "exchange";
      readonly sequence: number;
      readonly exchange: Exchange;
      readonly requestBody: string;
      readonly answerBody: string;
    }
  | { readonly kind: "request"; readonly sequence: number }
  | { readonly kind: "abandoned"; readonly sequence: number; readonly reason: string };

const pipe = new Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
const print = (line: ChildLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const base64 = (body: Body): string => (body.kind === "whole" ? Buffer.from(body.bytes).toString("base64") : body.kind);
const listener: CaptureListener = {
  requestComplete: ({ sequence }) => {
    print({ kind: "request", sequence });
    connection.dispose(sequence, { part: "mirror", result: "done" });
  },
  exchangeComplete: ({ sequence, exchange }) => {
    const { request, outcome } = exchange;
    const strip = <T extends { body: Body }>(message: T): T => ({ ...message, body: { kind: "none" } });
    const lean: Exchange = {
      ...exchange,
      request: strip(request),
      outcome: outcome.kind === "answered" ? { ...outcome, answer: strip(outcome.answer) } : outcome,
    };
    const answerBody = outcome.kind === "answered" ? base64(outcome.answer.body) : "";
    print({ kind: "exchange", sequence, exchange: lean, requestBody: base64(request.body), answerBody });
    connection.dispose(sequence, { part: "record", result: "done" });
  },
  abandoned: ({ sequence, reason }) => print({ kind: "abandoned", sequence, reason }),
};
const connection = connectIntake(pipe, systemClock, { listener, labels: { service: "test" } });
connection.ready();
void connection.finished.then(() => connection.close());
