/** A candidate whose address has the wrong scheme, or whose certificate does not do: one line says which, and what to do about it. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { certificate as cert, privateKey as key } from "../proxy/live/tls/loopback.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const certificateFile = fileURLToPath(new URL("../proxy/live/tls/loopback-cert.pem", import.meta.url));

describe("a replay to", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-tls-targets-"));
  const recording = itemsRecording(join(scratch, "items.ndjson"), 3);
  let plain: Service;
  let secure: Server;
  let securePort: number;
  let runs = 0;

  beforeAll(async () => {
    plain = await startService(itemsHandler("old"));
    secure = createServer({ cert, key }, (request, response) => itemsHandler("old")(request, response, ""));
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    securePort = (secure.address() as AddressInfo).port;
  });
  afterAll(async () => {
    secure.close();
    secure.closeAllConnections();
    await plain.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  function replayTo(candidate: string, env: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; stderr: string }> {
    const out = join(scratch, `run-${++runs}`);
    const options = ["--timeout", "2s", "--max-lateness", "1m", "--key-file", join(scratch, "key")];
    return runPenumbra(["replay", recording, "--candidate", candidate, "--control", plain.url, "--out", out, ...options], env);
  }

  it("https:// where plain HTTP is spoken says so", async () => {
    const candidate = plain.url.replace("http:", "https:");
    const { code, stderr } = await replayTo(candidate);
    expect(code).toBe(3);
    expect(stderr).toBe(
      `penumbra: the candidate at ${candidate} cannot be reached: TLS handshake failed: the server there speaks no TLS; nothing was sent; try ${plain.url}\n`,
    );
  });

  it("http:// where TLS is spoken says so, once it was asked in vain", async () => {
    const { code, stderr } = await replayTo(`http://127.0.0.1:${securePort}`);
    expect(code).not.toBe(0);
    expect(stderr).toBe(
      `penumbra: the candidate at http://127.0.0.1:${securePort}: it never answered, and the server there speaks TLS; try https://127.0.0.1:${securePort}\n`,
    );
  });

  it("a certificate that is not trusted says how to trust it, and that does", async () => {
    const candidate = `https://localhost:${securePort}`;
    const { code, stderr } = await replayTo(candidate);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /TLS handshake failed: its certificate is self-signed; nothing was sent; set NODE_EXTRA_CA_CERTS=FILE, a PEM file /,
    );
    const trusted = await replayTo(candidate, { NODE_EXTRA_CA_CERTS: certificateFile });
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
  });
});
