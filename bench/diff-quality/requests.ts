/** A request while it is made. */

import type { HttpRequest } from "../../model/exchange.ts";

export interface RequestDraft {
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: ReadonlyMap<string, string>;
  /** Other than null: a POST. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

export function requestOf(path: string, { query, headers, cookies, body }: RequestDraft): HttpRequest {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return {
    method: body === null ? "GET" : "POST",
    target: `${path}?${new URLSearchParams([...query]).toString()}`,
    version: "1.1",
    headers: [
      ["host", "shop"],
      ["cookie", cookie],
      ...[...headers].map(([name, value]) => [name, value] as const),
      ...(body === null ? [] : [["content-type", "application/json"] as const]),
    ],
    body: body === null ? { kind: "none" } : { kind: "whole", bytes: Buffer.from(JSON.stringify(body)) },
  };
}
