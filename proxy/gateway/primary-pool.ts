/** Connections to one primary: a few are kept open between requests, whoever the next one is from.
 *
 *    kept    a connection that waits, else a new one      any request may find that the primary has just closed it
 *    fresh   always a new one, never kept                 tunnels, and the one repetition of a request
 *
 * At most one is in use for each client connection, since a gateway connection has one exchange at a time. */

import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../../model/clock.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { Primary, type PrimaryTls, parsePrimary } from "../live/primary.ts";
import { resetSocket } from "../live/sockets.ts";

/** Connections that may wait for a request: some 20 KiB each. */
const mostIdle = 256;
/** Shorter than the least that servers keep an idle connection (Node 5 s; others a minute), so that few are found closed. */
const idleBound: Milliseconds = milliseconds(4000);

/** The connection that one request waits for, if it does not find one. The agent would wait for it after the request's end as well,
 * and a primary that accepts and says nothing would be given a connection by every client that comes and goes. */
export class Dial {
  #giveUp: (() => void) | null = null;

  begun(giveUp: () => void): void {
    this.#giveUp = giveUp;
  }

  over(): void {
    this.#giveUp = null;
  }

  giveUp(): void {
    const giveUp = this.#giveUp;
    this.#giveUp = null;
    giveUp?.();
  }
}

/** What the agent hands on of the options of a request. */
interface DialOptions extends ClientRequestArgs {
  readonly dial?: Dial;
}

/** No connection to the primary could be made. */
export class PrimaryUnreachable extends Error {
  override readonly name = "PrimaryUnreachable";
}

export interface PoolOptions {
  readonly primary: URL;
  readonly primaryTls?: PrimaryTls;
  readonly clock: Clock;
  /** Told when the primary begins to refuse connections and when it takes them again. */
  readonly changed: (refuses: boolean, code: string) => void;
}

export class PrimaryPool {
  readonly primary: Primary;
  readonly kept: Agent;
  readonly fresh: Agent;

  /** @throws PenumbraError BAD_PRIMARY */
  constructor({ primary, primaryTls, clock, changed }: PoolOptions) {
    this.primary = new Primary(parsePrimary(primary, primaryTls), clock, changed);
    this.kept = new DiallingAgent(this.primary, true);
    this.fresh = new DiallingAgent(this.primary, false);
  }

  close(): void {
    this.primary.close();
    this.kept.destroy();
    this.fresh.destroy();
  }
}

/** Node's agent destroys an idle connection that its primary ends, or on which it says something that nobody asked for and
 * that the next request would take for its answer; the tests hold it to that. */
class DiallingAgent extends Agent {
  readonly #primary: Primary;

  constructor(primary: Primary, keepAlive: boolean) {
    super({ keepAlive, maxFreeSockets: mostIdle, timeout: idleBound });
    this.#primary = primary;
  }

  override createConnection(options: DialOptions, created?: (error: Error | null, socket: Duplex) => void): undefined {
    const { dial } = options;
    const fail = (code: string): void => created?.(new PrimaryUnreachable(code), undefined as unknown as Duplex);
    const socket = this.#primary.dialSocket({
      connected: (connected) => {
        dial?.over();
        created?.(null, connected);
      },
      failed: (code) => {
        dial?.over();
        fail(code);
      },
    });
    dial?.begun(() => {
      resetSocket(socket);
      fail("given up");
    });
  }
}
