/** A long list of which only what is on the screen, and a little around it, is in the document. Rows may grow when they are opened: what
 * was drawn is measured, the rest is guessed to be as high as rows were so far. Short lists are drawn whole, so that a browser can search them. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Up to so many are drawn whole. */
const drawnWhole = 150;
/** Pixels drawn above and below the screen. */
const around = 800;
const firstGuess = 96;
const gap = 10;
/** Rows that tell how high others are. */
const recentRows = 50;

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
  const heights = useRef(new Map<string, number>());
  const frame = useSignal(0);
  const isWhole = items.length <= drawnWhole;
  useLayoutEffect(() => (isWhole ? undefined : onScroll(() => frame.value++)), [isWhole]);
  useLayoutEffect(() => {
    if (isWhole || list.current === null) return undefined;
    const observer = new ResizeObserver((entries) => {
      const changes = entries.filter(({ target }) => note(heights.current, target as HTMLElement));
      if (changes.length > 0) frame.value++;
    });
    for (const element of rowsIn(list.current)) observer.observe(element);
    return () => observer.disconnect();
  });
  useLayoutEffect(() => {
    if (wanted === null || list.current === null) return;
    const element = rowsIn(list.current).find(({ dataset }) => dataset["key"] === wanted);
    if (element !== undefined) found(element);
    else bringNear(items, keyOf, wanted, heights.current, list.current);
  });
  void frame.value;
  const range = isWhole ? null : rangeOf(items, keyOf, heights.current, list.current);
  const drawn = range === null ? items : items.slice(range.first, range.end);
  const padding = range === null ? {} : { style: { paddingTop: `${range.before}px`, paddingBottom: `${range.after}px` } };
  return (
    <ol class="cards" ref={list} {...padding}>
      {drawn.map((item, offset) => (
        <li key={keyOf(item)} data-key={keyOf(item)} aria-setsize={items.length} aria-posinset={(range?.first ?? 0) + offset + 1}>
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
function note(heights: Map<string, number>, element: HTMLElement): boolean {
  const key = element.dataset["key"] ?? "";
  const height = element.offsetHeight + gap;
  if (height === gap || heights.get(key) === height) return false;
  heights.set(key, height);
  return true;
}

function bringNear<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  key: string,
  heights: ReadonlyMap<string, number>,
  list: HTMLElement,
): void {
  const guess = guessOf(heights);
  let offset = 0;
  for (const item of items) {
    if (keyOf(item) === key) {
      scrollTo({ top: scrollY + list.getBoundingClientRect().top + offset - innerHeight / 3 });
      return;
    }
    offset += heights.get(keyOf(item)) ?? guess;
  }
}

interface Range {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  /** Pixels above and below what is drawn. */
  readonly before: number;
  readonly after: number;
}

function rangeOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  heights: ReadonlyMap<string, number>,
  list: HTMLElement | null,
): Range {
  const guess = guessOf(heights);
  const top = list === null ? 0 : list.getBoundingClientRect().top;
  const [from, to] = [-top - around, -top + innerHeight + around];
  let [offset, before, first, end, drawnTo] = [0, 0, -1, 0, 0];
  for (const [index, item] of items.entries()) {
    const next = offset + (heights.get(keyOf(item)) ?? guess);
    // At least one row, else there would be nothing to measure.
    if (next >= from && (offset <= to || first === -1)) {
      if (first === -1) [first, before] = [index, offset];
      [end, drawnTo] = [index + 1, next];
    }
    offset = next;
  }
  if (first === -1) return { first: items.length - 1, end: items.length, before: Math.max(0, offset - guess), after: 0 };
  return { first, end, before, after: Math.max(0, offset - drawnTo) };
}

function guessOf(heights: ReadonlyMap<string, number>): number {
  const last = [...heights.values()].slice(-recentRows).toSorted((a, b) => a - b);
  return last[Math.floor(last.length / 2)] ?? firstGuess;
}
