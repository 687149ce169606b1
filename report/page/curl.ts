/** A recorded request as a command line that can be pasted into a shell without fear: everything quoted, no control
 * character left raw (a terminal would act on a pasted one), and no value that curl reads as a file name. */

import type { HttpRequest } from "../../model/exchange.ts";
import { acting } from "../visible.ts";

/** RFC 9110 §5.6.2; other names cannot be sent, and one that starts with `@` would name a file. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What curl works out itself, or what belongs to one connection. */
const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "te",
  "trailer",
  "expect",
]);
/** Bigger bodies make a command that no shell takes. */
const mostBodyBytes = 65_536;

/** @param base where to send it: an http(s) URL; anything else becomes `http://localhost` */
export function curlCommand(request: HttpRequest, base: string): string {
  const origin = originOf(base);
  const parts = ["curl"];
  if (request.method === "HEAD") parts.push("--head");
  else if (request.method !== "GET" || request.body.kind !== "none") parts.push(`-X ${shellQuoted(request.method)}`);
  if (/[[\]{}]/.test(request.target)) parts.push("--globoff");
  if (/\/\.{1,2}(?:[/?]|$)/.test(request.target)) parts.push("--path-as-is");
  if (request.target.startsWith("/")) parts.push(shellQuoted(origin + request.target));
  else parts.push(`--request-target ${shellQuoted(request.target)}`, shellQuoted(origin));
  for (const [name, value] of request.headers) {
    if (!token.test(name) || ownHeaders.has(name.toLowerCase())) continue;
    parts.push(`-H ${shellQuoted(value.trim() === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  return withBody(request, parts);
}

function withBody({ body }: HttpRequest, parts: readonly string[]): string {
  const command = (args: readonly string[]): string => [...parts, ...args].join(" \\\n  ");
  if (body.kind === "none") return command([]);
  if (body.kind === "capped" || body.bytes.length > mostBodyBytes) return `# the body is left out: it is too big to paste\n${command([])}`;
  const text = Buffer.from(body.bytes).toString("utf8");
  const isText = Buffer.from(text).equals(Buffer.from(body.bytes)) && !text.includes("\0");
  if (isText) return command([`--data-raw ${shellQuoted(text)}`]);
  return `printf %s ${Buffer.from(body.bytes).toString("base64")} | base64 -d | ${command(["--data-binary @-"])}`;
}

function originOf(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url.origin : "http://localhost";
}

/** One shell word: plain single quotes, or `$'…'` (bash, zsh, POSIX 2024) when there is something to escape. */
export function shellQuoted(text: string): string {
  if (text.search(acting) === -1) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text
    .replace(/[\\']/g, "\\$&")
    .replace(acting, (character) => [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""));
  return `$'${escaped}'`;
}
