/** Units of measure as types, so that a wall time is never subtracted from a monotonic one.
 * Each constructor below is the only place where a plain number becomes that unit. */

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Wall clock, milliseconds since 1970-01-01 UTC; may carry a fraction. */
export type EpochMs = Unit<"EpochMs">;
/** Monotonic clock of one process, milliseconds with fraction; only differences mean something. */
export type MonotonicMs = Unit<"MonotonicMs">;
/** A span of time in milliseconds. */
export type Milliseconds = Unit<"Milliseconds">;
/** A size in bytes. */
export type Bytes = Unit<"Bytes">;
/** A share from 0 to 1. */
export type Ratio = Unit<"Ratio">;

export const epochMs = (value: number): EpochMs => value as EpochMs;
export const monotonicMs = (value: number): MonotonicMs => value as MonotonicMs;
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const bytes = (value: number): Bytes => value as Bytes;
export const ratio = (value: number): Ratio => value as Ratio;
