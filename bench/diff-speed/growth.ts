/** Shapes of documents that tempt a comparison into quadratic work, at sizes that double: arrays with and without keys, deep
 * nests, long strings, objects with many keys, texts with many lines. */

import { seededRandom, shuffled } from "../../model/random.ts";

/** A pair of bodies of a given size. */
export interface Shape {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly type: string;
  readonly pairOf: (size: number) => readonly [left: string, right: string];
}

const elementCounts: readonly number[] = [1_000, 5_000, 20_000, 50_000];
/** Over 20,000 lines a text is compared as a whole. */
const lineCounts: readonly number[] = [1_000, 5_000, 10_000, 20_000, 50_000];
const seed = 7;

/** Three nodes, so that 50,000 of them stay within the bound on nodes. */
const keyed = (index: number, value: number): object => ({ id: index, price: value });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

type Elements = (count: number) => readonly unknown[];

function arrays(name: string, left: Elements, right: Elements): Shape {
  return {
    name,
    sizes: elementCounts,
    type: "application/json",
    pairOf: (count) => [JSON.stringify(left(count)), JSON.stringify(right(count))],
  };
}

const keyedElements: Elements = (count) => numbers(count).map((index) => keyed(index, index));
const bareElements: Elements = (count) => numbers(count).map((index) => `value ${index * 31}`);
const reordered =
  (elements: Elements): Elements =>
  (count) =>
    shuffled(elements(count), seededRandom(seed));
const inserted =
  (elements: Elements): Elements =>
  (count) =>
    elements(count + 1).toSpliced(count >> 1, 0, ...elements(count + 3).slice(-1));

export const shapes: readonly Shape[] = [
  arrays("keyed, reordered", keyedElements, reordered(keyedElements)),
  arrays("keyed, one inserted", keyedElements, inserted(keyedElements)),
  arrays("keyed, all changed", keyedElements, (count) => numbers(count).map((index) => keyed(index, index + 0.5))),
  arrays("keyed, none in common", keyedElements, (count) => numbers(count).map((index) => keyed(index + count, index + 0.5))),
  arrays("bare, reordered", bareElements, reordered(bareElements)),
  arrays("bare, one inserted", bareElements, inserted(bareElements)),
  arrays("bare, none in common", bareElements, (count) => numbers(count).map((index) => `other ${index}`)),
  arrays(
    "objects without key",
    (count) => numbers(count).map((index) => ({ a: index % 7, b: index % 11 })),
    (count) => numbers(count).map((index) => ({ a: index % 7, b: index % 13 })),
  ),
  {
    name: "object with many keys",
    sizes: elementCounts,
    type: "application/json",
    pairOf: (count) => {
      const members = (step: number): string =>
        JSON.stringify(Object.fromEntries(numbers(count).map((index) => [`key ${index * step}`, index])));
      return [members(1), members(2)];
    },
  },
  {
    name: "nested 8 to 500 deep",
    sizes: [8, 60, 250, 500],
    type: "application/json",
    pairOf: (depth) => {
      const nest = (leaf: number): string => `${'[{"a":'.repeat(depth / 2)}${leaf}${"}]".repeat(depth / 2)}`;
      return [nest(1), nest(2)];
    },
  },
  {
    name: "long string",
    sizes: [10_000, 100_000, 1_000_000, 4_000_000],
    type: "application/json",
    pairOf: (length) => [JSON.stringify(["a b".repeat(length / 3)]), JSON.stringify([`${"a b".repeat(length / 3)}c`])],
  },
  {
    name: "text, every 50th line changed",
    sizes: lineCounts,
    type: "text/plain",
    pairOf: (count) => {
      const lines = (word: string): string =>
        numbers(count)
          .map((index) => (index % 50 === 0 ? `${word} line` : `line ${"abcdefgh"[index % 8]}`))
          .join("\n");
      return [lines("old"), lines("new")];
    },
  },
  {
    name: "text, none in common",
    sizes: lineCounts,
    type: "text/plain",
    pairOf: (count) => {
      const lines = (word: string): string =>
        numbers(count)
          .map((index) => `${word} ${index.toString(2).replaceAll("0", "a").replaceAll("1", "b")}`)
          .join("\n");
      return [lines("old"), lines("new")];
    },
  },
];
