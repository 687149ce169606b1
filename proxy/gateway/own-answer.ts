/** Answers of the gateway's own: refusals, and a primary that does not answer. They say who speaks. */

import type { ServerResponse } from "node:http";
import type { HeaderList } from "../../model/exchange.ts";

export interface OwnAnswer {
  readonly status: number;
  /** "" = no body. */
  readonly text: string;
  readonly fields: HeaderList;
  /** The connection ends after it. */
  readonly isLast: boolean;
}

export function writeOwnAnswer(response: ServerResponse, { status, text, fields, isLast }: OwnAnswer): void {
  const body = Buffer.from(text === "" ? "" : `penumbra: ${text}\n`);
  const own: HeaderList = [
    ...(text === "" ? [] : [["Content-Type", "text/plain"] as const]),
    ["Content-Length", String(body.length)],
    ...(isLast ? [["Connection", "close"] as const] : []),
  ];
  response.writeHead(status, [...fields, ...own].flat());
  response.end(body);
}
