/** Connections through a sidecar with both ends in the test's hands, each known by its number in the sidecar. */

import type { Pair } from "./play.ts";
import { connectTo, startRawPrimary, startTestSidecar, type TestSidecar, until } from "./support.ts";

type Options = NonNullable<Parameters<typeof startTestSidecar>[1]>;
type Line = TestSidecar["lines"][number];
type ExchangeLine = Line & { readonly kind: "exchange" };

export interface PairedSidecar extends TestSidecar {
  /** One connection after the other, so that the two ends of each are known. */
  openPairs(count: number): Promise<Pair[]>;
  /** What was handed over of a connection, in order, once it is so many or more.
   * @throws when that takes too long */
  awaitCopies(connection: number, count: number): Promise<readonly ExchangeLine[]>;
  close(): void;
}

/** Far more than an observer needs that has anything to say. */
const copiesBoundMs = 10_000;

export async function startPairedSidecar(options: Options = {}): Promise<PairedSidecar> {
  let arrived: (socket: Pair["primary"]) => void = () => undefined;
  const primary = await startRawPrimary((socket) => arrived(socket));
  const started = await startTestSidecar(primary.port, options);
  const copies = new Map<number, ExchangeLine[]>();
  let read = 0;
  const openPair = async (): Promise<Pair> => {
    const other = new Promise<Pair["primary"]>((resolve) => {
      arrived = resolve;
    });
    const client = await connectTo(started.sidecar.address.port);
    return { client, primary: await other, connection: started.sidecar.counters().connections.accepted };
  };
  const copiesOf = (connection: number): readonly ExchangeLine[] => {
    for (const line of started.lines.slice(read)) {
      if (line.kind !== "exchange") continue;
      const number = Number(line.exchange.connection?.split("-").at(-1));
      const known = copies.get(number);
      if (known === undefined) copies.set(number, [line]);
      else known.push(line);
    }
    read = started.lines.length;
    return copies.get(connection) ?? [];
  };
  return {
    ...started,
    async openPairs(count) {
      const pairs: Pair[] = [];
      for (let index = 0; index < count; index++) pairs.push(await openPair());
      return pairs;
    },
    async awaitCopies(connection, count) {
      const deadline = performance.now() + copiesBoundMs;
      await until(() => copiesOf(connection).length >= count || performance.now() > deadline);
      const found = copiesOf(connection);
      if (found.length >= count) return found;
      const { ledger, connections } = started.sidecar.counters();
      const told = JSON.stringify({ dropped: ledger.dropped, unobserved: connections.unobserved, events: started.events });
      throw new Error(`${found.length} of ${count} copies of connection ${connection}: ${told}`);
    },
    close: () => {
      for (const socket of primary.sockets) socket.destroy();
      primary.server.close();
    },
  };
}
