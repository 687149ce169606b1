/** Values that are new in every answer by nature, told by their format: for runs without a control, where
 * nothing else says that a field is noisy. */

import { formatOf } from "./compare/formats.ts";

/** First word of the formats of `formatOf`; a plain date is not among them: it rarely changes between two answers. */
const volatileFormats: ReadonlySet<string> = new Set([
  "uuid",
  "ulid",
  "jwt",
  "hex",
  "token",
  "epoch",
  "rfc3339",
  "http-date",
  "time",
  "duration",
]);

/** Whether both sides have the same volatile format. Quotes of a JSON string and of an entity tag are looked through. */
export function sameVolatileFormat(from: string | null, to: string | null): boolean {
  if (from === null || to === null) return false;
  const [left, right] = [volatileFormat(from), volatileFormat(to)];
  return left !== null && left === right;
}

function volatileFormat(rendered: string): string | null {
  const value = rendered.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
  const name = formatOf(value).split(" ", 1)[0] ?? "";
  return volatileFormats.has(name) ? name : null;
}
