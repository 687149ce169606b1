/** Option values: text in, typed value out, or one clear line about what is wrong. */

import { z } from "zod";
import { PenumbraError } from "../model/errors.ts";
import { shownAddress } from "../model/shown-address.ts";
import { parseFilter } from "../replayer/selection.ts";
import * as schemas from "./value-schemas.ts";

function bad(option: string, text: string, expected: string): PenumbraError {
  return new PenumbraError("BAD_OPTION", `${option} cannot be "${shownAddress(text)}"`, `give ${expected}`);
}

export interface Parse<T> {
  (text: string, option: string): T;
  /** Where only a few texts are allowed: those. */
  readonly allowed?: readonly string[];
  /** How it may be written in the configuration file. */
  readonly schema: schemas.ValueSchema;
}

function parser<T>(schema: schemas.ValueSchema, parse: (text: string, option: string) => T): Parse<T> {
  return Object.assign(parse, { schema });
}

/** A text that has to match, as it does in the schema.
 * @param expected for the complaint: "a date such as …" */
function matching(source: string, expected: string, schema: schemas.ValueSchema = [schemas.pattern(source)]): Parse<string> {
  const whole = new RegExp(`^(?:${source})$`, "u");
  return parser(schema, (value, option) => {
    if (!whole.test(value)) throw bad(option, value, expected);
    return value;
  });
}

export const text: Parse<string> = parser(schemas.anyScalar, (value, option) => {
  if (value === "") throw bad(option, value, "a value that is not empty");
  return value;
});

/** Where something is written. A single - means standard output elsewhere, and would be a file's name here. */
export const place: Parse<string> = parser([schemas.pattern("(?!-$)[^]+"), { type: ["number", "boolean"] }], (value, option) => {
  if (value === "-") throw bad(option, value, "a path; ./- is a file of that name");
  return text(value, option);
});

/** A bearer token: what a header can carry (RFC 6750 §2.1 allows less). The complaint does not repeat it: it is a secret. */
export const token: Parse<string> = parser(schemas.scalarLike("[\\x21-\\x7e]+"), (value, option) => {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new PenumbraError("BAD_OPTION", `${option} is nothing that a header can carry`, "give visible ASCII characters without spaces");
});

export function oneOf<const T extends string>(...allowed: readonly T[]): Parse<T> {
  const parse = parser(schemas.oneOfTexts(allowed), (value, option): T => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw bad(option, value, `one of ${allowed.join(", ")}`);
    return found;
  });
  return Object.assign(parse, { allowed });
}

export function wholeNumber(from: number, to: number): Parse<number> {
  return parser(schemas.integer(from, to), (value, option) => {
    const parsed = Number(value);
    if (!/^\d+$/.test(value) || parsed < from || parsed > to) throw bad(option, value, `a whole number from ${from} to ${to}`);
    return parsed;
  });
}

/** As JavaScript writes numbers that are very small. */
const tiny = "\\d(?:\\.\\d+)?[eE]-[1-9]\\d?";

/** "10%", "0.1" → 0.1 */
export const share: Parse<number> = parser(
  [{ type: "number", minimum: 0, maximum: 1 }, schemas.pattern(`${schemas.decimalUpTo(1)}|${schemas.decimalUpTo(100)}%|${tiny}%?`)],
  (value, option) => {
    const match = new RegExp(`^(\\d+(?:\\.\\d+)?|${tiny})(%?)$`).exec(value);
    const parsed = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
    if (!(parsed >= 0 && parsed <= 1)) throw bad(option, value, "a share such as 10% or 0.1");
    return parsed;
  },
);

/** Above it, JavaScript writes a number otherwise than people do; nothing is so large. */
const largestNumber = 1e15;

export const positiveNumber: Parse<number> = parser(
  [
    { type: "number", exclusiveMinimum: 0, maximum: largestNumber },
    schemas.pattern(`${schemas.aboveZero}(?:${schemas.decimalUpTo(largestNumber)}|${tiny})`),
  ],
  (value, option) => {
    const parsed = new RegExp(`^(?:\\d+(?:\\.\\d+)?|${tiny})$`).test(value) ? Number(value) : Number.NaN;
    if (!(parsed > 0 && parsed <= largestNumber)) throw bad(option, value, "a number above 0");
    return parsed;
  },
);

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const days = durationUnits.d;

/** Some are multiplied by three before they become a timer, and a timer holds 24.8 days. */
const longestDuration = 7 * days;
/** The longest time for which something is kept: ten years. */
const longestAge = 3650 * days;

/** Amounts of time of which each is at most so long. */
function amountsUpTo(longestMs: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(durationUnits).map(([unit, ms]) => [unit, schemas.decimalUpTo(longestMs / ms)]));
}

/** "10ms", "5s", "2m" → milliseconds */
export const duration: Parse<number> = parser([schemas.pattern(schemas.withUnits(amountsUpTo(longestDuration)))], (value, option) => {
  const parsed = millisecondsOf(value);
  if (parsed === null) throw bad(option, value, "a duration such as 10ms, 5s or 2m");
  if (parsed > longestDuration) throw bad(option, value, "at most 7d");
  return parsed;
});

/** A duration within which something can happen. */
export const durationAboveZero: Parse<number> = parser(
  [schemas.pattern(`${schemas.aboveZero}(?:${schemas.withUnits(amountsUpTo(longestDuration))})`)],
  (value, option) => {
    const parsed = duration(value, option);
    if (parsed === 0) throw bad(option, value, "a duration above 0ms");
    return parsed;
  },
);

/** What is a second at least. Of the longer units an editor's check only knows that zero is less. */
const ages = { ms: "(?=0*[1-9]\\d{3})", s: "(?=0*[1-9])", m: schemas.aboveZero, h: schemas.aboveZero, d: schemas.aboveZero };

/** How old something may grow. No timer waits for it, so it may be long. */
export const age: Parse<number> = parser(
  [
    schemas.pattern(
      schemas.withUnits(
        Object.fromEntries(
          Object.entries(amountsUpTo(longestAge)).map(([unit, amount]) => [unit, ages[unit as keyof typeof ages] + amount]),
        ),
      ),
    ),
  ],
  (value, option) => {
    const parsed = millisecondsOf(value);
    if (parsed === null) throw bad(option, value, "a duration such as 12h or 30d");
    if (parsed < durationUnits.s || parsed > longestAge) throw bad(option, value, "at least 1s and at most 3650d");
    return parsed;
  },
);

function millisecondsOf(value: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
  return match === null ? null : Number(match[1]) * durationUnits[match[2] as keyof typeof durationUnits];
}

const sizeUnits: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, kB: 1e3, MB: 1e6, GB: 1e9 };

/** "64MiB" → bytes */
export const size: Parse<number> = sizeFrom("0");

/** A path, or the beginning of one. */
export const path: Parse<string> = matching("/[^]*", "a path that begins with a slash, such as /logout");

/** A size that is not below `least`. */
export function sizeFrom(least: string): Parse<number> {
  const leastBytes = bytesOf(least) ?? Number.NaN;
  const byUnit = Object.entries(sizeUnits).map(([unit, bytes]) => [
    unit,
    schemas.digits(Math.ceil(leastBytes / bytes), Math.floor(Number.MAX_SAFE_INTEGER / bytes)),
  ]);
  const numbers = { type: "integer", minimum: leastBytes, maximum: Number.MAX_SAFE_INTEGER };
  return parser([numbers, schemas.pattern(schemas.withUnits(Object.fromEntries(byUnit) as Record<string, string>))], (value, option) => {
    const parsed = bytesOf(value);
    if (parsed === null || parsed > Number.MAX_SAFE_INTEGER) throw bad(option, value, "a size such as 64MiB");
    if (parsed < leastBytes) throw bad(option, value, `at least ${least}`);
    return parsed;
  });
}

function bytesOf(value: string): number | null {
  const match = /^(\d+)(B|KiB|MiB|GiB|kB|MB|GB)?$/.exec(value);
  return match === null ? null : Number(match[1]) * (sizeUnits[match[2] ?? ""] ?? Number.NaN);
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const ipv6 = `${z.regexes.ipv6.source.slice(1, -1)}|::[fF]{4}:\\d{1,3}(?:\\.\\d{1,3}){3}`;
const zone = "(?:%[A-Za-z0-9._~-]+)?";
const listenHost = `(?:[A-Za-z0-9.-]+|\\[(?:${ipv6})${zone}\\]|(?:${ipv6})${zone})`;
const hostPortPattern = `(?:${listenHost}:)?(?=\\d{1,5}$)${schemas.digits(0, 65_535)}`;

/** "[HOST:]PORT"; the host is 127.0.0.1 unless given; port 0 = any free one. */
export const hostPort: Parse<HostPort> = parser(
  [{ type: "integer", minimum: 0, maximum: 65_535 }, schemas.pattern(hostPortPattern)],
  (value, option) => {
    if (!new RegExp(`^${hostPortPattern}$`, "u").test(value)) throw bad(option, value, "[HOST:]PORT, for example 127.0.0.1:8080");
    const colon = value.lastIndexOf(":");
    const host = colon < 0 ? "127.0.0.1" : value.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    return { host, port: Number(value.slice(colon + 1)) };
  },
);

/** A host name, without a port. */
export const hostName: Parse<string> = matching(
  "[A-Za-z0-9._-]+",
  "a host name without a port, such as penumbra.example.com",
  schemas.scalarLike("[A-Za-z0-9._-]+"),
);

const authority = `(?:[A-Za-z0-9._~\\u00a1-\\uffff-]+|\\[(?:${ipv6})\\])(?::(?:${schemas.digits(1, 65_535)})?)?`;
const originPattern = `[hH][tT][tT][pP][sS]?://${authority}/?`;

/** An origin: http://host[:port] or https://…, without path. */
export const origin: Parse<string> = parser([schemas.pattern(originPattern)], (value, option) => {
  const expected = "an origin such as http://127.0.0.1:8080 (no path)";
  if (!URL.canParse(value)) throw bad(option, value, expected);
  const url = new URL(value);
  if (url.port === "0") throw bad(option, value, "a port to which one can connect; 0 is none");
  if (!new RegExp(`^${originPattern}$`, "u").test(value)) throw bad(option, value, expected);
  return url.origin;
});

const fieldHost = "(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::\\d{1,5})?";

/** "HOST[:PORT]" as in a Host field, or "primary" */
export const hostField: Parse<string> = matching(fieldHost, "HOST[:PORT] or primary", schemas.scalarLike(fieldHost));

const inPrefix = "A-Za-z0-9._~!$&'()*+,;:@%-";
const prefixPattern = `(?:/[=${inPrefix}]+)+`;

/** "/path", without a slash at its end */
export const pathPrefix: Parse<string> = matching(prefixPattern, "a path such as /api, without a slash at its end");

/** "/prefix=URL" */
export const route: Parse<{ readonly prefix: string; readonly primary: string }> = parser(
  [schemas.pattern(`(?:/[${inPrefix}]+)+=https?://${authority}/?`)],
  (value, option) => {
    const [, prefix, url] = /^([^=]*)=(https?:.*)$/.exec(value) ?? [];
    if (prefix === undefined || url === undefined) throw bad(option, value, "/PREFIX=URL, for example /api=http://127.0.0.1:9001");
    return { prefix: pathPrefix(prefix, option), primary: origin(url, option) };
  },
);

const fieldName = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** "Name: value" */
export const headerField: Parse<readonly [string, string]> = parser(
  [schemas.pattern(`${fieldName}:[\\t\\x20-\\x7e\\x80-\\xff]*`)],
  (value, option) => {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(value);
    // What stands behind the name may be a secret, even where a colon is missing.
    if (match === null) throw bad(option, `${/^[^\s:]*/.exec(value)?.[0] ?? ""}…`, "a header such as 'Authorization: Bearer abc'");
    return [match[1] ?? "", match[2] ?? ""];
  },
);

/** "key=value" */
export const keyValue: Parse<readonly [string, string]> = parser([schemas.pattern("[^=]+=[^]*")], (value, option) => {
  const at = value.indexOf("=");
  if (at < 1) throw bad(option, value, "NAME=VALUE");
  return [value.slice(0, at), value.slice(at + 1)];
});

/** Of requests, `METHOD /path`; one that selects something is read where it is used. */
export const filter: Parse<string> = parser(schemas.scalarLike("\\s*\\S+(?:\\s+[/*]\\S*)?\\s*"), (value) => {
  parseFilter(value);
  return value;
});

export const reportFormats = ["text", "json", "html", "markdown", "junit", "github", "gitlab"] as const;

/** "FORMAT=PATH" */
export const reportTarget: Parse<readonly [string, string]> = parser(
  [schemas.pattern(`(?:${reportFormats.join("|")})=[^]*`)],
  (value, option) => {
    const [format = "", file] = /^([^=]+)=([^]*)$/.exec(value)?.slice(1) ?? [];
    if (file === undefined) throw bad(option, value, "FORMAT=PATH, such as markdown=comment.md");
    if (reportFormats.some((each) => each === format)) return [format, file];
    const problem = `${option} ${format}=… names no report format`;
    throw new PenumbraError("UNKNOWN_FORMAT", problem, `use one of ${reportFormats.join(", ")}`);
  },
);

/** What names a session: `usual`, `cookie:NAME`, `header:NAME`, `ip` or `connection`. */
export const laneKey: Parse<string> = matching(
  `usual|ip|connection|(?:cookie|header):${fieldName}`,
  "usual, cookie:NAME, header:NAME, ip or connection",
);

const day = new RegExp(`^(?:${schemas.dayPattern})$`, "u");

/** Whether a text is a day that exists, such as 2027-01-31. */
export function isDay(value: string): boolean {
  return day.test(value);
}

export const date: Parse<string> = matching(schemas.dayPattern, "a date such as 2027-01-31");

const clockTime = "T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)?";

/** A moment in ISO 8601; without an offset, a day is UTC's and a time the machine's. */
export const time: Parse<string> = matching(`(?:${schemas.dayPattern})(?:${clockTime})?`, "a time such as 2026-11-22T10:15:00Z");

const ratePattern = `${schemas.aboveZero}\\d+(?:\\.\\d+)?/s`;

/** `20/s`, above 0. */
export const perSecond: Parse<number> = parser([schemas.pattern(ratePattern)], (value, option) => {
  if (!new RegExp(`^${ratePattern}$`, "u").test(value)) throw bad(option, value, "a rate such as 20/s");
  return Number.parseFloat(value);
});

/** `recorded`, `max` or `20/s`. */
export const pace: Parse<string> = matching(`recorded|max|${ratePattern}`, "recorded, max, or a rate such as 100/s");
