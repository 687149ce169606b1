/** Trailers by the real command line: from the wire into the recording, redacted, and to whoever looks at it. */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";

it("trailers are recorded with their exchange, redacted like headers, and shown by inspect", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-trailers-"));
  const recording = join(scratch, "recording");
  const secret = "hunter2-Zm9vYmFy";
  const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\nX-Api-Key: ${secret}\r\n\r\n`;
  const server = createServer((socket) => socket.once("data", () => socket.end(answer)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", `http://127.0.0.1:${port}`],
    ...["--sample", "100%", "--record", recording, "--key-file", join(scratch, "key")],
  ]);
  const client = connect({ host: "127.0.0.1", port: Number(new URL(sidecar.url).port) });
  client.write("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Asked: yes\r\n\r\n");
  client.resume();
  await once(client, "close");
  expect((await sidecar.stop()).code).toBe(0);
  server.close();

  const listed = await runPenumbra(["inspect", recording, "--limit", "1", "--json"]);
  const { id, request, outcome } = JSON.parse(listed.stdout) as { id: string; request: object; outcome: object };
  expect(request).toMatchObject({ trailers: [["X-Asked", "yes"]] });
  expect(outcome).toMatchObject({
    trailers: [
      ["X-Sum", "7"],
      ["X-Api-Key", expect.stringMatching(/^tok_/)],
    ],
  });
  const shown = await runPenumbra(["inspect", recording, id]);
  expect(shown.stdout).toMatch(/hi\n\n\(trailers\)\nX-Sum: 7\nX-Api-Key: tok_/);
  expect(shown.stdout).not.toContain(secret);
  rmSync(scratch, { recursive: true, force: true });
});
