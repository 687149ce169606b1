/** The names of the fields of a header section, in the order they are compared. A service sends the same names in the same order
 * in most of its answers, so that they are sorted and told apart once. */

import type { HeaderList } from "../../model/exchange.ts";

/** One field and where it stands. */
interface FieldLines {
  /** Lower case. */
  readonly name: string;
  /** Indices of its lines in the section. */
  readonly lines: readonly number[];
}

export interface HeaderLayout {
  /** As sent, line by line. */
  readonly sent: readonly string[];
  /** By name. */
  readonly fields: readonly FieldLines[];
}

/** Layouts remembered: a service has a few, for its kinds of answers. */
const maxRemembered = 8;
/** The latest first. */
const remembered: HeaderLayout[] = [];

/** The layout that both sections have, or null when they differ in names or their order.
 * @param ignored names that are not compared, in lower case */
export function commonLayout(left: HeaderList, right: HeaderList, ignored: ReadonlySet<string>): HeaderLayout | null {
  if (left.length !== right.length) return null;
  for (let line = 0; line < left.length; line++) if (left[line]?.[0] !== right[line]?.[0]) return null;
  const known = remembered.findIndex(({ sent }) => isLayoutOf(sent, left));
  const layout = remembered[known] ?? readLayout(left, ignored);
  if (known === 0) return layout;
  if (known > 0) remembered.splice(known, 1);
  remembered.unshift(layout);
  if (remembered.length > maxRemembered) remembered.pop();
  return layout;
}

function isLayoutOf(sent: readonly string[], headers: HeaderList): boolean {
  if (sent.length !== headers.length) return false;
  for (let line = 0; line < sent.length; line++) if (sent[line] !== headers[line]?.[0]) return false;
  return true;
}

function readLayout(headers: HeaderList, ignored: ReadonlySet<string>): HeaderLayout {
  const fields = new Map<string, number[]>();
  headers.forEach(([key], line) => {
    const name = key.toLowerCase();
    if (ignored.has(name)) return;
    const lines = fields.get(name);
    if (lines === undefined) fields.set(name, [line]);
    else lines.push(line);
  });
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
  return { sent: headers.map(([name]) => name), fields: sorted.map(([name, lines]) => ({ name, lines })) };
}
