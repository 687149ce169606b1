/** Disks that are full and have room again: a small tmpfs where one may be mounted, and a limit on the size of files. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface SmallDisk {
  /** A directory on it. */
  readonly place: string;
  /** Takes all the room that there is. */
  fill(): void;
  /** Gives it back. */
  makeRoom(): void;
  remove(): void;
}

/** Room for a whole trial, as long as nothing else fills it. */
const diskMebibytes = 256;
const bytesPerMebibyte = 2 ** 20;
const bytesPerPage = 4096;

/** Whether this process may mount. */
export function canMount(scratch: string): boolean {
  const place = join(scratch, "mount-trial");
  mkdirSync(place);
  try {
    return mountTmpfs(place) && spawnSync("umount", [place]).status === 0;
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** A file system of its own. */
export function smallDisk(scratch: string): SmallDisk {
  const mounted = join(scratch, "small-disk");
  mkdirSync(mounted);
  if (!mountTmpfs(mounted)) throw new Error(`no tmpfs can be mounted at ${mounted}`);
  const ballast = join(mounted, "ballast");
  return {
    place: join(mounted, "kept"),
    fill: () => fillWith(ballast),
    makeRoom: () => rmSync(ballast),
    remove: () => {
      const { status, stderr } = spawnSync("umount", [mounted], { encoding: "utf8" });
      if (status !== 0) throw new Error(`${mounted} cannot be unmounted: ${stderr}`);
    },
  };
}

/** Writes until nothing more fits. */
function fillWith(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const size of [bytesPerMebibyte, bytesPerPage]) writeUntilFull(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function mountTmpfs(place: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskMebibytes}m`, "tmpfs", place]).status === 0;
}

/** Whether the size of a running process's files can be limited from outside (util-linux, Linux only). */
export function canLimitFiles(): boolean {
  return spawnSync("prlimit", ["--pid", String(process.pid), "--fsize"]).status === 0;
}

/** From now on these processes can write no file beyond `bytes`; null lifts the limit again. The hard limit stays as it is. */
export function limitFiles(pids: readonly number[], bytes: number | null): void {
  for (const pid of pids) {
    const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes ?? "unlimited"}:`], { encoding: "utf8" });
    if (status !== 0) throw new Error(`the files of process ${pid} cannot be limited: ${stderr}`);
  }
}
