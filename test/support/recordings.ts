/** NDJSON recordings for tests, written by hand as a script of a user would. */

import { writeFileSync } from "node:fs";

export interface PlainExchange {
  readonly id: string;
  readonly at: number;
  readonly lane: string | null;
  readonly method?: string;
  readonly target: string;
  readonly requestBody?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body: string;
}

function ndjsonLine(exchange: PlainExchange): string {
  const requestHeaders = [["Host", "shop.example"], ...(exchange.requestBody === undefined ? [] : [["Content-Type", "application/json"]])];
  return JSON.stringify({
    id: exchange.id,
    at: exchange.at,
    lane: exchange.lane,
    labels: {},
    request: {
      method: exchange.method ?? "GET",
      target: exchange.target,
      version: "1.1",
      headers: requestHeaders,
      body: exchange.requestBody === undefined ? null : { text: exchange.requestBody },
    },
    outcome: {
      kind: "answered",
      status: exchange.status ?? 200,
      reason: "OK",
      headers: exchange.headers ?? [["Content-Type", "application/json"]],
      body: { text: exchange.body },
      firstByteMs: 1,
      tookMs: 2,
    },
  });
}

export function writeRecording(path: string, exchanges: readonly PlainExchange[]): string {
  writeFileSync(path, exchanges.map((exchange) => `${ndjsonLine(exchange)}\n`).join(""));
  return path;
}

/** `count` readers of /items/N, each in a lane of its own, as the old build answers. */
export function itemsRecording(path: string, count: number): string {
  const start = 1_763_798_400_000;
  const exchanges = Array.from({ length: count }, (_, index) => ({
    id: `e${index}`,
    at: start + index * 5,
    lane: `lane-${index}`,
    target: `/items/${index + 1}`,
    body: JSON.stringify({ id: index + 1, name: `item ${index + 1}`, price: (index + 1) * 2 }),
  }));
  return writeRecording(path, exchanges);
}
