/** What travels over the one pipe between the live process and the observer.
 *
 *    live ──hello, request-head/-data/-trailers/-end, answer-…, abort, heartbeat, counters──► observer
 *    live ◄─────────────────ready, disposition, figures, heartbeat────────────────────  observer
 *
 * A message is `length u32 | type u8 | fields`, little endian; `length` counts what follows it. Numbers that can pass
 * 2^32 (sequence, connection, times) are float64, exact to 2^53. The layout of the fields stands beside each
 * encoder (`message-writer.ts`, `reply-writer.ts`) and in `message-decoder.ts`. */

import type { EpochMs, MonotonicMs, Ratio } from "../../model/units.ts";
import type { Disposition, DropReason } from "./reasons.ts";

/** Changes with every incompatible layout; both sides are one build, so a mismatch is a broken installation. */
export const handoverVersion = 3;
/** Bytes of `length` and `type`. */
export const prefixBytes = 5;
/** Body bytes are split into messages of at most this size: a few socket reads. */
export const maxDataBytes: number = 128 * 1024;
/** Nothing longer is ever sent (heads and trailers are bounded by the scan, 64 KiB), so a longer length means a broken pipe. */
export const maxMessageBytes: number = 256 * 1024;

export const messageTypes = {
  hello: 1,
  requestHead: 2,
  requestData: 3,
  requestEnd: 4,
  answerHead: 5,
  answerData: 6,
  answerEnd: 7,
  abort: 8,
  heartbeat: 9,
  counters: 10,
  requestTrailers: 11,
  answerTrailers: 12,
  ready: 64,
  disposition: 65,
  figures: 66,
} as const;

/** Live process → observer. Byte fields are views: valid as long as they are held, but they may share memory. */
export type LiveMessage =
  | { readonly kind: "hello"; readonly version: number; readonly epoch: string }
  | {
      readonly kind: "request-head";
      readonly sequence: number;
      /** Number of the client connection within the live process, and of the request on it (from 0). */
      readonly connection: number;
      readonly index: number;
      /** Of the request's first byte. */
      readonly at: EpochMs;
      readonly monotonic: MonotonicMs;
      readonly inclusion: Ratio;
      readonly lane: string;
      /** Request line and header section, to the empty line inclusive. */
      readonly head: Uint8Array;
    }
  | { readonly kind: "request-data"; readonly sequence: number; readonly bytes: Uint8Array }
  /** A trailer section that is not empty, to its empty line inclusive. */
  | { readonly kind: "request-trailers"; readonly sequence: number; readonly section: Uint8Array }
  | { readonly kind: "request-end"; readonly sequence: number; readonly monotonic: MonotonicMs }
  /** Of the final answer (1xx are not handed over); `monotonic` of its first byte. */
  | { readonly kind: "answer-head"; readonly sequence: number; readonly monotonic: MonotonicMs; readonly head: Uint8Array }
  | { readonly kind: "answer-data"; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly kind: "answer-trailers"; readonly sequence: number; readonly section: Uint8Array }
  | { readonly kind: "answer-end"; readonly sequence: number; readonly monotonic: MonotonicMs }
  /** Nothing more comes for this exchange. */
  | { readonly kind: "abort"; readonly sequence: number; readonly monotonic: MonotonicMs; readonly reason: DropReason }
  | { readonly kind: "heartbeat" }
  /** The ledger as JSON, for the recording: what it is missing, and why. */
  | { readonly kind: "counters"; readonly snapshot: string };

/** Observer → live process. */
export type ObserverMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "disposition"; readonly sequence: number; readonly disposition: Disposition }
  /** `ObserverFigures` as JSON in UTF-8, kept as bytes: it is read when somebody asks for it. */
  | { readonly kind: "figures"; readonly json: Uint8Array };

export type HandoverMessage = LiveMessage | ObserverMessage;
