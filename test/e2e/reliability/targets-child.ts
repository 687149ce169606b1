/** Candidate and control of a trial, in a process of their own. Both answer as the primary does until they are told to misbehave.
 *
 *    trial ──{ target, behaviour }──► this process        this process ──{ candidate, control }──► trial: ports, then misbehaviours */

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { readRequests } from "./request-reader.ts";
import { answerBytes } from "./traffic.ts";

export type TargetName = "candidate" | "control";
/** What a target does with requests. */
export type Behaviour = "healthy" | "refused" | "black hole" | "one byte a second" | "endless answer" | "reset mid-body" | "garbage";

/** null = tell how often each has misbehaved. */
export type Order = { readonly target: TargetName; readonly behaviour: Behaviour } | null;
export type Misbehaved = Readonly<Record<TargetName, number>>;
export type Ports = Readonly<Record<TargetName, number>>;

const loopback = "127.0.0.1";
const oneSecondMs = 1000;
const longHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
const piece = Buffer.alloc(64 * 1024, "endless ");
const noHttp = Buffer.from("\x16\x03\x01\x02\x00\x01\x00\x00 this is no HTTP \0\r\n\r\n\xff\xfe", "latin1");

class MisbehavingTarget {
  readonly server: Server;
  /** Requests that were not answered as they should have been. */
  misbehaved = 0;
  #behaviour: Behaviour = "healthy";
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  become(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    if (behaviour !== "refused") return;
    this.server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
    readRequests(socket, (request) => {
      if (this.#behaviour !== "healthy") this.misbehaved++;
      switch (this.#behaviour) {
        case "healthy":
          if (request !== null) socket.write(answerBytes(request.number, request.form));
          return;
        case "refused":
          socket.resetAndDestroy();
          return;
        case "black hole":
          return;
        case "one byte a second":
          drip(socket);
          return;
        case "endless answer":
          pour(socket);
          return;
        case "reset mid-body":
          socket.write(`${longHead}{"item":`, () => socket.resetAndDestroy());
          return;
        case "garbage":
          socket.write(noHttp);
          return;
        default:
          this.#behaviour satisfies never;
      }
    });
  }
}

function drip(socket: Socket): void {
  socket.write(longHead);
  const dripping = setInterval(() => socket.write("x"), oneSecondMs);
  socket.once("close", () => clearInterval(dripping));
}

/** As fast as it is read, until the reader has had enough. */
function pour(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
  const on = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on("drain", on);
  on();
}

async function portOf(target: MisbehavingTarget): Promise<number> {
  target.server.listen(0, loopback);
  await once(target.server, "listening");
  return (target.server.address() as AddressInfo).port;
}

// What pours without end must not take the processor from those who are measured.
setPriority(constants.priority.PRIORITY_LOW);
const targets: Readonly<Record<TargetName, MisbehavingTarget>> = { candidate: new MisbehavingTarget(), control: new MisbehavingTarget() };
process.on("message", (order: Order) => {
  if (order !== null) targets[order.target].become(order.behaviour);
  process.send?.({ candidate: targets.candidate.misbehaved, control: targets.control.misbehaved } satisfies Misbehaved);
});
process.on("disconnect", () => process.exit());
process.send?.({ candidate: await portOf(targets.candidate), control: await portOf(targets.control) } satisfies Ports);
