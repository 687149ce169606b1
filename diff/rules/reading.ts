/** What came of reading something that a user wrote: its meaning, or what is wrong with it and what to write instead. */

export type Reading<T> =
  | { readonly kind: "read"; readonly value: T }
  /** Both without a full stop: "$[-1] counts from the end", "count from the start". */
  | { readonly kind: "wrong"; readonly problem: string; readonly advice: string };

export function read<T>(value: T): Reading<T> {
  return { kind: "read", value };
}

export function wrong(problem: string, advice: string): Reading<never> {
  return { kind: "wrong", problem, advice };
}
