/** A service with state: people log in, work on projects with tasks, notes, uploads and a basket, and log out. It makes up
 * names of every kind (cookies, CSRF tokens, a JWT, UUIDs, short and numbered ids, ETags, cursors), wants them back in every
 * kind of place, and refuses whatever does not fit: 401, 403, 404, 409, 412.
 *
 *    GET /login ─ visit, CSRF ─► POST /login ─ sid, ticket ─► GET /welcome ─ CSRF ─► POST /api/token ─ JWT ─► everything else */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Call, Refusal, type Reply, readCall, sendReply } from "./call.ts";
import { entranceRoutes } from "./entrance.ts";
import { Ids } from "./ids.ts";
import { noteRoutes } from "./notes.ts";
import { projectRoutes } from "./projects.ts";
import type { Build, Routes, State } from "./state.ts";
import { uploadRoutes } from "./uploads.ts";

export interface Studio {
  readonly url: string;
  /** "404 GET /projects": refusals by kind, with how many there were. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly answers: () => number;
  close(): Promise<void>;
}

const routes: Routes = { ...entranceRoutes, ...projectRoutes, ...noteRoutes, ...uploadRoutes };

export async function startStudio(seed: number, build: Build = "equal"): Promise<Studio> {
  const state: State = { ids: new Ids(seed), build, visits: new Map(), sessions: new Map(), projects: new Map() };
  const refusals = new Map<string, number>();
  let answers = 0;
  const server = createServer((message, response) => {
    void (async () => {
      const call = await readCall(message);
      const reply = await replyTo(`${message.method}`, call, state);
      answers += 1;
      const kind = `${reply.status} ${message.method} /${call.path[0]}`;
      if (reply.status >= 400) refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
      setTimeout(() => sendReply(response, reply), state.ids.pauseMs());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    refusals,
    answers: () => answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function replyTo(method: string, call: Call, state: State): Promise<Reply> {
  const handler = Object.entries(routes).find(([route]) => matches(route, method, call.path))?.[1];
  try {
    if (handler === undefined) throw new Refusal(404, "no such place");
    return await handler(call, state);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 400;
    return { status, headers: { "content-type": "text/plain" }, body: error instanceof Error ? error.message : "" };
  }
}

function matches(route: string, method: string, path: readonly string[]): boolean {
  const [routeMethod, pattern = ""] = route.split(" ");
  const segments = pattern.split("/").slice(1);
  return (
    routeMethod === method &&
    segments.length === path.length &&
    segments.every((segment, index) => segment.startsWith(":") || segment === path[index])
  );
}
