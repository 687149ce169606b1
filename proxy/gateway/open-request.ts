/** What the gateway wants of an HTTP proxy library: a request to the primary, opened on behalf of a client's request.
 * Everything else (what is in it, its body, its answer, its failures) is the gateway's own. */

import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { HeaderList } from "../../model/exchange.ts";
import type { Dial } from "./primary-pool.ts";

export interface OutgoingRequest {
  /** The client's request; it may be opened a second time when the first got nowhere. */
  readonly client: IncomingMessage;
  readonly method: string;
  /** Request target as it goes on the wire. */
  readonly target: string;
  /** Complete and in wire order, with Host, Connection and the framing. */
  readonly fields: HeaderList;
  /** Where connections to the primary come from. */
  readonly agent: Agent;
  /** An option of the request, by which the agent says what it waits for. */
  readonly dial: Dial;
}

/** Opens the request; nothing of it is on the wire before the caller writes, flushes or ends it. Failures are its `error`
 * events.
 * @throws Error when the request cannot be written as HTTP */
export type OpenRequest = (outgoing: OutgoingRequest) => ClientRequest;
