import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { type ProductionAddress, refuseProduction } from "../../cli/production-targets.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const known = {
  own: ["box", "10.0.0.5"],
  addresses: new Map([
    ["shop.example", ["203.0.113.7"]],
    ["www.shop.example", ["203.0.113.7"]],
    ["here", ["127.0.0.1"]],
  ]),
};
const primary = (host: string, port: number): ProductionAddress => ({ host, port, what: "recorded in front of it", isHostField: false });
const hostField = (host: string, port: number): ProductionAddress => ({ host, port, what: `Host: ${host}`, isHostField: true });
const refuse = (production: ProductionAddress, candidate: string, allowed: readonly string[] = []): void =>
  refuseProduction({ candidate, controls: ["http://control:9002"], allowed }, [production], known);
const isProduction = expect.objectContaining({ code: "TARGET_IS_PRODUCTION" });

describe("the recorded production host", () => {
  it.each([
    "http://127.0.0.1:9000",
    "http://localhost:9000",
    "http://LOCALHOST.:9000",
    "http://[::1]:9000",
    "https://localhost:9000",
    "http://[::ffff:127.0.0.1]:9000",
    "http://here:9000",
    "http://box:9000",
  ])("at 127.0.0.1:9000 is recognised in %s", (url) => {
    expect(() => refuse(primary("127.0.0.1", 9000), url)).toThrow(isProduction);
    expect(() =>
      refuseProduction({ candidate: "http://candidate:1", controls: [url], allowed: [] }, [primary("127.0.0.1", 9000)], known),
    ).toThrow(isProduction);
  });

  it("is recognised by its name in any case, with a dot at its end, with the default port, and by its address", () => {
    for (const url of ["http://shop.example", "http://SHOP.example.:80", "http://www.shop.example", "http://203.0.113.7"]) {
      expect(() => refuse(primary("shop.example", 80), url)).toThrow(isProduction);
      expect(() => refuse(hostField("shop.example", 80), url)).toThrow(isProduction);
    }
    expect(() => refuse(primary("shop.example", 443), "https://shop.example")).toThrow(isProduction);
  });

  it("is not seen in other ports and other hosts", () => {
    expect(() => refuse(primary("127.0.0.1", 9000), "http://127.0.0.1:9001")).not.toThrow();
    expect(() => refuse(primary("shop.example", 80), "https://shop.example")).not.toThrow();
    expect(() => refuse(primary("shop.example", 80), "http://staging.example")).not.toThrow();
  });

  it("is not seen in a Host field that names this machine: any service on it is called so", () => {
    expect(() => refuse(hostField("localhost", 9000), "http://127.0.0.1:9000")).not.toThrow();
    expect(() => refuse(hostField("here", 9000), "http://127.0.0.1:9000")).not.toThrow();
  });

  it("may be a target when it is named twice, and the second name must be that of a target", () => {
    const url = "http://127.0.0.1:9000";
    expect(() => refuse(primary("127.0.0.1", 9000), url, [url])).not.toThrow();
    expect(() => refuse(primary("127.0.0.1", 9000), url, ["http://localhost:9000"])).toThrow(
      expect.objectContaining({ code: "NO_SUCH_TARGET" }),
    );
  });
});

describe("penumbra replay", () => {
  const scratch = (): string => {
    const directory = mkdtempSync(join(tmpdir(), "penumbra-production-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  };
  const service = async (): Promise<Service> => {
    const started = await startService(itemsHandler("old"));
    onTestFinished(() => started.close());
    return started;
  };

  it("refuses the primary that was recorded, sends it nothing, and does so when it is named twice", async () => {
    const directory = scratch();
    const [production, control] = await Promise.all([service(), service()]);
    const recording = join(directory, "recording");
    const key = ["--key-file", join(directory, "key")];
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", production.url, "--record", recording, "--sample", "100%", ...key],
    ]);
    for (let id = 1; id <= 5; id++) await (await fetch(`${sidecar.url}/items/${id}`)).text();
    expect((await sidecar.stop()).code).toBe(0);
    const before = production.seen.length;

    const candidate = production.url.replace("127.0.0.1", "LocalHost");
    const out = join(directory, "run");
    const replay = ["replay", recording, "--candidate", candidate, "--control", control.url, "--out", out, "--max-lateness", "5s", ...key];
    const refused = await runPenumbra(replay);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toBe(
      `penumbra: --candidate ${candidate.toLowerCase()} is the production host of the recording (recorded in front of ${production.url}); ` +
        `name a copy of the service; if production itself is meant, name it twice: add --production-target ${candidate.toLowerCase()}\n`,
    );
    expect(production.seen).toHaveLength(before);

    const allowed = await runPenumbra([...replay, "--production-target", candidate]);
    expect(allowed.stderr).toBe("");
    expect(allowed.code).toBe(0);
    expect(production.seen.length).toBeGreaterThanOrEqual(before + 5);
  });

  it("refuses a target that the recorded Host fields name", async () => {
    const directory = scratch();
    const recording = itemsRecording(join(directory, "items.ndjson"), 3);
    const refused = await runPenumbra(["replay", recording, "--candidate", "http://shop.example", "--key-file", join(directory, "key")]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^penumbra: --candidate http:\/\/shop\.example is the production host .*Host: shop\.example.*--production-target/,
    );
  });
});
