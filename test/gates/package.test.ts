/** The package that is published: what a user gets from `npm install` runs, and has nothing in it that only developing needs. */

import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSource } from "../../scripts/read-imports.ts";

const run = promisify(execFile);
const ROOT: string = join(import.meta.dirname, "..", "..");

/** Building, packing and installing the dependencies from npm's cache, on a busy machine. */
const INSTALL_TIMEOUT_MS = 120_000;

describe("the published package", () => {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-package-"));
  const built = join(folder, "built");
  const user = join(folder, "user");

  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, "scripts", "build.ts"), "--out", built]);
    const packed = await run("npm", ["pack", built, "--pack-destination", folder, "--silent"], { cwd: folder });
    mkdirSync(user);
    writeFileSync(join(user, "package.json"), '{ "private": true }\n');
    const tarball = join(folder, packed.stdout.trim());
    await run("npm", ["install", tarball, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: user,
    });
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true }));

  it("installs a command that explains itself", async () => {
    const { stdout } = await run(join(user, "node_modules", ".bin", "penumbra"), ["--help"], { cwd: user });
    expect(stdout).toMatch(/Usage: penumbra/i);
  });

  it("tells its version", async () => {
    const { stdout } = await run(join(user, "node_modules", ".bin", "penumbra"), ["--version"], { cwd: user });
    expect(stdout).toContain(packageOf(ROOT)["version"]);
  });

  it("carries no Node binary, script or development dependency", () => {
    const fields = Object.keys(packageOf(built));
    expect(fields).toEqual(["name", "version", "description", "license", "type", "engines", "dependencies", "bin"]);
  });

  it("lists every package that its files import", () => {
    const files = globSync("**/*.js", { cwd: built });
    const named = files.flatMap((path) =>
      readSource(path, readFileSync(join(built, path), "utf8")).imports.map((each) => each.specifier ?? ""),
    );
    const packages = named.filter((specifier) => !/^(\.|node:)/.test(specifier)).map(packageName);
    expect(Object.keys(packageOf(built)["dependencies"] as object)).toEqual(expect.arrayContaining(packages));
  });

  it("carries its licence and its README", () => {
    for (const name of ["LICENSE", "README.md"]) {
      expect(readFileSync(join(user, "node_modules", "penumbra", name), "utf8")).toBe(readFileSync(join(ROOT, name), "utf8"));
    }
  });
});

function packageOf(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
}

/** `@scope/name/file.js` → `@scope/name` */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
