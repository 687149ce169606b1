/** The peer from npm in a process of its own: `node autocannon-peer.ts PORT CONNECTIONS SECONDS` sends the same requests as the
 * replay, without pipelining, and prints how many it sent and what they cost as JSON. */

import autocannon from "autocannon";
import { exchangeOf } from "./traffic.ts";

export interface Load {
  readonly requests: number;
  readonly cpuMicros: number;
}

/** Different requests; each connection sends them in turn. */
const pool = 1000;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const [port, connections = 1, duration = 1] = process.argv.slice(2).map(Number);
  const requests = Array.from({ length: pool }, (_, number) => {
    const { method, target, headers, body } = exchangeOf(number, 0).request;
    const sent = Object.fromEntries(headers.filter(([name]) => name !== "Content-Length"));
    return { method, path: target, headers: sent, ...(body.kind === "whole" ? { body: Buffer.from(body.bytes) } : {}) };
  });
  const before = process.cpuUsage();
  const result = await autocannon({ url: `http://127.0.0.1:${port}`, connections, duration, requests });
  const { user, system } = process.cpuUsage(before);
  const load: Load = { requests: result.requests.total, cpuMicros: user + system };
  console.log(JSON.stringify(load));
}
