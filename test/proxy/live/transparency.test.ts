/** I1: both sides see on the wire what they would see without the sidecar; what is recorded is what was sent. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytes, milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { digest } from "./bodies.ts";
import { type Conversation, conversationParts, writeConversation } from "./conversation.ts";
import { type PairedSidecar, startPairedSidecar } from "./pairs.ts";
import { type Pair, play } from "./play.ts";

const wantedExchanges = 20_000;
const runsAtOnce = 20;
const mostConnections = 24;
/** A run that hangs has failed, so that it is shrunk like one that is wrong. */
const runBoundMs = 20_000;
const shrinkBoundMs = 60_000;
/** For machines that do much else: alone it takes some 25 s. */
const testBoundMs = 300_000;

let started: PairedSidecar;

beforeAll(async () => {
  // Nothing may be dropped for want of room here: what is at stake is what the copies say.
  started = await startPairedSidecar({ budget: bytes(2 ** 30) });
});
afterAll(() => started.close());

describe("the splice", () => {
  it(
    `passes every byte of ${wantedExchanges} exchanges in both directions and records what was sent`,
    async () => {
      const made = { exchanges: 0, traits: new Set<string>() };
      const connections = fc.array(conversationParts, { minLength: 1, maxLength: mostConnections, size: "max" });
      const property = fc.asyncProperty(connections, async (drawn) => {
        const conversations = drawn.map(writeConversation);
        const pairs = await started.openPairs(conversations.length);
        try {
          await Promise.all(conversations.map((each, index) => play(pairs[index] as Pair, each)));
          for (const [index, each] of conversations.entries()) await expectCopies(pairs[index] as Pair, each);
        } finally {
          for (const { client, primary } of pairs) for (const socket of [client, primary]) socket.destroy();
        }
        for (const each of conversations) {
          made.exchanges += each.exchanges.length;
          for (const trait of traitsOf(each)) made.traits.add(trait);
        }
      });
      while (made.exchanges < wantedExchanges) {
        await fc.assert(property, { numRuns: runsAtOnce, timeout: runBoundMs, skipAllAfterTimeLimit: shrinkBoundMs });
      }
      const { exchanges } = made;
      expect(exchanges).toBeGreaterThanOrEqual(wantedExchanges);
      expect([...made.traits].sort()).toEqual([...traits].sort());
      await started.sidecar.drain({ bound: milliseconds(500) });
      const snapshot = started.sidecar.ledger.snapshot();
      expect(conservationFaults(snapshot)).toEqual([]);
      expect(snapshot).toMatchObject({ seen: exchanges, captured: exchanges, recorded: exchanges, open: 0 });
    },
    testBoundMs,
  );
});

/** The copies of a connection are what was said on it, in order, and nothing else. */
async function expectCopies({ connection }: Pair, { exchanges }: Conversation): Promise<void> {
  const copies = (await started.awaitCopies(connection, exchanges.length)).map(({ exchange, requestBody, answerBody }) => {
    const { method, target, version, headers, trailers = [] } = exchange.request;
    const { outcome } = exchange;
    if (outcome.kind !== "answered") return outcome;
    const { status, reason, headers: answerHeaders, trailers: answerTrailers = [] } = outcome.answer;
    return {
      request: { method, target, version, headers, body: requestBody, trailers },
      answer: { status, reason, headers: answerHeaders, body: answerBody, trailers: answerTrailers },
    };
  });
  const sent = exchanges.map(({ request, answer }) => {
    const { method, target, version, headers, trailers } = request;
    const { status, reason } = answer;
    return {
      request: { method, target, version, headers, body: digest(request.body), trailers },
      answer: { status, reason, headers: answer.headers, body: digest(answer.body), trailers: answer.trailers },
    };
  });
  expect(copies).toEqual(sent);
}

/** What the generated exchanges are, so that the test cannot lose a kind unnoticed. */
const traits = [
  ...["ends: open", "ends: close", "ends: until-close", "ends: upgraded", "ends: connected"],
  ...["paced: pipelined", "paced: in-turn", "paced: expect", "paced: early", "closed by: client", "closed by: primary"],
  ...["to HEAD", "204", "304", "several 1xx", "request trailers", "answer trailers", "empty line first", "version 1.0"],
  ...["empty body", "request over 1 MiB", "answer over 1 MiB", "name twice", "empty value", "obs-text", "chunk extension"],
] as const;

function traitsOf({ exchanges, ending, firstToClose }: Conversation): Set<(typeof traits)[number]> {
  const found = new Set<(typeof traits)[number]>([`ends: ${ending}`, `closed by: ${firstToClose}`]);
  const mebibyte = 1024 * 1024;
  for (const { pace, request, answer, interim } of exchanges) {
    const headers = [...request.headers, ...answer.headers];
    const names = request.headers.map(([name]) => name.toLowerCase());
    found.add(`paced: ${pace}`);
    if (request.method === "HEAD") found.add("to HEAD");
    if (answer.status === 204) found.add("204");
    if (answer.status === 304) found.add("304");
    if (interim.indexOf("HTTP/", 1) > 0) found.add("several 1xx");
    if (request.trailers.length > 0) found.add("request trailers");
    if (answer.trailers.length > 0) found.add("answer trailers");
    if (request.head[0] === "\r".charCodeAt(0)) found.add("empty line first");
    if (request.version === "1.0") found.add("version 1.0");
    if (request.body.length === 0) found.add("empty body");
    if (request.body.length > mebibyte) found.add("request over 1 MiB");
    if (answer.body.length > mebibyte) found.add("answer over 1 MiB");
    if (new Set(names).size < names.length) found.add("name twice");
    if (headers.some(([, value]) => value === "")) found.add("empty value");
    if (headers.some(([, value]) => /[\x80-\xff]/.test(value))) found.add("obs-text");
    if (/^\d+;name=value\r/.test(answer.rest.toString("latin1", 0, 20))) found.add("chunk extension");
  }
  return found;
}
