/** A long list of which only what is on the screen, and a little around it, is in the document. Rows may grow when they are opened: what
 * was drawn is measured, the rest is guessed to be as high as rows were so far. Short lists are drawn whole, so that a browser can search them. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { RowHeights } from "./row-heights.ts";

/** Up to so many are drawn whole. */
const drawnWhole = 150;
/** Pixels drawn above and below the screen. */
const around = 800;

export interface VirtualListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly row: (item: T, index: number) => ComponentChildren;
  /** The item that is to get the focus, wherever it is. */
  readonly wanted: string | null;
  /** It has it now: its element. */
  readonly found: (element: HTMLElement) => void;
}

export function VirtualList<T>({ items, keyOf, row, wanted, found }: VirtualListProps<T>) {
  const list = useRef<HTMLOListElement>(null);
  const heights = useMemo(() => new RowHeights(items.length), [items]);
  const frame = useSignal(0);
  const isWhole = items.length <= drawnWhole;
  useLayoutEffect(() => (isWhole ? undefined : onScroll(() => frame.value++)), [isWhole]);
  useLayoutEffect(() => {
    if (isWhole || list.current === null) return undefined;
    const observer = new ResizeObserver((entries) => {
      const changes = entries.filter(({ target }) => note(heights, target as HTMLElement));
      if (changes.length > 0) frame.value++;
    });
    for (const element of rowsIn(list.current)) observer.observe(element);
    return () => observer.disconnect();
  });
  useLayoutEffect(() => {
    if (wanted === null || list.current === null) return;
    const element = rowsIn(list.current).find(({ dataset }) => dataset["key"] === wanted);
    if (element !== undefined) found(element);
    else
      bringNear(
        heights,
        items.findIndex((item) => keyOf(item) === wanted),
        list.current,
      );
  });
  void frame.value;
  const range = isWhole ? null : rangeOf(heights, items.length, list.current);
  const drawn = range === null ? items : items.slice(range.first, range.end);
  const padding = range === null ? {} : { style: { paddingTop: `${range.before}px`, paddingBottom: `${range.after}px` } };
  return (
    <ol class="cards" ref={list} {...padding}>
      {drawn.map((item, offset) => (
        <li
          key={keyOf(item)}
          data-key={keyOf(item)}
          data-row={(range?.first ?? 0) + offset}
          aria-setsize={items.length}
          aria-posinset={(range?.first ?? 0) + offset + 1}
        >
          {row(item, (range?.first ?? 0) + offset)}
        </li>
      ))}
    </ol>
  );
}

/** Once a frame, however often the page is scrolled. */
function onScroll(redraw: () => void): () => void {
  let isPending = false;
  const later = (): void => {
    if (isPending) return;
    isPending = true;
    requestAnimationFrame(() => {
      isPending = false;
      redraw();
    });
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  return () => {
    removeEventListener("scroll", later);
    removeEventListener("resize", later);
  };
}

function rowsIn(list: HTMLElement): HTMLElement[] {
  return [...list.children].filter((element): element is HTMLElement => element instanceof HTMLElement);
}

/** @returns whether its height is another one now */
function note(heights: RowHeights, element: HTMLElement): boolean {
  return heights.measure(Number(element.dataset["row"]), element.offsetHeight);
}

function bringNear(heights: RowHeights, row: number, list: HTMLElement): void {
  if (row !== -1) scrollTo({ top: scrollY + list.getBoundingClientRect().top + heights.startOf(row) - innerHeight / 3 });
}

interface Range {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  /** Pixels above and below what is drawn. */
  readonly before: number;
  readonly after: number;
}

function rangeOf(heights: RowHeights, rows: number, list: HTMLElement | null): Range {
  const top = list === null ? 0 : list.getBoundingClientRect().top;
  const first = heights.rowAt(-top - around);
  const end = heights.rowAt(-top + innerHeight + around) + 1;
  return { first, end, before: heights.startOf(first), after: heights.startOf(rows) - heights.startOf(end) };
}
