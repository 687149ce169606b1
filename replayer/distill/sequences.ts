/** What comes after which write: a read of what a write left is another case than the same read of what another write left.
 *
 *    DELETE /orders/7 (204)   GET /news   GET /orders/7 (404)      "GET /orders/{id}, 404, after DELETE /orders/{id}, 204"
 *
 * Within a session, and within a part of the service (the first segment of the path). */

import type { Exchange } from "../../model/exchange.ts";
import { BoundedMap } from "../../target/bounded-map.ts";
import { scopeOf } from "../../target/scope.ts";

/** Sessions and parts of the service whose last write is remembered. */
const mostRemembered = 200_000;

export class Sequences {
  private readonly lastWrites = new BoundedMap<string>(mostRemembered);

  /** In order of starts.
   * @param shape of the exchange
   * @returns it and that of the write before it; null where there was none */
  after(session: number, { request }: Exchange, shape: string, unsafe: boolean): string | null {
    const place = `${session} ${scopeOf(request.target)}`;
    const before = this.lastWrites.get(place);
    if (unsafe) this.lastWrites.set(place, shape);
    return before === undefined ? null : `${before} ${shape}`;
  }
}
