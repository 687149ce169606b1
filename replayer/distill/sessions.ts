/** Sessions by number, with how many writes each has had. Bounded by the number of lanes and connections. */

import { type Exchange, isSafeMethod } from "../../model/exchange.ts";

/** The lane, or the connection where there is none; null = neither. */
export function sessionKey({ lane, connection }: Exchange): string | null {
  if (lane !== null) return `lane ${lane}`;
  return connection === undefined ? null : `connection ${connection}`;
}

export interface Turn {
  readonly session: number;
  /** Unsafe exchanges of the session before this one. */
  readonly writesBefore: number;
  readonly unsafe: boolean;
}

export class Sessions {
  private readonly known = new Map<string, { readonly number: number; writes: number }>();
  private alone = 0;

  get size(): number {
    return this.known.size;
  }

  /** In order of starts. */
  turn(exchange: Exchange): Turn {
    const unsafe = !isSafeMethod(exchange.request.method);
    const key = sessionKey(exchange);
    // Who has neither lane nor connection is a session of one exchange.
    if (key === null) return { session: --this.alone, writesBefore: 0, unsafe };
    let session = this.known.get(key);
    if (session === undefined) this.known.set(key, (session = { number: this.known.size, writes: 0 }));
    const writesBefore = session.writes;
    if (unsafe) session.writes++;
    return { session: session.number, writesBefore, unsafe };
  }
}
