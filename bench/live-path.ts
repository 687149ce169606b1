/** What the sidecar's live process costs per request, beside a bare byte splice in the same run.
 *
 *    load (this process) ──► proxy under test (own process) ──► primary (own process)
 *
 * CPU is read from the proxy process alone, rounds are interleaved, medians are printed; the last line is one JSON object. */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { systemClock } from "../model/clock.ts";
import { seededRandom } from "../model/random.ts";
import { ratio } from "../model/units.ts";
import { startSidecar } from "../proxy/live/sidecar.ts";
import { SpliceEntrance } from "../proxy/live/splice-entrance.ts";

const loopback = "127.0.0.1";
const connections = 32;
const requestsPerRound = 20_000;
const rounds = 5;
const request = Buffer.from(
  "GET /api/items/42?verbose=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench/1.0 (X11; Linux x86_64)\r\nAccept: application/json\r\n" +
    "Accept-Encoding: gzip, br\r\nCookie: theme=dark; sid=0123456789abcdef0123456789abcdef; lang=en\r\nConnection: keep-alive\r\n\r\n",
);

type Role = { kind: "primary" } | { kind: "splice"; primary: number } | { kind: "sidecar"; primary: number; rate: number };
type Told = { port: number } | { cpuMicros: number };

const playedRole = process.argv[2];
if (playedRole === undefined) await measure();
else await play(JSON.parse(playedRole) as Role);

/** A process under measurement: tells its port, then its CPU time whenever it is asked. */
async function play(role: Role): Promise<void> {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system } satisfies Told);
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ port: await portOf(role) } satisfies Told);
}

async function portOf(role: Role): Promise<number> {
  switch (role.kind) {
    case "primary": {
      const server = createHttpServer((_, response) => response.end("a 20 byte answer...\n"));
      return listening(server.listen(0, loopback));
    }
    case "splice":
      return listening(createServer({ noDelay: true }, (socket) => splice(socket, role.primary)).listen(0, loopback));
    case "sidecar": {
      const child = fileURLToPath(new URL("../test/proxy/live/intake-child.ts", import.meta.url));
      const sidecar = await startSidecar({
        listen: { host: loopback, port: 0 },
        entrance: (surroundings) =>
          new SpliceEntrance({ primary: new URL(`http://${loopback}:${role.primary}`), clock: systemClock }, surroundings),
        sampling: { rate: ratio(role.rate), enabled: true },
        laneKey: { kind: "connection" },
        key: new Uint8Array(16),
        admin: null,
        clock: systemClock,
        random: seededRandom(1),
        spawnObserver: () => spawn(process.execPath, [child], { stdio: ["ignore", "ignore", "inherit", "pipe"] }),
        log: () => undefined,
      });
      return sidecar.address.port;
    }
    default:
      return role satisfies never;
  }
}

function listening(server: {
  once(event: "listening", then: () => void): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  return new Promise((resolve) => server.once("listening", () => resolve((server.address() as AddressInfo).port)));
}

function splice(client: Socket, port: number): void {
  const primary = connect({ host: loopback, port, noDelay: true });
  client.on("data", (chunk) => primary.write(chunk));
  primary.on("data", (chunk) => client.write(chunk));
  for (const [one, other] of [
    [client, primary],
    [primary, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}

async function measure(): Promise<void> {
  const primary = await start({ kind: "primary" });
  const roles: [string, Role][] = [
    ["bare splice", { kind: "splice", primary: primary.port }],
    ["sidecar 0 %", { kind: "sidecar", primary: primary.port, rate: 0 }],
    ["sidecar 1 %", { kind: "sidecar", primary: primary.port, rate: 0.01 }],
    ["sidecar 100 %", { kind: "sidecar", primary: primary.port, rate: 1 }],
  ];
  const proxies = await Promise.all(roles.map(async ([name, role]) => ({ name, micros: [] as number[], ...(await start(role)) })));
  for (let round = -1; round < rounds; round++) {
    for (const proxy of proxies) {
      const before = await cpuOf(proxy.process);
      await load(proxy.port);
      const after = await cpuOf(proxy.process);
      if (round >= 0) proxy.micros.push((after - before) / requestsPerRound); // the first round warms up
    }
  }
  for (const { process: child } of [primary, ...proxies]) child.disconnect();
  const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const cpuMicros = Object.fromEntries(proxies.map(({ name, micros }) => [name, Number(median(micros).toFixed(1))]));
  const base = cpuMicros["bare splice"] ?? 1;
  for (const [name, micros] of Object.entries(cpuMicros))
    console.log(`${name.padEnd(14)} ${micros} µs CPU per request, ${(micros / base).toFixed(2)} × bare splice`);
  console.log(JSON.stringify({ bench: "live-path", node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, cpuMicros }));
}

async function start(role: Role): Promise<{ process: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(role)]);
  const told = await answer(child);
  if (!("port" in told)) throw new Error(`${role.kind} did not tell its port`);
  return { process: child, port: told.port };
}

function answer(child: ChildProcess): Promise<Told> {
  return new Promise((resolve) => child.once("message", (told) => resolve(told as Told)));
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const told = await answer(child);
  return "cpuMicros" in told ? told.cpuMicros : 0;
}

/** Closed loop over keep-alive connections; an answer is whole when its known length has come. */
async function load(port: number): Promise<void> {
  let left = requestsPerRound;
  const lone = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: loopback, port, noDelay: true });
      const next = (): void => {
        if (left-- > 0) socket.write(request);
        else socket.end();
      };
      socket.on("connect", next);
      socket.on("data", (chunk: Buffer) => {
        if (chunk.includes("a 20 byte answer...\n")) next();
      });
      socket.on("close", () => resolve());
      socket.on("error", reject);
    });
  await Promise.all(Array.from({ length: connections }, lone));
}
