/** More traffic out of a recording: copies side by side, and passes one after another.
 *
 *    recording   x1 ── x2                      lane a
 *    amplify 2   x1 ── x2                      lane a          passes of `loop` follow each other without overlap:
 *                x1~2 ─ x2~2                   lane a~2        x1 x2 │ x1@2 x2@2 │ x1@3 x2@3
 *
 * Every copy is a user of its own: lanes and connections are its own, and so are the ids, by which targets are drawn and
 * exemplars named. Nothing is kept of a pass but its span. */

import type { Exchange } from "../model/exchange.ts";
import { epochMs } from "../model/units.ts";

export interface Multiplication {
  /** Copies of every exchange that leave at the same moment; 1 = the exchange alone. */
  readonly amplify: number;
  /** How often the recording is gone through. */
  readonly loop: number;
}

export interface Copy extends Exchange {
  /** Which of the copies that are side by side; 0 = the first. */
  readonly copy: number;
}

export const once: Multiplication = { amplify: 1, loop: 1 };

/** All copies of all passes, in order of start.
 * @param open reads the recording from its beginning; called once a pass */
export async function* multiply(open: () => AsyncIterable<Exchange>, { amplify, loop }: Multiplication): AsyncGenerator<Copy> {
  let shift = 0;
  for (let pass = 0; pass < loop; pass++) {
    let first: number | null = null;
    let end = 0;
    for await (const exchange of open()) {
      first ??= exchange.at;
      end = Math.max(end, exchange.at + exchange.outcome.tookMs);
      for (let copy = 0; copy < amplify; copy++) yield copyOf(exchange, { pass, copy, shift });
    }
    if (first === null) return;
    // The next pass begins when the last answer of this one has ended: related requests stay in order.
    shift += end - first;
  }
}

function copyOf(exchange: Exchange, { pass, copy, shift }: { readonly pass: number; readonly copy: number; readonly shift: number }): Copy {
  if (pass === 0 && copy === 0) return { ...exchange, copy };
  const mark = `${copy === 0 ? "" : `~${copy + 1}`}${pass === 0 ? "" : `@${pass + 1}`}`;
  return {
    ...exchange,
    id: `${exchange.id}${mark}`,
    at: epochMs(exchange.at + shift),
    lane: exchange.lane === null ? null : `${exchange.lane}${mark}`,
    ...(exchange.connection === undefined ? {} : { connection: `${exchange.connection}${mark}` }),
    copy,
  };
}
