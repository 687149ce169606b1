/** Installs the packages of a folder when they are missing or are not those of its lock file.
 *
 *    node scripts/ensure-installed.mjs [FOLDER ...]
 *
 * Runs before anything is installed, on whatever Node a machine has (20 and newer): plain JavaScript, no packages.
 * It compares contents, not times: a checkout gives every file the time of the checkout. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What npm itself notes inside node_modules at the end of a complete installation. */
const INSTALLED_NOTE = join("node_modules", ".package-lock.json");

/** Makes FOLDER/node_modules match FOLDER/package-lock.json; ends the process with one line when it cannot. */
export function ensureInstalled(folder) {
  const reason = reasonToInstall(folder);
  if (reason === null) return;
  const name = relative(process.cwd(), folder) || "penumbra";
  process.stderr.write(`${name}: installing packages (${reason}) …\n`);
  const start = Date.now();
  const result = npm(["ci", "--ignore-scripts", "--loglevel=error", "--no-audit", "--no-fund", "--no-progress"], folder);
  if (result.status !== 0) {
    process.stderr.write(result.stdout + result.stderr);
    const why = result.error?.message ?? `npm ci ended with ${result.signal ?? `exit code ${result.status}`}`;
    process.stderr.write(
      `${name}: the packages could not be installed (${why}): is the registry reachable? Then try the same command again.\n`,
    );
    process.exit(1);
  }
  process.stderr.write(`${name}: packages installed in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
}

/** Why the packages of `folder` must be installed, or null when they are all there. */
function reasonToInstall(folder) {
  const noted = join(folder, INSTALLED_NOTE);
  if (!existsSync(noted)) return "none are there yet";
  const wanted = packagesIn(join(folder, "package-lock.json"));
  const installed = packagesIn(noted);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link) continue;
    const found = installed[path];
    // Optional packages for other platforms are in the lock file only.
    if (found === undefined && entry.optional) continue;
    if (found === undefined) return `${nameOf(path)} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${nameOf(path)} is another version`;
  }
  const extra = Object.keys(installed).find((path) => wanted[path] === undefined);
  return extra === undefined ? null : `${nameOf(extra)} is no longer used`;
}

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

function nameOf(path) {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** Runs the npm that started this script, or the one on the PATH. */
function npm(args, folder) {
  const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /\.c?js$/.test(cli)) return spawnSync(process.execPath, [cli, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folders = process.argv.slice(2);
  for (const folder of folders.length > 0 ? folders : [fileURLToPath(new URL("..", import.meta.url))]) ensureInstalled(resolve(folder));
}
