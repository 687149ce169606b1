/** The thread that judges for the dashboard (judge-thread.ts), as the dashboard sees it: it tells of reports by itself, and answers
 * questions in its own time. */

import { Worker } from "node:worker_threads";
import { PenumbraError } from "../../model/errors.ts";
import type { AcceptRequest } from "./accept-request.ts";
import type { Asked, Covered, Question, RunProblem, ThreadMessage, ThreadOptions } from "./judge-messages.ts";

const entry = new URL("./judge-thread.ts", import.meta.url);
/** Questions that may wait; a page asks one at a time. */
const mostWaiting = 64;

export interface JudgeListener {
  /** @param event the page's data, as JSON on one line */
  readonly onReport: (event: string, covered: Covered) => void;
  /** A sign of life, several times a second while it is not at work.
   * @param judged share of the log that the latest report covers */
  readonly onProgress: (judged: number) => void;
  /** @param problem with the run; null when there is none any more */
  readonly onProblem: (problem: RunProblem | null) => void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class BackgroundJudge {
  readonly #options: ThreadOptions;
  readonly #listener: JudgeListener;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #lastNumber = 0;

  constructor(options: ThreadOptions, listener: JudgeListener) {
    this.#options = options;
    this.#listener = listener;
  }

  start(): void {
    const thread = new Worker(entry, { workerData: this.#options });
    thread.on("message", (message: ThreadMessage) => this.#take(message));
    // It has no faults of its own: what it throws is this program's, and ends it.
    thread.on("error", (error) => {
      throw error;
    });
    this.#thread = thread;
  }

  /** More questions have to be refused. */
  get isBusy(): boolean {
    return this.#waiting.size >= mostWaiting;
  }

  /** @returns JSON; null when the exchange is no example, or no longer in the log */
  async sample(id: string): Promise<string | null> {
    return (await this.#ask({ kind: "sample", id })) as string | null;
  }

  /** @throws PenumbraError */
  async accept(request: AcceptRequest): Promise<{ readonly accepted: number; readonly file: string }> {
    return (await this.#ask({ kind: "accept", request })) as { readonly accepted: number; readonly file: string };
  }

  /** The run has ended: tells of the report of all of it, whatever that costs, and is gone. */
  async finish(): Promise<void> {
    const thread = this.#thread;
    if (thread === null) return;
    await this.#ask({ kind: "finish" });
    this.#thread = null;
    await thread.terminate();
  }

  #ask(question: Question): Promise<unknown> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#thread?.postMessage({ number, question } satisfies Asked);
    });
  }

  #take(message: ThreadMessage): void {
    switch (message.kind) {
      case "report":
        return this.#listener.onReport(message.event, message.covered);
      case "progress":
        return this.#listener.onProgress(message.judged);
      case "problem":
        return this.#listener.onProblem(message.problem);
      case "answer":
        return this.#settle(message.number)?.resolve(message.answer);
      case "refusal":
        return this.#settle(message.number)?.reject(new PenumbraError(message.code, message.message, message.hint));
      default:
        return message satisfies never;
    }
  }

  #settle(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }
}
