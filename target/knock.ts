/** Connects to a target once, without asking it anything.
 *
 *    http:   TCP ──────────────────────► null | problem
 *    https:  TCP ─ TLS, certificate ───► null | problem                                                                         */

import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import type { Clock } from "../model/clock.ts";
import { type Milliseconds, milliseconds } from "../model/units.ts";
import { addressOf, serverNameOf } from "./address.ts";
import { type ConnectionProblem, connectionProblem } from "./connection-problem.ts";

export interface Knock {
  readonly limit: Milliseconds;
  readonly clock: Clock;
}

/** null = a connection came about, with https a secure one. */
export async function knock(url: URL, how: Knock): Promise<ConnectionProblem | null> {
  const address = addressOf(url);
  const isSecure = url.protocol === "https:";
  const socket = isSecure ? connectSecurely({ ...address, servername: serverNameOf(address.host) }) : connect(address);
  const end = await firstOf(socket, isSecure ? "secureConnect" : "connect", how);
  if (end === "connected") return null;
  if (end === "too late") return { what: `no connection within ${how.limit} ms`, next: "start it and try again" };
  return connectionProblem(url, end);
}

/** Whether the server greets with TLS, whoever its certificate is for. */
export async function speaksTls(url: URL, how: Knock): Promise<boolean> {
  const { host, port } = addressOf(url);
  // Nothing is said to it: only the handshake counts, so nobody has to be trusted.
  const socket = connectSecurely({ host, port, servername: serverNameOf(host), rejectUnauthorized: false });
  return (await firstOf(socket, "secureConnect", how)) === "connected";
}

function firstOf(socket: Socket, event: "connect" | "secureConnect", { limit, clock }: Knock): Promise<"connected" | "too late" | Error> {
  return new Promise((resolve) => {
    const finish = (end: "connected" | "too late" | Error): void => {
      cancelDeadline();
      socket.destroy();
      resolve(end);
    };
    const cancelDeadline = clock.after(milliseconds(limit), () => finish("too late"));
    socket.once(event, () => finish("connected"));
    // It stays for what comes after the end.
    socket.on("error", finish);
  });
}
