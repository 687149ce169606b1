/** What is kept of an exchange that may be chosen: numbers, no bodies. */

export interface Candidate {
  /** Its place in the recording, from 0. */
  readonly number: number;
  /** Of its lane, or of its connection where it has none; its own where it has neither. */
  readonly session: number;
  /** Equal for requests that ask for the same. */
  readonly request: string;
  /** It may change the target's state. */
  readonly unsafe: boolean;
  /** Unsafe exchanges of its session before it: they come with it. */
  readonly writesBefore: number;
  /** The traits that it is an example of. */
  readonly traits: readonly number[];
}

/** Two exchanges that overlapped in time. */
export type OverlappingPair = readonly [Candidate, Candidate];
