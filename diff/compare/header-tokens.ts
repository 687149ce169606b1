/** Compares the texts of headers and cookies that may be a JWT: such a token is another one in each answer, and what
 * it claims is what counts. */

import { type Embedded, readJwt } from "./embedded.ts";
import { compareJson } from "./json.ts";
import { compareText, headerSite } from "./leaf.ts";
import { Ledger } from "./ledger.ts";
import type { AnswerPair } from "./pair.ts";

const scheme = /^(Bearer )(.*)$/s;

/** Compares two values as one leaf. */
export function compareHeaderText(left: string, right: string, path: string, pair: AnswerPair): void {
  const [before, after] = left === right ? [null, null] : [readToken(left, pair), readToken(right, pair)];
  if (before === "beyond" || after === "beyond") return pair.ledger.skip();
  if (before === null || after === null) return compareText(left, right, headerSite(path), pair);
  const claims = new Ledger();
  compareJson(before, after, { ...pair, ledger: claims });
  const { differences } = claims.conclude(pair.references, pair.anchors);
  const [first] = differences;
  if (first === undefined) return pair.ledger.agreeByFormat();
  const names = differences.map((difference) => difference.path.slice(1)).sort();
  const { from, to } = first;
  return pair.ledger.differ({
    location: "header",
    path,
    kind: "header.value",
    level: "value",
    from,
    to,
    transition: `JWT ${names.join(", ")}`,
  });
}

function readToken(value: string, { work }: AnswerPair): Embedded {
  return readJwt(scheme.exec(value)?.[2] ?? value, work);
}
