/** A tiny observer for tests: reads copies from file descriptor 3 and prints each as one line of JSON. */

import { createHash } from "node:crypto";
import { Socket } from "node:net";
import { systemClock } from "../../../model/clock.ts";
import type { Body, Exchange } from "../../../model/exchange.ts";
import { type CaptureListener, connectIntake } from "../../../proxy/observer/intake.ts";
import type { BodyDigest } from "./bodies.ts";

/** What the parent reads from standard output. */
export type ChildLine =
  | {
      readonly kind: "exchange";
      readonly sequence: number;
      /** Without bodies: their digests stand beside it. */
      readonly exchange: Exchange;
      readonly requestBody: BodyDigest;
      /** null = no answer. */
      readonly answerBody: BodyDigest | null;
    }
  | { readonly kind: "request"; readonly sequence: number }
  | { readonly kind: "abandoned"; readonly sequence: number; readonly reason: string };

const pipe = new Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
const print = (line: ChildLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const digest = (body: Body): BodyDigest => {
  switch (body.kind) {
    case "none":
      return { length: 0, sha256: sha256(Buffer.alloc(0)) };
    case "whole":
      return { length: body.bytes.length, sha256: sha256(body.bytes) };
    case "capped":
      return { length: body.length, sha256: body.sha256 };
    default:
      return body satisfies never;
  }
};
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
    const answerBody = outcome.kind === "answered" ? digest(outcome.answer.body) : null;
    print({ kind: "exchange", sequence, exchange: lean, requestBody: digest(request.body), answerBody });
    connection.dispose(sequence, { part: "record", result: "done" });
  },
  abandoned: ({ sequence, reason }) => print({ kind: "abandoned", sequence, reason }),
};
const connection = connectIntake(pipe, systemClock, { listener, labels: { service: "test" } });
connection.ready();
void connection.finished.then(() => connection.close());
