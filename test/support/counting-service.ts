/** A service with state for tests that kill replays: it keeps how often each request came, by an id that the request carries. */

import { type Service, startService } from "./service.ts";

export interface CountingService extends Service {
  /** Arrivals by the id in `x-request`. */
  readonly arrivals: ReadonlyMap<string, number>;
}

/** Answers everything with 200, after up to `slowestMs`, which hangs on the id: the same request always takes as long. */
export async function startCountingService(slowestMs: number): Promise<CountingService> {
  const arrivals = new Map<string, number>();
  const service = await startService((request, response) => {
    const id = String(request.headers["x-request"] ?? "");
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1);
    const spread = 7919;
    const delayMs = slowestMs === 0 ? 0 : (Number(/\d+/.exec(id)?.[0] ?? 0) * spread) % slowestMs;
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true }));
    }, delayMs);
  });
  return { ...service, arrivals };
}
