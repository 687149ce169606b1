/** A target that keeps what happened in which order, and answers when the test lets it.
 *
 *    request ──► "begin x7" in the log ──► the hold of the test resolves ──► "end x7" in the log ──► answer
 *
 * "End" is noted before the answer leaves: who waits for an answer cannot begin before it. */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Happened {
  readonly what: "begin" | "end";
  readonly id: string;
}

export interface RecordingTarget {
  readonly url: string;
  readonly log: readonly Happened[];
  close(): Promise<void>;
}

/** Of the request header with the exchange's id. */
export const idHeader = "X-Exchange";

/** @param hold what an answer waits for; resolves at once where there is nothing */
export async function startRecordingTarget(hold: (id: string) => Promise<void>): Promise<RecordingTarget> {
  const log: Happened[] = [];
  const answer = async (id: string, response: ServerResponse): Promise<void> => {
    await hold(id);
    log.push({ what: "end", id });
    response.setHeader("Content-Type", "text/plain");
    response.end("done");
  };
  const server = createServer((request, response) => {
    const id = String(request.headers[idHeader.toLowerCase()]);
    log.push({ what: "begin", id });
    request.resume();
    void answer(id, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
