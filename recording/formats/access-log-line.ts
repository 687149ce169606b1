/** One line of an access log in Apache's and nginx's common or combined format:
 *
 *    [host] client identity user [17/May/2015:10:05:03 +0000] "GET /a?b=1 HTTP/1.1" 200 235 ["referer" "agent" [seconds]]
 *
 * https://httpd.apache.org/docs/2.4/mod/mod_log_config.html (formats: common, combined, vhost_combined),
 * https://nginx.org/en/docs/http/ngx_http_log_module.html (combined; `$request_time` behind it is usual). */

export interface AccessLogLine {
  readonly host: string | null;
  readonly client: string;
  readonly user: string;
  /** Wall time in milliseconds; whole seconds unless the line says more. */
  readonly at: number;
  /** Where in the second it was is not known. */
  readonly wholeSecond: boolean;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly status: number;
  /** Bytes of the body; null where the log has none. */
  readonly size: number | null;
  readonly referer: string | null;
  readonly agent: string | null;
  /** Seconds that the server took; null where the log does not say. */
  readonly seconds: number | null;
}

const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const clock = String.raw`(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))? ([+-])(\d{2})(\d{2})`;
/** From the time on. */
const format = new RegExp(
  String.raw`^\[${clock}\] ${quoted} (\d{3}) (\d+|-)(?: ${quoted} ${quoted}(?= |$)|(?= [^"]|$))(?: (?:${quoted} )?(\d+\.\d+))?(?: .*)?$`,
  "s",
);
const requestFormat = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+)(?: HTTP\/(\d(?:\.\d)?))?$/;
const months: readonly string[] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const msPerMinute = 60_000;
const minutesPerHour = 60;
const lowestStatus = 100;

/** Null = the line is in no such format, or what it logs is no HTTP request.
 * @param line Latin-1, one character a byte */
export function readAccessLogLine(line: string): AccessLogLine | null {
  const [before, after] = [line.slice(0, line.indexOf(" [")), line.slice(line.indexOf(" [") + 1)];
  const who = whoOf(before.split(" "));
  const parts = format.exec(after);
  if (who === null || parts === null) return null;
  const [, day, month, year, hour, minute, second, fraction, sign, zoneHours, zoneMinutes, ...rest] = parts;
  const [request = "", status, size, referer, agent, , seconds] = rest;
  const [, method, target, version = "0.9"] = requestFormat.exec(unescaped(request)) ?? [];
  const monthIndex = months.indexOf(month ?? "");
  if (method === undefined || target === undefined || monthIndex < 0 || Number(status) < lowestStatus) return null;
  const local = Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (sign === "-" ? -1 : 1) * (Number(zoneHours) * minutesPerHour + Number(zoneMinutes)) * msPerMinute;
  return {
    ...who,
    at: local - offset + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000),
    wholeSecond: fraction === undefined,
    method,
    target,
    version: version.includes(".") ? version : `${version}.0`,
    status: Number(status),
    size: size === "-" ? null : Number(size),
    referer: given(referer),
    agent: given(agent),
    seconds: seconds === undefined ? null : Number(seconds),
  };
}

/** Client, identity and user, with a virtual host before them or without. The identity is "-" almost everywhere, so that a user's name
 * with a space in it is not taken for a host. Null = neither. */
function whoOf(words: readonly string[]): Pick<AccessLogLine, "host" | "client" | "user"> | null {
  const [first = "", second = "", third = "", fourth] = words;
  if (words.length === 3) return { host: null, client: first, user: third };
  if (words.length === 4 && third === "-" && fourth !== undefined) return { host: first, client: second, user: fourth };
  return words.length > 3 && second === "-" ? { host: null, client: first, user: words.slice(2).join(" ") } : null;
}

/** "-" is how logs write nothing. */
function given(text: string | undefined): string | null {
  return text === undefined || text === "-" ? null : unescaped(text);
}

/** `\"`, `\\`, `\n`, `\xhh` as Apache and nginx write them. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/gs, (_, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", v: "\v", f: "\f", b: "\b" };
    return controls[letter ?? ""] ?? letter ?? "";
  });
}
