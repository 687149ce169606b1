/** Option values: text in, typed value out, or one clear line about what is wrong. */

import { isIP } from "node:net";
import { PenumbraError } from "../model/errors.ts";
import { shownAddress } from "../model/shown-address.ts";

function bad(option: string, text: string, expected: string): PenumbraError {
  return new PenumbraError("BAD_OPTION", `${option} cannot be "${shownAddress(text)}"`, `give ${expected}`);
}

export interface Parse<T> {
  (text: string, option: string): T;
  /** Where only a few texts are allowed: those, for the configuration file's schema. */
  readonly allowed?: readonly string[];
}

export const text: Parse<string> = (value, option) => {
  if (value === "") throw bad(option, value, "a value that is not empty");
  return value;
};

/** A bearer token: what a header can carry (RFC 6750 §2.1 allows less). The complaint does not repeat it: it is a secret. */
export const token: Parse<string> = (value, option) => {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new PenumbraError("BAD_OPTION", `${option} is nothing that a header can carry`, "give visible ASCII characters without spaces");
};

export function oneOf<const T extends string>(...allowed: readonly T[]): Parse<T> {
  const parse = (value: string, option: string): T => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw bad(option, value, `one of ${allowed.join(", ")}`);
    return found;
  };
  return Object.assign(parse, { allowed });
}

export function wholeNumber(from: number, to: number): Parse<number> {
  return (value, option) => {
    const parsed = Number(value);
    if (!/^\d+$/.test(value) || parsed < from || parsed > to) throw bad(option, value, `a whole number from ${from} to ${to}`);
    return parsed;
  };
}

/** "10%", "0.1" → 0.1 */
export const share: Parse<number> = (value, option) => {
  const match = /^(\d+(?:\.\d+)?(?:e-?\d+)?)(%?)$/i.exec(value);
  const parsed = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (!(parsed >= 0 && parsed <= 1)) throw bad(option, value, "a share such as 10% or 0.1");
  return parsed;
};

export const positiveNumber: Parse<number> = (value, option) => {
  const parsed = Number(value);
  if (!(parsed > 0) || !Number.isFinite(parsed)) throw bad(option, value, "a number above 0");
  return parsed;
};

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Some are multiplied by three before they become a timer, and a timer holds 24.8 days. */
const longestDuration = "7d";

/** "10ms", "5s", "2m" → milliseconds */
export const duration: Parse<number> = (value, option) => {
  const parsed = millisecondsOf(value);
  if (parsed === null) throw bad(option, value, "a duration such as 10ms, 5s or 2m");
  if (parsed > (millisecondsOf(longestDuration) ?? 0)) throw bad(option, value, `at most ${longestDuration}`);
  return parsed;
};

/** A duration within which something can happen. */
export const durationAboveZero: Parse<number> = (value, option) => {
  const parsed = duration(value, option);
  if (parsed === 0) throw bad(option, value, "a duration above 0ms");
  return parsed;
};

/** The longest time for which something is kept: ten years. */
const longestAge = "3650d";

/** How old something may grow. No timer waits for it, so it may be long. */
export const age: Parse<number> = (value, option) => {
  const parsed = millisecondsOf(value);
  const least = "1s";
  if (parsed === null) throw bad(option, value, "a duration such as 12h or 30d");
  if (parsed < (millisecondsOf(least) ?? 0) || parsed > (millisecondsOf(longestAge) ?? 0))
    throw bad(option, value, `at least ${least} and at most ${longestAge}`);
  return parsed;
};

function millisecondsOf(value: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
  return match === null ? null : Number(match[1]) * (durationUnits[match[2] ?? ""] ?? Number.NaN);
}

const sizeUnits: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, kB: 1e3, MB: 1e6, GB: 1e9 };

/** "64MiB" → bytes */
export const size: Parse<number> = (value, option) => {
  const match = /^(\d+)(B|KiB|MiB|GiB|kB|MB|GB)?$/.exec(value);
  if (match === null) throw bad(option, value, "a size such as 64MiB");
  return Number(match[1]) * (sizeUnits[match[2] ?? ""] ?? Number.NaN);
};

/** A path, or the beginning of one. */
export const path: Parse<string> = (value, option) => {
  if (!value.startsWith("/")) throw bad(option, value, "a path that begins with a slash, such as /logout");
  return value;
};

/** A size that is not below `least`. */
export function sizeFrom(least: string): Parse<number> {
  return (value, option) => {
    const parsed = size(value, option);
    if (parsed < size(least, option)) throw bad(option, value, `at least ${least}`);
    return parsed;
  };
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** "[HOST:]PORT"; the host is 127.0.0.1 unless given; port 0 = any free one. */
export const hostPort: Parse<HostPort> = (value, option) => {
  const expected = "[HOST:]PORT, for example 127.0.0.1:8080";
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(value);
  const port = Number(match?.[2] ?? Number.NaN);
  const host = (match?.[1] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
  const hostIsFine = isIP(host) !== 0 || /^[A-Za-z0-9.-]+$/.test(host);
  if (match === null || port > 65_535 || !hostIsFine) throw bad(option, value, expected);
  return { host, port };
};

/** A host name, without a port. */
export const hostName: Parse<string> = (value, option) => {
  if (!/^[A-Za-z0-9._-]+$/.test(value)) throw bad(option, value, "a host name without a port, such as penumbra.example.com");
  return value;
};

/** An origin: http://host[:port] or https://…, without path. */
export const origin: Parse<string> = (value, option) => {
  const expected = "an origin such as http://127.0.0.1:8080 (no path)";
  if (!URL.canParse(value)) throw bad(option, value, expected);
  const url = new URL(value);
  if (url.port === "0") throw bad(option, value, "a port to which one can connect; 0 is none");
  const isOrigin =
    (url.protocol === "http:" || url.protocol === "https:") && (url.pathname === "/" || url.pathname === "") && url.search === "";
  if (!isOrigin || url.username !== "" || url.hash !== "") throw bad(option, value, expected);
  return url.origin;
};

/** "HOST[:PORT]" as in a Host field, or "primary" */
export const hostField: Parse<string> = (value, option) => {
  if (!/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.test(value)) throw bad(option, value, "HOST[:PORT] or primary");
  return value;
};

/** "/path", without a slash at its end */
export const pathPrefix: Parse<string> = (value, option) => {
  if (!/^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$/.test(value)) throw bad(option, value, "a path such as /api, without a slash at its end");
  return value;
};

/** "/prefix=URL" */
export const route: Parse<{ readonly prefix: string; readonly primary: string }> = (value, option) => {
  const [, prefix, url] = /^([^=]*)=(https?:.*)$/.exec(value) ?? [];
  if (prefix === undefined || url === undefined) throw bad(option, value, "/PREFIX=URL, for example /api=http://127.0.0.1:9001");
  return { prefix: pathPrefix(prefix, option), primary: origin(url, option) };
};

/** "Name: value" */
export const headerField: Parse<readonly [string, string]> = (value, option) => {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(value);
  // What stands behind the name may be a secret, even where a colon is missing.
  if (match === null) throw bad(option, `${/^[^\s:]*/.exec(value)?.[0] ?? ""}…`, "a header such as 'Authorization: Bearer abc'");
  return [match[1] ?? "", match[2] ?? ""];
};

/** "key=value" */
export const keyValue: Parse<readonly [string, string]> = (value, option) => {
  const at = value.indexOf("=");
  if (at < 1) throw bad(option, value, "NAME=VALUE");
  return [value.slice(0, at), value.slice(at + 1)];
};

/** Whether a text is a day that exists, such as 2027-01-31. */
export function isDay(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

export const date: Parse<string> = (value, option) => {
  if (!isDay(value)) throw bad(option, value, "a date such as 2027-01-31");
  return value;
};

/** `20/s`, above 0. */
export const perSecond: Parse<number> = (value, option) => {
  const [, digits = "0"] = /^(\d+(?:\.\d+)?)\/s$/.exec(value) ?? [];
  if (Number(digits) === 0) throw bad(option, value, "a rate such as 20/s");
  return Number(digits);
};
