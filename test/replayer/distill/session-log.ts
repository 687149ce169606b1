/** Writes exchanges down in order, for tests of what is chosen of them. */

import { type Exchange, noBody } from "../../../model/exchange.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";
import { Distillation } from "../../../replayer/distill/distill.ts";

export interface Written {
  readonly lane?: string | null;
  /** `POST /carts` */
  readonly ask: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly answer?: unknown;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Absent = one after the other, ten milliseconds apart. */
  readonly at?: number;
  readonly tookMs?: number;
}

const json = { "content-type": "application/json" };

export function exchangesOf(written: readonly Written[]): Exchange[] {
  return written.map((one, index): Exchange => {
    const [method = "GET", target = "/"] = one.ask.split(" ");
    const list = (headers: Readonly<Record<string, string>>): [string, string][] => Object.entries(headers);
    const tookMs = milliseconds(one.tookMs ?? 1);
    const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    return {
      id: String(index),
      at: epochMs(one.at ?? index * 10),
      lane: one.lane === undefined ? "lane" : one.lane,
      labels: {},
      request: {
        method,
        target,
        version: "1.1",
        headers: [["host", "shop"], ...list(one.body === undefined ? {} : json), ...list(one.headers ?? {})],
        body: one.body === undefined ? noBody : { kind: "whole", bytes: bytes(one.body) },
      },
      outcome: {
        kind: "answered",
        answer: {
          status: one.status ?? 200,
          reason: "",
          headers: [...list(json), ...list(one.answerHeaders ?? {})],
          body: { kind: "whole", bytes: bytes(one.answer ?? {}) },
        },
        firstByteMs: tookMs,
        tookMs,
      },
    };
  });
}

/** What is kept of the exchanges, and what is said about it. */
export async function distilled(
  exchanges: readonly Exchange[],
  copies = 1,
): Promise<{ readonly ids: string[]; readonly distillation: Distillation }> {
  const open = async function* (): AsyncGenerator<Exchange> {
    yield* exchanges;
  };
  const distillation = new Distillation({ open, copies, endpoints: [] });
  await distillation.choose();
  const ids: string[] = [];
  for await (const { id } of distillation.exchanges()) ids.push(id);
  return { ids, distillation };
}
