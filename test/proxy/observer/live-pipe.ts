/** An observer of its own in this process, with a pipe that the test writes to, as the live process would. */

import { type Duplex, duplexPair } from "node:stream";
import { type Clock, systemClock } from "../../../model/clock.ts";
import type { RunEntry } from "../../../model/observation.ts";
import { epochMs, monotonicMs, ratio } from "../../../model/units.ts";
import { MessageDecoder } from "../../../proxy/handover/message-decoder.ts";
import { MessageWriter } from "../../../proxy/handover/message-writer.ts";
import { type ObserverOptions, runObserver } from "../../../proxy/observer/observer.ts";
import type { ObserverLog } from "../../../proxy/observer/observer-log.ts";
import { openRun } from "../../../recording/run.ts";

export const quiet: ObserverLog = { info: () => {}, warn: () => {} };

/** Stands for the live process: hands copies over and keeps what the observer says. */
export class LivePipe {
  readonly said: string[] = [];
  readonly observer: Promise<void>;
  readonly #pipe: Duplex;
  readonly #writer: MessageWriter;
  #onSaid = (): void => {};

  constructor(observerOptions: ObserverOptions, log: ObserverLog = quiet, clock: Clock = systemClock) {
    const [live, observed] = duplexPair();
    this.#pipe = live;
    this.#writer = new MessageWriter((bytes) => live.write(bytes));
    const decoder = new MessageDecoder((message) => {
      if (message.kind === "disposition") this.said.push(`${message.sequence} ${message.disposition.part} ${message.disposition.result}`);
      else if (message.kind === "ready") this.said.push("ready");
      this.#onSaid();
    });
    live.on("data", (chunk: Buffer) => decoder.push(chunk));
    this.#writer.hello(observerOptions.epoch);
    this.#writer.flush();
    this.observer = runObserver(observerOptions, observed, log, clock);
  }

  exchange(sequence: number, requestHead: string, answerBody: string, lane?: string): void {
    this.request(sequence, requestHead, "", lane);
    this.answer(sequence, answerBody);
  }

  request(sequence: number, requestHead: string, body: string = "", lane: string = "lane"): void {
    const head = Buffer.from(`${requestHead}\r\n\r\n`, "latin1");
    const now = performance.timeOrigin + performance.now();
    this.#writer.requestHead(
      { sequence, connection: 1, index: sequence, at: epochMs(now), monotonic: monotonicMs(now), inclusion: ratio(1), lane },
      head,
      0,
      head.length,
    );
    const bytes = Buffer.from(body);
    if (bytes.length > 0) this.#writer.requestData(sequence, bytes, 0, bytes.length);
    this.#writer.requestEnd(sequence, monotonicMs(now));
    this.#writer.flush();
  }

  answer(sequence: number, body: string): void {
    const head = Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "latin1");
    const now = monotonicMs(performance.timeOrigin + performance.now());
    const bytes = Buffer.from(body);
    this.#writer.answerHead(sequence, now, head, 0, head.length);
    this.#writer.answerData(sequence, bytes, 0, bytes.length);
    this.#writer.answerEnd(sequence, now);
    this.#writer.flush();
  }

  /** Resolves when the observer has said this, or as many things that the pattern fits. */
  async hears(pattern: RegExp, times: number = 1): Promise<void> {
    while (this.said.filter((word) => pattern.test(word)).length < times) {
      await new Promise<void>((resolve) => {
        this.#onSaid = resolve;
      });
    }
  }

  /** Nothing that the observer says is taken until `listen`. */
  deafen(): void {
    this.#pipe.pause();
  }

  listen(): void {
    this.#pipe.resume();
  }

  async end(): Promise<void> {
    this.#pipe.end();
    await this.observer;
  }
}

export async function logged(path: string): Promise<RunEntry[]> {
  const entries: RunEntry[] = [];
  for await (const entry of (await openRun(path)).entries()) entries.push(entry);
  return entries;
}
