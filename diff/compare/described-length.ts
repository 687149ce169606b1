/** Compares the lengths that two answers without a body say it would have. Where there is a body, its own length is what counts. */

import { contentCodings } from "../../model/content.ts";
import { type Answer, headerValue } from "../../model/exchange.ts";
import { excerpt } from "./excerpt.ts";
import { compareText, headerSite } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { underIgnoring, underValueRule } from "./user-rules.ts";

const path = "content-length";

/** For HEAD and 304 (RFC 9110 §8.6): a server may leave the length out, but what it says is that of the answer to GET. */
export function compareDescribedLengths(left: Answer, right: Answer, pair: AnswerPair): void {
  const [before, after] = [headerValue(left.headers, path), headerValue(right.headers, path)];
  // Another status, or another coding, has another length and is told itself.
  if (before === undefined || after === undefined || left.status !== right.status || !isCodedAlike(left, right)) return;
  const rules = pair.rules.header(path);
  const compare = (): void => compareText(before, after, headerSite(path), pair);
  underIgnoring(rules.ignoredBy, pair, () => {
    if (rules.value === null) return compare();
    const values = { location: "header", path, formatKind: "header.format", left: before, right: after, render: excerpt } as const;
    return underValueRule(rules.value, values, pair, compare);
  });
}

function isCodedAlike(left: Answer, right: Answer): boolean {
  return contentCodings(left.headers).join() === contentCodings(right.headers).join();
}
