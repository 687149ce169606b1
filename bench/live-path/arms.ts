/** The proxies that are compared, each with one process or thread that holds the users' connections. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arm, childrenOf, endProgram, freePort, loopback, startProgram } from "./processes.ts";

const main: string = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** Sizes of the answers, in bytes. */
export const answerSizes = { small: 20, big: 8192 } as const;
export type AnswerSize = keyof typeof answerSizes;

const nginxCommon = "error_log /dev/null crit; worker_processes 1; events { worker_connections 19000; }";
/** As many requests on one connection as any round sends. */
const keepAlive = "access_log off; keepalive_requests 100000000; keepalive_timeout 600s; tcp_nodelay on;";

/** The service behind all proxies, and the candidate and control of those that mirror. */
export async function startPrimary(folder: string): Promise<Arm> {
  const files = join(folder, "files");
  mkdirSync(files, { recursive: true });
  for (const [name, size] of Object.entries(answerSizes)) writeFileSync(join(files, name), `${"x".repeat(size - 1)}\n`);
  return startNginx(
    "primary",
    folder,
    (port) =>
      `open_file_cache max=10; etag off; server { listen ${loopback}:${port} backlog=16384; root ${files}; default_type text/plain; }`,
  );
}

export function direct(primary: Arm): Arm {
  return { name: "direct", port: primary.port, pid: null, stop: async () => {} };
}

export function nginxProxy(folder: string, primary: number): Promise<Arm> {
  return startNginx(
    "nginx",
    folder,
    (port) => `${upstream("primary", primary)} server { listen ${loopback}:${port} backlog=16384; ${passTo("primary")} }`,
  );
}

/** @param readTimeout how long nginx waits for the mirror's answer, and its client's next request with it */
export function nginxMirror(name: string, folder: string, primary: number, candidate: number, readTimeout = "60s"): Promise<Arm> {
  return startNginx(
    name,
    folder,
    (port) =>
      `${upstream("primary", primary)} ${upstream("candidate", candidate)}
       server { listen ${loopback}:${port} backlog=16384; mirror /mirror; ${passTo("primary")}
         location = /mirror { internal; proxy_pass http://candidate$request_uri; proxy_http_version 1.1; proxy_set_header Connection "";
           proxy_read_timeout ${readTimeout}; } }`,
  );
}

const upstream = (name: string, port: number): string =>
  `upstream ${name} { server ${loopback}:${port}; keepalive 512; keepalive_requests 100000000; }`;
const passTo = (name: string): string =>
  `location / { proxy_pass http://${name}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering on; }`;

async function startNginx(name: string, folder: string, server: (port: number) => string): Promise<Arm> {
  const port = await freePort();
  const home = join(folder, name.replaceAll(/\W+/g, "-"));
  mkdirSync(join(home, "logs"), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${home}/${kind};`).join(" ");
  writeFileSync(join(home, "nginx.conf"), `pid ${home}/pid; daemon off; ${nginxCommon} http { ${temporary} ${keepAlive} ${server(port)} }`);
  const child = await startProgram("nginx", ["-p", home, "-c", join(home, "nginx.conf")], port);
  const [worker] = childrenOf(child.pid ?? 0);
  return { name, port, pid: worker ?? null, stop: () => endProgram(child) };
}

export async function haproxy(folder: string, primary: number): Promise<Arm> {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(
    file,
    `global\n nbthread 1\n maxconn 9950\ndefaults\n mode http\n timeout connect 5s\n timeout client 600s\n timeout server 600s\n` +
      ` option http-keep-alive\n http-reuse safe\nfrontend f\n bind ${loopback}:${port} backlog 16384\n default_backend b\nbackend b\n server s ${loopback}:${primary}\n`,
  );
  const child = await startProgram("haproxy", ["-db", "-f", file], port);
  return { name: "HAProxy", port, pid: child.pid ?? null, stop: () => endProgram(child) };
}

export const npmHttpProxy = (primary: number): Promise<Arm> => nodePeer("http-proxy (npm)", "http-proxy-peer.ts", primary);
export const bareSplice = (primary: number): Promise<Arm> => nodePeer("bare Node splice", "bare-splice.ts", primary);

async function nodePeer(name: string, file: string, primary: number): Promise<Arm> {
  const port = await freePort();
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = await startProgram(process.execPath, ["--no-deprecation", script, String(port), String(primary)], port);
  return { name, port, pid: child.pid ?? null, stop: () => endProgram(child) };
}

export interface PenumbraOptions {
  readonly name: string;
  readonly folder: string;
  readonly primary: number;
  readonly sample: string;
  readonly record: boolean;
  readonly candidate?: number;
  readonly control?: number;
}

/** The real command line, as an operator starts it. */
export async function penumbra(options: PenumbraOptions): Promise<Arm> {
  const { name, folder, primary, sample, record, candidate, control } = options;
  const port = await freePort();
  const place = (what: string): string => join(folder, `${name.replaceAll(/\W+/g, "-")}-${what}`);
  const origin = (of: number): string => `http://${loopback}:${of}`;
  const child = await startProgram(
    process.execPath,
    [
      main,
      "proxy",
      ...["--listen", `${loopback}:${port}`, "--primary", origin(primary), "--sample", sample, "--key-file", join(folder, "key")],
      ...(record ? ["--record", place("recording")] : []),
      ...(candidate === undefined ? [] : ["--candidate", origin(candidate), "--run", place("run")]),
      ...(control === undefined ? [] : ["--control", origin(control)]),
      ...["--fail-on", "none", "--drain-timeout", "1s"],
    ],
    port,
  );
  return { name, port, pid: child.pid ?? null, stop: () => endProgram(child) };
}
