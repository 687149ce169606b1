/** CPU of the process that holds the users' connections, while nothing is recorded and while everything is: a closed loop over a few connections. */

import { once } from "node:events";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { cpuNanoseconds } from "../live-path/processes.ts";
import { traffic } from "./traffic.ts";

const connections = 16;
const answerBytes = 1000;
const answers = 500;
const nanosPerMicro = 1000;

/** @returns µs of CPU a request
 * @param requests of the measured part; a tenth more warm up */
export async function liveCpu(sample: "0%" | "100%", requests: number, scratch: string): Promise<number> {
  const bodies = [...traffic(answers, answerBytes)].map(({ answerBody }) => answerBody);
  let turn = 0;
  const primary = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" }).end(bodies[turn++ % bodies.length]);
  });
  primary.listen(0, "127.0.0.1");
  await once(primary, "listening");
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--primary", `http://127.0.0.1:${(primary.address() as AddressInfo).port}`, "--sample", sample],
    ...["--record", join(scratch, "recording"), "--key-file", join(scratch, "key")],
  ]);
  const pid = sidecar.process.pid ?? 0;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  await drive(sidecar.url, agent, requests / 10);
  const before = cpuNanoseconds(pid);
  await drive(sidecar.url, agent, requests);
  const spent = cpuNanoseconds(pid) - before;
  agent.destroy();
  await sidecar.stop();
  primary.close();
  primary.closeAllConnections();
  return spent / requests / nanosPerMicro;
}

async function drive(url: string, agent: Agent, requests: number): Promise<void> {
  let left = requests;
  const client = async (index: number): Promise<void> => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        const headers = { Cookie: `sid=${index}` };
        get(`${url}/api/v2/products?page=${left % 20}`, { agent, headers }, (answer) => answer.resume().once("end", resolve)).once(
          "error",
          reject,
        );
      });
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => client(index)));
}
