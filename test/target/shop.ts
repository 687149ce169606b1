/** A small stateful service in several builds, and recorded sessions of its users, for the tests of target/. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "../../model/clock.ts";
import { type HttpRequest, headerValue, type Outcome } from "../../model/exchange.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import type { EpochMs } from "../../model/units.ts";
import type { Target } from "../../target/target.ts";
import { bodyOf, httpServer, jsonRequest, request } from "./servers.ts";

export interface Recorded {
  readonly id: string;
  readonly lane: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly request: HttpRequest;
  readonly outcome: Outcome;
}

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";

/** Login by cookie, comments with sequential numbers or random names, answers after a random moment. */
export async function shop(ids: "sequential" | "random", seed: number): Promise<string> {
  const random = seededRandom(seed);
  const sessions = new Set<string>();
  const comments = new Map<string, unknown>();
  let last = 14;

  const answer = (response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await bodyOf(message);
    const value: unknown = text === "" ? null : JSON.parse(text);
    await new Promise((resolve) => setTimeout(resolve, random.below(3)));
    const [, kind, id] = (message.url ?? "").split("/");
    if (kind === "login") {
      const sid = name(random);
      sessions.add(sid);
      return answer(response, 200, { user: 7 }, { "set-cookie": `sid=${sid}; Path=/` });
    }
    if (!sessions.has(/sid=([^;]+)/.exec(message.headers.cookie ?? "")?.[1] ?? "")) return answer(response, 401, {});
    if (kind !== "comments") return answer(response, 404, {});
    if (message.method === "POST") {
      const fresh = ids === "sequential" ? `${++last}` : name(random);
      comments.set(fresh, value);
      return answer(response, 201, { id: ids === "sequential" ? Number(fresh) : fresh, value }, { location: `/comments/${fresh}` });
    }
    if (id === undefined || !comments.has(id)) return answer(response, 404, {});
    if (message.method === "PUT") comments.set(id, value);
    const held = comments.get(id);
    if (message.method === "DELETE") comments.delete(id);
    return answer(response, 200, held);
  };
  return await httpServer((message, response) => void handle(message, response));
}

/** Records users who log in, then write, read, change and delete one comment each, side by side. */
export async function recordSessions(primary: Target, users: number): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  const user = async (lane: string): Promise<void> => {
    const ask = async (asked: HttpRequest): Promise<Outcome> => {
      const startedAt = systemClock.now();
      const outcome = await primary.send(asked);
      recorded.push({ id: `${lane}-${recorded.length}`, lane, startedAt, endedAt: systemClock.now(), request: asked, outcome });
      return outcome;
    };
    const login = await ask(request("POST", "/login"));
    const cookie = login.kind === "answered" ? (headerValue(login.answer.headers, "set-cookie") ?? "").replace(/;.*/, "") : "";
    const headers: [string, string][] = [["Cookie", cookie]];
    const created = await ask(jsonRequest("POST", "/comments", { text: `of ${lane}` }, headers));
    const place = created.kind === "answered" ? (headerValue(created.answer.headers, "location") ?? "") : "";
    await ask(request("GET", place, headers));
    await ask(jsonRequest("PUT", place, { text: `again of ${lane}` }, headers));
    await ask(request("GET", place, headers));
    await ask(request("DELETE", place, headers));
    await ask(request("GET", place, headers));
  };
  await Promise.all(Array.from({ length: users }, (_, index) => user(`lane ${index}`)));
  return recorded.sort((a, b) => a.startedAt - b.startedAt);
}

function name(random: Random): string {
  return Array.from({ length: 11 }, () => letters[random.below(letters.length)]).join("");
}
