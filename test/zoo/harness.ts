/** Runs a pair of the zoo through the real command line: sidecar with live mirror, then replay of its
 * recording against fresh copies, and holds both reports against the pair's verified expectations. */

import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { type Program, startProgram } from "../../cli/demo/program.ts";
import { drive, type TrafficRequest } from "../../cli/demo/traffic.ts";
import type { Finding, Report } from "../../model/report.ts";

interface Version {
  readonly start: readonly string[];
}

interface PairFile {
  readonly old: Version;
  readonly new: Version;
  readonly ready: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly state?: readonly string[];
}

interface Site {
  readonly endpoint: string;
  readonly location: string;
}

export interface Truth extends Site {
  readonly id: string;
  readonly change: string;
  readonly source: string;
  readonly count: number;
  readonly sites: readonly Site[];
}

const zooFolder = fileURLToPath(new URL(".", import.meta.url));
const modules = join(zooFolder, "node_modules");

export class Pair {
  readonly id: string;
  readonly folder: string;
  readonly file: PairFile;
  readonly host: string;
  readonly traffic: readonly TrafficRequest[];
  readonly truths: readonly Truth[];
  /** Places that differ between copies of the old version when lanes run side by side. */
  readonly noise: readonly Site[];

  constructor(id: string) {
    this.id = id;
    this.folder = join(zooFolder, "pairs", id);
    this.file = this.#read("pair.json") as PairFile;
    const traffic = this.#read("traffic.json") as { host: string; requests: TrafficRequest[] };
    this.host = traffic.host;
    this.traffic = traffic.requests;
    this.truths = (this.#read("truths.json") as { truths: Truth[] }).truths;
    const noise = this.#read("noise.json") as { serial: Site[]; concurrent: Site[] };
    this.noise = [...noise.serial, ...noise.concurrent];
  }

  #read(name: string): unknown {
    return JSON.parse(readFileSync(join(this.folder, name), "utf8"));
  }

  async start(version: "old" | "new"): Promise<Program> {
    const { file } = this;
    const state = file.cwd === "{state}" ? mkdtempSync(join(tmpdir(), "penumbra-zoo-")) : null;
    for (const name of file.state ?? []) cpSync(join(this.folder, name), join(state ?? zooFolder, name), { recursive: true });
    const args = file[version].start.slice(1).map((arg) => arg.replaceAll("{modules}", modules).replaceAll("{pair}", this.folder));
    const program = await startProgram({ args, cwd: state ?? zooFolder, env: file.env ?? {}, ready: file.ready });
    return {
      ...program,
      async stop() {
        await program.stop();
        if (state !== null) rmSync(state, { recursive: true, force: true });
      },
    };
  }
}

export interface Judged {
  readonly report: Report;
  readonly exitCode: number | null;
  readonly output: string;
}

export interface Versions {
  readonly candidate: "old" | "new";
}

/** Drives the pair's traffic through a sidecar with live mirror. The recording is left at `recording`. */
export async function runLive(pair: Pair, scratch: string, versions: Versions, seed = 1): Promise<Judged> {
  const programs = await startAll(pair, ["old", versions.candidate, "old"]);
  const [primary, candidate, control] = programs;
  try {
    const run = join(scratch, "live");
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary?.url ?? "", "--candidate", candidate?.url ?? "", "--control", control?.url ?? ""],
      ...["--record", join(scratch, "recording"), "--run", run, "--sample", "100%", "--mirror-writes", "--seed", String(seed)],
      ...["--key-file", join(scratch, "key")],
    ]);
    const driven = await drive({ url: sidecar.url, host: pair.host, requests: pair.traffic });
    const ended = await sidecar.stop();
    if (driven.failures.length > 0)
      throw new Error(`${pair.id}: requests failed through the sidecar: ${driven.failures.slice(0, 3).join("; ")}`);
    return { report: readReport(run), exitCode: ended.code, output: ended.stdout + ended.stderr };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

/** Replays the recording of runLive against fresh copies. */
export async function runReplay(pair: Pair, scratch: string, versions: Versions, extra: readonly string[] = []): Promise<Judged> {
  const programs = await startAll(pair, [versions.candidate, "old"]);
  const [candidate, control] = programs;
  try {
    const run = join(scratch, "replay");
    const ended = await runPenumbra([
      ...["replay", join(scratch, "recording"), "--candidate", candidate?.url ?? "", "--control", control?.url ?? ""],
      ...["--writes", "--out", run, "--force", "--key-file", join(scratch, "key"), "--max-lateness", "10s", ...extra],
    ]);
    if (ended.code === 2 || ended.code === 70 || ended.code === null) throw new Error(`${pair.id}: replay failed: ${ended.stderr}`);
    return { report: readReport(run), exitCode: ended.code, output: ended.stdout + ended.stderr };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

function startAll(pair: Pair, versions: readonly ("old" | "new")[]): Promise<Program[]> {
  return Promise.all(versions.map((version) => pair.start(version)));
}

function readReport(run: string): Report {
  return JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
}

const realStates: readonly Finding["state"][] = ["new", "unconfirmed"];

export function realFindings(report: Report): Finding[] {
  return report.findings.filter((finding) => realStates.includes(finding.state));
}

/** Truths that no finding names. One that follows from another is covered by it. */
export function missedTruths(pair: Pair, report: Report): string[] {
  const named = realFindings(report).flatMap((finding) => finding.signatures);
  const isNamed = (truth: Truth): boolean => truth.sites.some((site) => named.some((signature) => matches(site, signature)));
  return pair.truths
    .filter((truth) => {
      const cause = /follows from ([\w-]+)/.exec(truth.source)?.[1];
      const causeTruth = pair.truths.find((each) => each.id === cause);
      return !isNamed(truth) && !(causeTruth !== undefined && isNamed(causeTruth));
    })
    .map((truth) => truth.id);
}

/** Findings at places that are neither a true change nor known noise. */
export function falseFindings(pair: Pair, report: Report): string[] {
  const allowed = [...pair.truths.flatMap((truth) => truth.sites), ...pair.noise];
  return realFindings(report)
    .filter((finding) => !finding.signatures.some((signature) => allowed.some((site) => matches(site, signature))))
    .map((finding) => `${finding.state} ${finding.endpoint} ${finding.location}:${finding.path} ${finding.kind} ${finding.transition}`);
}

/** Where the pair's builds differ from themselves: two writes that a copy took in another order stay in its data (README, limits). */
export function isAtNoise(pair: Pair, { signatures }: Report["findings"][number]): boolean {
  return signatures.every((signature) => pair.noise.some((site) => matches(site, signature)));
}

/** A site of the zoo (`header:etag`, `status`, `body:/error`, `body:/#`) against one of our signatures.
 * A changed parent names its children, and the zoo's locations of HTML bodies are free text. */
function matches(site: Site, signature: { readonly endpoint: string; readonly location: string; readonly path: string }): boolean {
  if (!sameEndpoint(site.endpoint, signature.endpoint)) return false;
  const [location, rest] = splitOnce(site.location);
  if (location === "status") return signature.location === "status";
  if (location === "header") return signature.location === "header" && signature.path === rest;
  if (location !== "body" || signature.location !== "body") return false;
  if (!rest.startsWith("/")) return true;
  const path = rest.replace(/\/#$/, "").replace(/^\/$/, "");
  return signature.path === path || signature.path.startsWith(`${path}/`) || path.startsWith(`${signature.path}/`);
}

function splitOnce(location: string): [string, string] {
  const at = location.indexOf(":");
  return at < 0 ? [location, ""] : [location.slice(0, at), location.slice(at + 1)];
}

function sameEndpoint(site: string, ours: string): boolean {
  return normal(site) === normal(ours);
}

function normal(endpoint: string): string {
  return endpoint.replace(/\{[^}]*\}/g, "{}");
}
