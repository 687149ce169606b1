/** One exchange for people: as HTTP text and as a curl command line. Safe to print on a terminal and to paste
 * into a POSIX shell, whatever the traffic contains. */

import { isUtf8 } from "node:buffer";
import { type Answer, type Body, type Exchange, type HeaderList, type HttpRequest, headerValue, isUnrecorded } from "../model/exchange.ts";

/** C0 and C1 controls, DEL, line separators, and what turns the direction of text around. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const anyControl = /[\u0000-\u001f\u007f-\u009f]/g;
/** RFC 9110 §5.6.2; curl would read anything else in its own way. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** curl computes these itself, or they describe a connection that is gone. */
const leftOut: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "connection", "expect"]);
/** Targets that are no path, and those with bytes that curl takes in no URL. */
const needsWriting = /^\*$|[\u0000-\u0020\u007f]/;
/** What curl would add on its own. */
const curlDefaults: readonly string[] = ["User-Agent", "Accept"];
/** Shells bound one argument (128 KiB on Linux); longer bodies go through a pipe. */
const longestArgument = 64 * 1024;

/** Request and answer as they went over the wire, with control characters as \xNN. */
export function renderExchange(exchange: Exchange): string {
  const { request, outcome } = exchange;
  const asked = message(`${request.method} ${request.target} HTTP/${request.version}`, request);
  if (outcome.kind !== "answered") {
    const detail = outcome.detail === undefined ? "" : `, ${outcome.detail}`;
    return `${asked}\n\n${onOneLine(`(no answer: ${outcome.kind}${detail} after ${outcome.tookMs} ms)`)}`;
  }
  const { status, reason } = outcome.answer;
  return `${asked}\n\n${message(`HTTP/${request.version} ${status} ${reason}`, outcome.answer)}`;
}

/** A command that sends the same request again.
 * @param base scheme and authority to send it to; by default plain HTTP to the recorded Host */
export function curlCommand(exchange: Exchange, base?: string): string {
  const { request } = exchange;
  const words = [
    "curl",
    "--path-as-is",
    "--globoff",
    ...methodWords(request.method, request.body),
    ...headerWords(request.headers, request.body),
  ];
  const origin = base ?? `http://${headerValue(request.headers, "host") ?? "localhost"}`;
  const address = needsWriting.test(request.target)
    ? ["--request-target", quoted(request.target), quoted(origin)]
    : [quoted(urlOf(request.target, origin))];
  const isHead = request.method === "HEAD";
  const { option, before } = isHead ? { option: [], before: "" } : dataOf(request.body);
  const left = isHead && request.body.kind !== "none" ? "# the body is left out: curl sends none with HEAD\n" : "";
  const capped = request.body.kind === "capped" ? `# the body was capped: ${request.body.length} bytes are not all here\n` : "";
  const trailers = request.trailers === undefined ? "" : "# the trailers are left out: curl sends none\n";
  return capped + trailers + left + before + [...words, ...option, ...address].join(" ");
}

/** One shell word. Bytes that a terminal or a script should not see raw go through printf. */
export function quoted(latin1: string): string {
  if (/^[A-Za-z0-9_\-.,:/@+=]+$/.test(latin1)) return latin1;
  if (!/[^\u0020-\u007e]/.test(latin1)) return `'${latin1.replaceAll("'", "'\\''")}'`;
  const format = latin1.replace(/[^ -~]|[%\\"$`']/g, (character) => octal(character.charCodeAt(0)));
  return `"$(printf -- '${format}')"`;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

function methodWords(method: string, body: Body): readonly string[] {
  if (method === "HEAD") return ["--head"];
  if (method === "GET" && body.kind === "none") return [];
  return ["-X", quoted(method)];
}

function headerWords(headers: HeaderList, body: Body): readonly string[] {
  const sent = headers.filter(([name]) => token.test(name) && !leftOut.has(name.toLowerCase()));
  // "Name;" sends an empty value, "Name:" removes what curl would add.
  const own = sent.flatMap(([name, value]) => ["-H", quoted(value === "" ? `${name};` : `${name}: ${value}`)]);
  const unwanted = [...curlDefaults, ...(body.kind === "none" ? [] : ["Content-Type"])].filter(
    (name) => headerValue(headers, name) === undefined,
  );
  return [...own, ...unwanted.flatMap((name) => ["-H", quoted(`${name}:`)])];
}

function urlOf(target: string, base: string): string {
  return /^https?:\/\//i.test(target) ? target : base + target;
}

function dataOf(body: Body): { readonly option: readonly string[]; readonly before: string } {
  if (body.kind !== "whole") return { option: [], before: "" };
  const latin1 = Buffer.from(body.bytes).toString("latin1");
  const plain = /^[ -~\n\t]*$/.test(latin1) && latin1.length <= longestArgument;
  if (plain) return { option: ["--data-raw", `'${latin1.replaceAll("'", "'\\''")}'`], before: "" };
  return { option: ["--data-binary", "@-"], before: `printf '%s' '${Buffer.from(body.bytes).toString("base64")}' | base64 -d | ` };
}

/** Each line made safe on its own: a line break inside a header must not look like a line. */
function message(startLine: string, { headers, body, trailers = [] }: Answer | HttpRequest): string {
  const fields = (list: HeaderList): string[] => list.map(([name, value]) => onOneLine(`${name}: ${value}`));
  const after = trailers.length === 0 ? [] : ["", "(trailers)", ...fields(trailers)];
  return [onOneLine(startLine), ...fields(headers), "", bodyText(body), ...after].join("\n");
}

function bodyText(body: Body): string {
  switch (body.kind) {
    case "none":
      return "";
    case "whole":
      return isUtf8(body.bytes) ? visible(Buffer.from(body.bytes).toString("utf8")) : `(${body.bytes.length} bytes that are not text)`;
    case "capped":
      if (isUnrecorded(body)) return body.length === 0 ? "(a body that was not recorded)" : `(${body.length} bytes that were not recorded)`;
      return `(${body.length} bytes, only the first ${body.head.length} and last ${body.tail.length} are kept; SHA-256 ${body.sha256})`;
    default:
      return body satisfies never;
  }
}

function visible(text: string): string {
  return text.replace(unprintable, escaped);
}

function onOneLine(line: string): string {
  return visible(line).replace(anyControl, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0xff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\x${code.toString(16).padStart(2, "0")}`;
}
