/** Many idle connections, held by child processes so that no process runs out of file descriptors:
 * `node idle-connections.ts PORT COUNT` opens them, each with one request answered, and prints how many are open. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

const perProcess = 2500;

export interface HeldConnections {
  readonly open: number;
  end(): Promise<void>;
}

export async function holdIdle(port: number, count: number): Promise<HeldConnections> {
  const own = fileURLToPath(import.meta.url);
  const children = Array.from({ length: Math.ceil(count / perProcess) }, (_, index) =>
    spawn(process.execPath, [own, String(port), String(Math.min(perProcess, count - index * perProcess))], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  let open = 0;
  for (const child of children) {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    open += Number(line.toString());
  }
  return {
    open,
    async end() {
      for (const child of children) {
        child.kill();
        await once(child, "exit");
      }
    },
  };
}

if (import.meta.main) {
  const [port, count] = process.argv.slice(2).map(Number);
  let open = 0;
  for (let each = 0; each < (count ?? 0); each++) {
    const socket = connect({ host: "127.0.0.1", port: port ?? 0, noDelay: true });
    const reached = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]);
    if (!reached) continue;
    socket.on("error", () => undefined);
    socket.write("GET /small HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    await once(socket, "data");
    open++;
  }
  console.log(open);
}
