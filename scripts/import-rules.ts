/** Who may import what, with the reasons (docs/architecture.md). One table each for folders, packages and clocks. */

/** The folders, and those that each may import from besides itself. What is not listed imports nothing of ours. */
export const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  diff: ["model"],
  recording: ["model"],
  target: ["model"],
  proxy: ["model", "diff", "recording", "target"],
  replayer: ["model", "diff", "recording", "target"],
  report: ["model", "diff"],
  cli: ["model", "diff", "recording", "target", "proxy", "replayer", "report"],
};

/** Folders of those who use the product from outside: they may import everything, and nothing may import them. */
export const OUTSIDE: readonly string[] = ["test", "bench", "scripts", "examples", "deploy"];

export interface PackageRule {
  readonly packages: readonly string[];
  /** Path prefixes of the files that may import them. */
  readonly allowed: readonly string[];
  readonly reason: string;
}

export const PACKAGE_RULES: readonly PackageRule[] = [
  {
    packages: ["better-sqlite3", "msgpackr", "node:sqlite"],
    allowed: ["recording/"],
    reason: "the store's format is known in one place, and SQLite is synchronous",
  },
  { packages: ["undici"], allowed: ["target/"], reason: "how a target is called is known in one place" },
  {
    packages: ["http-proxy"],
    allowed: ["proxy/gateway/http-proxy-requests.ts"],
    reason: "its faults are closed in one file, behind an adapter that can be exchanged",
  },
  {
    packages: ["preact", "@preact/signals", "uplot"],
    allowed: ["report/page/app/"],
    reason: "they run in browsers, and are built into the page",
  },
  { packages: ["commander"], allowed: ["cli/"], reason: "the command line is the rim's" },
  {
    packages: ["node:process", "process", "node:console", "console"],
    allowed: ["cli/"],
    reason: "the process is the rim's: take what is needed as an argument",
  },
  {
    packages: ["node:timers", "timers", "node:timers/promises", "timers/promises", "node:perf_hooks", "perf_hooks"],
    allowed: ["model/clock.ts"],
    reason: "time comes from the Clock that is passed in",
  },
];

/** Folders that decide and never touch the machine: no modules for files, sockets or processes. */
export const PURE_FOLDERS: readonly string[] = ["model", "diff", "report"];

export const IMPURE_MODULES: readonly string[] = [
  "child_process",
  "cluster",
  "dgram",
  "fs",
  "fs/promises",
  "http",
  "http2",
  "https",
  "net",
  "tls",
  "worker_threads",
];

/** The one file that may read the machine's clock. */
export const CLOCK_FILE = "model/clock.ts";
