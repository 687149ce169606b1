/** I1 and I4 for what is not well-formed: every byte is passed on, nothing of it is recorded, and each loss has a reason. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytes, milliseconds } from "../../../model/units.ts";
import { dropReasons } from "../../../proxy/handover/reasons.ts";
import { conservationFaults, type LedgerSnapshot } from "../../../proxy/live/ledger.ts";
import { bodyBytes, drawnBody } from "./bodies.ts";
import { cuts, sayExchange } from "./conversation.ts";
import { type DamagedParts, damagedParts, damageNames, type Fate, writeDamaged } from "./damage.ts";
import { scanRequests } from "./framing-log.ts";
import { answerCases, requestCases } from "./http-corpus.ts";
import { exchangeParts, writeExchange } from "./messages-arbitrary.ts";
import { mutated } from "./mutated.ts";
import { type PairedSidecar, startPairedSidecar } from "./pairs.ts";
import { type Pair, play, type Scripts, ScriptWriter } from "./play.ts";
import { until } from "./support.ts";

const wantedStreams = 4000;
const runsAtOnce = 20;
const mostConnections = 24;
const runBoundMs = 20_000;
const shrinkBoundMs = 60_000;
/** For machines that do much else: alone it takes some 25 s. */
const testBoundMs = 300_000;

let started: PairedSidecar;

beforeAll(async () => {
  started = await startPairedSidecar({ budget: bytes(2 ** 30) });
});
afterAll(() => started.close());

/** What became of exchanges and connections, by the words of the counters; 0 is left out. */
type Tally = Readonly<Record<string, number>>;

interface Stream extends Scripts {
  readonly tally: Tally;
}

describe("the splice", () => {
  it(
    `passes every byte of ${wantedStreams} damaged streams, records what came before the damage, and counts the rest by reason`,
    async () => {
      const made = { streams: 0, damages: new Set<string>() };
      const drawn = fc.record({
        before: fc.array(exchangeParts, { maxLength: 2 }),
        damaged: damagedParts,
        reply: drawnBody,
        clientCuts: cuts,
        primaryCuts: cuts,
        clientCloses: fc.boolean(),
      });
      const property = fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: mostConnections, size: "max" }), async (all) => {
        const before = tallyNow();
        const streams = all.map(writeStream);
        await playAll(streams);
        expect(difference(tallyNow(), before)).toEqual(sum(streams.map(({ tally }) => tally)));
        made.streams += streams.length;
        for (const { damaged } of all) made.damages.add(`${damaged.direction}: ${damaged.name}`);
      });
      while (made.streams < wantedStreams) {
        await fc.assert(property, { numRuns: runsAtOnce, timeout: runBoundMs, skipAllAfterTimeLimit: shrinkBoundMs });
      }
      expect(made.streams).toBeGreaterThanOrEqual(wantedStreams);
      expect([...made.damages].sort()).toEqual([...damageNames].sort());
    },
    testBoundMs,
  );

  it(
    `passes every byte of ${wantedStreams} mutated streams of public cases, and its ledger adds up`,
    async () => {
      const made = { streams: 0 };
      const choice = fc.nat();
      const drawn = fc.record({
        request: fc.nat({ max: requestCases.length - 1 }),
        answer: fc.nat({ max: answerCases.length - 1 }),
        requestMutations: fc.array(fc.tuple(choice, choice), { maxLength: 3 }),
        answerMutations: fc.array(fc.tuple(choice, choice), { maxLength: 3 }),
        clientCuts: cuts,
        primaryCuts: cuts,
        clientCloses: fc.boolean(),
      });
      const property = fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: mostConnections, size: "max" }), async (all) => {
        const before = tallyNow();
        const streams = all.map((each) => {
          const request = mutated(requestCases[each.request]?.raw ?? "", each.requestMutations);
          const answer = mutated(answerCases[each.answer]?.raw ?? "", each.answerMutations);
          const client = new ScriptWriter();
          const primary = new ScriptWriter();
          client.add(request);
          primary.waitFor(request.length);
          primary.add(answer);
          const wholeRequests = scanRequests([request]).messages.filter(({ complete }) => complete).length;
          return { ...scriptsOf(client, primary, each), wholeRequests };
        });
        await playAll(streams);
        const after = difference(tallyNow(), before);
        const most = streams.reduce((total, { wholeRequests }) => total + wholeRequests, 0);
        expect(after["captured"] ?? 0).toBeLessThanOrEqual(most);
        made.streams += streams.length;
      });
      while (made.streams < wantedStreams) {
        await fc.assert(property, { numRuns: runsAtOnce, timeout: runBoundMs, skipAllAfterTimeLimit: shrinkBoundMs });
      }
      await started.sidecar.drain({ bound: milliseconds(500) });
      const snapshot = started.sidecar.ledger.snapshot();
      expect(conservationFaults(snapshot)).toEqual([]);
      expect([snapshot.open, snapshot.pendingMirror, snapshot.pendingRecord]).toEqual([0, 0, 0]);
      expect(Object.keys(snapshot.dropped)).toEqual([...dropReasons]);
      expect(snapshot.dropped).toMatchObject({ scan_error: 0, budget: 0, observer_absent: 0, observer_lost: 0 });
      expect(snapshot.recorded).toBe(snapshot.captured);
    },
    testBoundMs,
  );
});

interface Cuts {
  readonly clientCuts: readonly number[];
  readonly primaryCuts: readonly number[];
  readonly clientCloses: boolean;
}

function scriptsOf(client: ScriptWriter, primary: ScriptWriter, { clientCuts, primaryCuts, clientCloses }: Cuts): Scripts {
  return {
    client: client.finish(clientCuts),
    primary: primary.finish(primaryCuts),
    firstToClose: clientCloses ? "client" : "primary",
  };
}

interface StreamParts extends Cuts {
  readonly before: readonly Parameters<typeof writeExchange>[0][];
  readonly damaged: DamagedParts;
  readonly reply: { readonly length: number; readonly start: number };
}

const askOrdinarily = Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

/** Valid exchanges, then the damage; after it both sides say whatever they like. */
function writeStream(given: StreamParts): Stream {
  const client = new ScriptWriter();
  const primary = new ScriptWriter();
  for (const parts of given.before) sayExchange(writeExchange(parts, "open"), client, primary);
  const { bytes: damaged, fate } = writeDamaged(given.damaged);
  const isCut = fate === "cut in head" || fate === "cut in body";
  client.waitFor(primary.length);
  if (given.damaged.direction === "request") {
    client.add(damaged);
    primary.waitFor(client.length);
    if (!isCut) primary.add(bodyBytes(given.reply));
  } else {
    if (fate !== "unasked") client.add(askOrdinarily);
    primary.waitFor(client.length);
    primary.add(damaged);
    client.waitFor(primary.length);
    if (!isCut) client.add(bodyBytes(given.reply));
  }
  const clientCloses = isCut ? given.damaged.direction === "request" : given.clientCloses;
  const tally = sum([{ seen: given.before.length, captured: given.before.length }, tallyOf(given, fate)]);
  return { ...scriptsOf(client, primary, { ...given, clientCloses }), tally };
}

/** What the damage adds to the counters. */
function tallyOf({ before, damaged: { direction } }: StreamParts, fate: Fate): Tally {
  const isFirst = before.length === 0;
  const refused = { seen: 1, "dropped ambiguous_framing": 1, "unobserved ambiguous_framing": 1 };
  switch (fate) {
    case "refused":
      return refused;
    case "too large":
      return { seen: 1, "dropped head_too_large": 1, "unobserved head_too_large": 1 };
    // Only the first bytes of a connection say that it is no HTTP/1; later ones are bad HTTP/1.
    case "not http":
      return isFirst ? { "unobserved not_http": 1 } : refused;
    case "http2":
      return isFirst ? { "unobserved http2": 1 } : refused;
    case "pending":
      return { ...refused, seen: 2, "dropped ambiguous_framing": 2 };
    case "unasked":
      return { "unobserved ambiguous_framing": 1 };
    case "cut in head":
      return direction === "request" ? {} : { seen: 1, captured: 1 };
    case "cut in body":
      return direction === "request" ? { seen: 1, "dropped client_abort": 1 } : { seen: 1, captured: 1 };
    default:
      return fate satisfies never;
  }
}

async function playAll(streams: readonly Scripts[]): Promise<void> {
  const pairs = await started.openPairs(streams.length);
  try {
    await Promise.all(streams.map((each, index) => play(pairs[index] as Pair, each)));
  } finally {
    for (const { client, primary } of pairs) for (const socket of [client, primary]) socket.destroy();
  }
  await until(() => started.sidecar.counters().connections.open === 0);
  await until(() => isSettled(started.sidecar.ledger.snapshot()));
  expect(conservationFaults(started.sidecar.ledger.snapshot())).toEqual([]);
}

function isSettled({ open, pendingMirror, pendingRecord }: LedgerSnapshot): boolean {
  return open + pendingMirror + pendingRecord === 0;
}

function tallyNow(): Tally {
  const { ledger, connections } = started.sidecar.counters();
  const { seen, captured, recorded, dropped } = ledger;
  expect(recorded).toBe(captured);
  const named = (word: string, counts: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(counts).map(([reason, count]) => [`${word} ${reason}`, count]);
  // What ended as a tunnel was no damage.
  const { tunnel: _, ...unobserved } = connections.unobserved;
  return Object.fromEntries([["seen", seen], ["captured", captured], ...named("dropped", dropped), ...named("unobserved", unobserved)]);
}

function difference(after: Tally, before: Tally): Tally {
  const changes = Object.entries(after).map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)]);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

function sum(tallies: readonly Tally[]): Tally {
  const total: Record<string, number> = {};
  for (const tally of tallies) for (const [name, count] of Object.entries(tally)) total[name] = (total[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(total).filter(([, count]) => count !== 0));
}
