/** The processes of the replay benches: the services, and children that print one JSON line at their end. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Pace } from "../../replayer/schedule.ts";
import { endProgram, freePort, loopback, startProgram } from "../live-path/processes.ts";
import type { Load } from "./autocannon-peer.ts";
import type { Played } from "./player.ts";

export interface Service {
  readonly url: string;
  readonly port: number;
  /** When each request came, by number, and forgets it; null = it did not come. */
  arrivals(): Promise<readonly (number | null)[]>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const player = fileURLToPath(new URL("./player.ts", import.meta.url));
const peer = fileURLToPath(new URL("./autocannon-peer.ts", import.meta.url));
const serviceFile = fileURLToPath(new URL("./service.ts", import.meta.url));

export async function startService(): Promise<Service> {
  const port = await freePort();
  const child = await startProgram(process.execPath, [serviceFile, String(port)], port);
  const url = `http://${loopback}:${port}`;
  return {
    url,
    port,
    arrivals: async () => (await (await fetch(`${url}/arrivals`)).json()) as (number | null)[],
    stop: () => endProgram(child),
  };
}

export interface Play {
  readonly recording: string;
  readonly out: string;
  readonly pace: Pace;
  readonly targets: readonly Service[];
}

export function play({ recording, out, pace, targets }: Play): Promise<Played> {
  return printed<Played>(process.execPath, [player, recording, out, JSON.stringify(pace), ...targets.map(({ url }) => url)]);
}

export function autocannonLoad(service: Service, connections: number, seconds: number): Promise<Load> {
  return printed<Load>(process.execPath, [peer, String(service.port), String(connections), String(seconds)]);
}

async function printed<T>(command: string, args: readonly string[]): Promise<T> {
  const { stdout } = await run(command, args);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}
