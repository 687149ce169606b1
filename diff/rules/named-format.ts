/** The formats that a rule may ask for by name: those of compare/formats.ts, and a few wider ones. */

import { formatOf } from "../compare/formats.ts";
import { isRegex, type Pattern, type Regex, readRegex } from "./pattern.ts";
import { type Reading, read, wrong } from "./reading.ts";

/** First words of the names that `formatOf` gives. */
const kinds: readonly string[] = [
  ...["uuid", "ulid", "jwt", "hex", "token", "integer", "decimal", "rfc3339", "http-date", "epoch", "date", "time", "duration"],
  ...["ipv4", "ipv6", "e-mail", "url", "path", "text", "empty"],
];
/** Random ids sometimes look like something else, such as a number. */
const tokenAlphabet = /^[A-Za-z0-9_+/=~-]{6,}$/;
const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** @param text a name, more exact ones such as `rfc3339 ms Z` or `hex 24` included, or a /regex/ for the whole value */
export function readFormat(text: string): Reading<Regex> {
  if (isRegex(text)) return readRegex(text);
  if (text === "token") return named((value) => tokenAlphabet.test(value));
  if (text === "number") return named((value) => number.test(value));
  const [kind = ""] = text.split(" ", 1);
  if (!kinds.includes(kind)) return wrong(`there is no format "${text}"`, `use one of ${[...kinds, "number"].join(", ")}, or a /regex/`);
  return named((value) => {
    const format = formatOf(value);
    return format === text || format.startsWith(`${text} `);
  });
}

/** Of our own, so known to be cheap. */
function named(fits: Pattern): Reading<Regex> {
  return read({ fits, size: 0 });
}
