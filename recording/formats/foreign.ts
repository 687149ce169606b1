/** What reads a file in a form that is not ours. */

import type { Exchange } from "../../model/exchange.ts";
import type { Tally } from "./tally.ts";

/** Names a lane after a secret that is the same for one client, so that the secret does not show. */
export type NameLane = (secret: string) => string;

export interface Reading {
  readonly nameLane: NameLane;
  /** Is told what the exchanges do not show. */
  readonly tally: Tally;
}

/** Exchanges in the order of the file. It can be called as often as one likes, and says the same each time.
 * @throws PenumbraError in one clear line */
export type ForeignReader = (path: string, reading: Reading) => AsyncGenerator<Exchange>;
