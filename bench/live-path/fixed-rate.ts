/** Open-loop load at a fixed rate: `node fixed-rate.ts PORT PATH RATE SECONDS CONNECTIONS` prints latencies as JSON.
 * A latency counts from the moment at which the request was due, so that a stalled proxy cannot hide its stall by
 * holding back the load (coordinated omission). A request that finds every connection busy waits, and its wait counts. */

import { connect, type Socket } from "node:net";

export interface FixedRateResult {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answered: number;
  readonly unanswered: number;
}

/** Every request belongs to one of so many sessions, so that a share of sessions is a share of requests. */
export const sessions = 10_000;
/** Coprime to it: all sessions in turn, neighbours far apart. */
export const sessionStep = 7919;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const [port, path, rate, seconds, connections] = process.argv.slice(2);
  const result = await run(Number(port), path ?? "/", Number(rate), Number(seconds), Number(connections));
  console.log(JSON.stringify(result));
  process.exit();
}

async function run(port: number, path: string, rate: number, seconds: number, connections: number): Promise<FixedRateResult> {
  const requests = Array.from({ length: sessions }, (_, session) =>
    Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\nCookie: theme=dark; sid=${session + 1}; lang=en\r\n\r\n`,
    ),
  );
  let session = 0;
  const latencies: number[] = [];
  const idle: Socket[] = [];
  const waiting: number[] = [];
  const send = (socket: Socket, due: number): void => {
    dueOf.set(socket, due);
    session = (session + sessionStep) % sessions;
    socket.write(requests[session] ?? "");
  };
  const dueOf = new Map<Socket, number>();
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true });
      let left = -1;
      socket.once("error", reject);
      socket.once("connect", () => resolve(socket));
      socket.on("data", (chunk: Buffer) => {
        if (left < 0) {
          const head = chunk.indexOf("\r\n\r\n");
          left = Number(/content-length: (\d+)/i.exec(chunk.toString("latin1", 0, head))?.[1]) - (chunk.length - head - 4);
        } else {
          left -= chunk.length;
        }
        if (left > 0) return;
        left = -1;
        latencies.push(performance.now() - (dueOf.get(socket) ?? 0));
        const next = waiting.shift();
        if (next === undefined) idle.push(socket);
        else send(socket, next);
      });
    });
  idle.push(...(await Promise.all(Array.from({ length: connections }, open))));
  const total = Math.floor(rate * seconds);
  const start = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = start + (sent * 1000) / rate;
    if (performance.now() < due) {
      // Spinning between the turns of the event loop keeps the due times exact; a timer would be late by up to a millisecond.
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const socket = idle.pop();
    if (socket === undefined) waiting.push(due);
    else send(socket, due);
    sent++;
  }
  const graceMs = 1000;
  const end = performance.now() + graceMs;
  while (latencies.length < total && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  // What never came is as late as the end of the round, at least.
  const unanswered = total - latencies.length;
  for (let each = 0; each < unanswered; each++) latencies.push(performance.now() - start);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Number((latencies[Math.floor(share * (latencies.length - 1))] ?? 0).toFixed(3));
  return { p50: at(0.5), p99: at(0.99), answered: total - unanswered, unanswered };
}
