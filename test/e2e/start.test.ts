/** A start that fails: one line, exit 2, and the disk is as it was. */

import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";

describe("a start that fails", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-start-"));
  const occupied: Server = createServer();
  let port = 0;
  beforeAll(async () => {
    occupied.listen(0, "127.0.0.1");
    await once(occupied, "listening");
    ({ port } = occupied.address() as AddressInfo);
  });
  afterAll(() => {
    occupied.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  let places = 0;
  const newPlace = (): string => join(scratch, `place-${++places}`);
  const start = (place: string, ...more: readonly string[]): ReturnType<typeof runPenumbra> =>
    runPenumbra([
      ...["proxy", "--listen", "127.0.0.1:0", "--primary", "http://127.0.0.1:9", "--candidate", "http://127.0.0.1:10"],
      ...["--record", join(place, "recording"), "--run", join(place, "runs", "run"), "--key-file", join(place, "key"), ...more],
    ]);

  it.each([
    ["users' address is in use", () => ["--listen", `127.0.0.1:${port}`], /in use/],
    ["admin's address is in use", () => ["--admin", `127.0.0.1:${port}`], /in use/],
    ["host to listen on is none", () => ["--listen", "host.invalid:8080"], /host\.invalid:8080 cannot be used/],
    ["admin interface would be open to the network", () => ["--admin", "0.0.0.0:0"], /open to the network/],
  ])("says so in one line and leaves nothing behind when the %s", async (_, more, complaint) => {
    const place = newPlace();
    const ended = await start(place, ...more());
    expect(ended.stderr).toMatch(complaint);
    expect(ended.stderr).toMatch(/^penumbra: .*\n$/);
    expect(ended.code).toBe(2);
    expect(existsSync(place)).toBe(false);
  });

  it("takes away the recording and the key that it has made when the run cannot be had", async () => {
    const place = newPlace();
    mkdirSync(join(place, "runs", "run"), { recursive: true });
    writeFileSync(join(place, "runs", "run", "diary.txt"), "mine");
    const ended = await start(place);
    expect(ended.stderr).toMatch(/^penumbra: .* holds files that are not a run's.*\n$/);
    expect(readdirSync(place, { recursive: true })).toEqual(["runs", join("runs", "run"), join("runs", "run", "diary.txt")]);
  });

  it("leaves an earlier run alone that --force was to replace", async () => {
    const place = newPlace();
    const meta = join(place, "runs", "run", "run.json");
    mkdirSync(join(place, "runs", "run"), { recursive: true });
    writeFileSync(meta, '{"schema": "penumbra.run"}');
    expect((await start(place, "--force", "--admin", `127.0.0.1:${port}`)).code).toBe(2);
    expect(readFileSync(meta, "utf8")).toBe('{"schema": "penumbra.run"}');
  });
});
