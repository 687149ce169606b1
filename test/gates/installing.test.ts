/** What happens before anything is installed: the two plain scripts that every npm script starts with. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPTS: string = join(import.meta.dirname, "..", "..", "scripts");

interface LockEntry {
  readonly version: string;
  readonly integrity: string;
  readonly optional?: boolean;
}

const entry = (version: string): LockEntry => ({ version, integrity: `sha512-${version}` });

describe("ensure-installed", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "penumbra-install-"));
    // Stands for npm: notes that it was called, installs nothing.
    write(
      "npm.cjs",
      "require('node:fs').writeFileSync('called', process.argv.slice(2).join(' ')); process.exit(Number(process.env.NPM_EXIT));",
    );
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("installs where nothing is installed, and starts no package's own scripts", () => {
    writeLocks({ "node_modules/a": entry("1.0.0") }, null);
    expect(ensure().status).toBe(0);
    expect(read("called")).toContain("ci --ignore-scripts");
  });

  it("leaves an installation alone that is what the lock file says, however old it is", () => {
    writeLocks({ "node_modules/a": entry("1.0.0") }, { "node_modules/a": entry("1.0.0") });
    const result = ensure();
    expect([result.status, result.stderr, existsSync(join(folder, "called"))]).toEqual([0, "", false]);
  });

  it("does not miss packages that are for other platforms", () => {
    writeLocks(
      { "node_modules/a": entry("1.0.0"), "node_modules/mac": { ...entry("1.0.0"), optional: true } },
      { "node_modules/a": entry("1.0.0") },
    );
    ensure();
    expect(existsSync(join(folder, "called"))).toBe(false);
  });

  it.each([
    ["another version", { "node_modules/@x/a": entry("2.0.0") }, /@x\/a is another version/],
    ["a package more", { "node_modules/@x/a": entry("1.0.0"), "node_modules/b": entry("1.0.0") }, /b is missing/],
    ["a package less", {}, /@x\/a is no longer used/],
  ])("installs again when the lock file names %s", (_what, wanted, reason) => {
    writeLocks(wanted, { "node_modules/@x/a": entry("1.0.0") });
    expect(ensure().stderr).toMatch(reason);
    expect(existsSync(join(folder, "called"))).toBe(true);
  });

  it("says in one line that the installation failed, and fails", () => {
    writeLocks({ "node_modules/a": entry("1.0.0") }, null);
    const result = ensure(7);
    expect(result.status).toBe(1);
    expect(result.stderr.trimEnd().split("\n").at(-1)).toMatch(/could not be installed \(npm ci ended with exit code 7\)/);
  });

  function ensure(npmExit = 0): { readonly status: number | null; readonly stderr: string } {
    const env = { ...process.env, npm_execpath: join(folder, "npm.cjs"), NPM_EXIT: String(npmExit) };
    return spawnSync(process.execPath, [join(SCRIPTS, "ensure-installed.mjs"), folder], { encoding: "utf8", env });
  }

  function writeLocks(wanted: Readonly<Record<string, LockEntry>>, installed: Readonly<Record<string, LockEntry>> | null): void {
    write("package.json", "{}");
    write("package-lock.json", JSON.stringify({ packages: { "": {}, ...wanted } }));
    if (installed !== null) write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
  }

  function write(name: string, content: string): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }

  function read(name: string): string {
    return readFileSync(join(folder, name), "utf8");
  }
});

describe("run", () => {
  it("runs a file on Node 24 or newer with its arguments, and ends as it ends", () => {
    const program = "process.stdout.write(process.versions.node + ' ' + process.argv.slice(1)); process.exitCode = 3;";
    const result = spawnSync(process.execPath, [join(SCRIPTS, "run.mjs"), "--eval", program, "one"], { encoding: "utf8" });
    expect(result.status).toBe(3);
    const [version, words] = result.stdout.split(" ");
    expect(Number.parseInt(version ?? "", 10)).toBeGreaterThanOrEqual(24);
    expect(words).toBe("one");
  });

  it("passes the request to end on to the program", () => {
    const program = "process.on('SIGTERM', () => process.exit(5)); process.kill(process.ppid, 'SIGTERM'); setInterval(() => {}, 1000);";
    const result = spawnSync(process.execPath, [join(SCRIPTS, "run.mjs"), "--eval", program], { encoding: "utf8" });
    expect(result.status).toBe(5);
  });
});
