/** Random valid conversations: what both ends of one connection say, and when. */

import fc from "fast-check";
import type { HeaderList } from "../../../model/exchange.ts";
import { bodyBytes, drawnBody } from "./bodies.ts";
import { type Ending, exchangeParts, type GeneratedExchange, writeExchange } from "./messages-arbitrary.ts";
import { type Scripts, ScriptWriter } from "./play.ts";

export interface Conversation extends Scripts {
  readonly exchanges: readonly GeneratedExchange[];
  readonly ending: Ending;
}

export const cuts = fc.array(fc.nat(), { maxLength: 12, size: "max" });

/** What a connection with one or more valid exchanges is written from. */
export const conversationParts = fc.record({
  exchanges: fc.array(exchangeParts, { minLength: 1, maxLength: 10, size: "max" }),
  ending: fc.constantFrom<Ending>("open", "open", "open", "close", "until-close", "upgraded", "connected"),
  tunnel: fc.tuple(drawnBody, drawnBody),
  clientCuts: cuts,
  primaryCuts: cuts,
  clientCloses: fc.boolean(),
});

export type ConversationParts = typeof conversationParts extends fc.Arbitrary<infer Parts> ? Parts : never;

export function writeConversation(given: ConversationParts): Conversation {
  const last = given.exchanges.length - 1;
  const exchanges = given.exchanges.map((each, index) => writeExchange(each, index === last ? given.ending : "open"));
  const client = new ScriptWriter();
  const primary = new ScriptWriter();
  for (const exchange of exchanges) sayExchange(exchange, client, primary);
  if (given.ending === "upgraded" || given.ending === "connected") {
    client.add(bodyBytes(given.tunnel[0]));
    primary.add(bodyBytes(given.tunnel[1]));
  }
  const clientCloses = given.ending !== "until-close" && given.clientCloses;
  return {
    client: client.finish(given.clientCuts),
    primary: primary.finish(given.primaryCuts),
    exchanges,
    ending: given.ending,
    firstToClose: clientCloses ? "client" : "primary",
  };
}

const permille = 1000;

/** Writes one exchange down after what was said before, with the waits that its pace asks for. */
export function sayExchange(
  { request, interim, answer, pace, earlyAfter }: GeneratedExchange,
  client: ScriptWriter,
  primary: ScriptWriter,
): void {
  if (pace !== "pipelined") client.waitFor(primary.length);
  client.add(request.head);
  if (pace === "expect") {
    primary.waitFor(client.length);
    primary.add(interim);
    client.waitFor(primary.length);
    client.add(request.rest);
    primary.waitFor(client.length);
  } else {
    const early = pace === "early" ? Math.floor((request.rest.length * earlyAfter) / permille) : request.rest.length;
    primary.waitFor(client.length + early);
    client.add(request.rest);
    primary.add(interim);
  }
  primary.add(answer.head);
  primary.add(answer.rest);
  // What was asked for decides what the next bytes are, so that no client sends them before.
  if (asksForProtocol(request.method, request.headers)) client.waitFor(primary.length);
}

function asksForProtocol(method: string, headers: HeaderList): boolean {
  return method === "CONNECT" || headers.some(([name, value]) => name === "Upgrade" && value === "websocket");
}
