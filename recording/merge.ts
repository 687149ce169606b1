/** Merges segments that each are in order into one order, with few of them open at a time. */

/** Something that yields items in order, and says beforehand where it begins. */
export interface Source<T> {
  /** Order of its first item. */
  readonly start: number;
  open(): Iterator<T>;
}

interface Cursor<T> {
  readonly items: Iterator<T>;
  head: T;
}

/** Items of all sources by `orderOf`; equal ones in the order of the sources.
 * A source is opened when the merge has come to its start, and closed at its end or when the reader stops. */
export function* mergeInOrder<T>(sources: readonly Source<T>[], orderOf: (item: T) => number): Generator<T> {
  const waiting = sources.toSorted((a, b) => a.start - b.start);
  const open: Cursor<T>[] = [];
  try {
    for (;;) {
      let first = earliest(open, orderOf);
      const next = waiting[0];
      if (next !== undefined && (first === undefined || next.start <= orderOf(first.head))) {
        waiting.shift();
        openCursor(next, open);
        first = earliest(open, orderOf);
      } else {
        if (first === undefined) return;
        yield first.head;
        advance(first, open);
      }
    }
  } finally {
    for (const cursor of open) cursor.items.return?.();
  }
}

function earliest<T>(open: readonly Cursor<T>[], orderOf: (item: T) => number): Cursor<T> | undefined {
  let best = open[0];
  for (const cursor of open) if (best === undefined || orderOf(cursor.head) < orderOf(best.head)) best = cursor;
  return best;
}

function openCursor<T>(source: Source<T>, open: Cursor<T>[]): void {
  const items = source.open();
  const first = items.next();
  if (first.done !== true) open.push({ items, head: first.value });
}

function advance<T>(cursor: Cursor<T>, open: Cursor<T>[]): void {
  const next = cursor.items.next();
  if (next.done === true) open.splice(open.indexOf(cursor), 1);
  else cursor.head = next.value;
}
