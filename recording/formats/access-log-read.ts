/** Access logs as exchanges. A log knows method, target, status, size and a time to the second; what it does not know is not made up:
 *
 *    request    Host, Referer and User-Agent where they are logged; the body of a method that has one is unknown, so it is not sent
 *    answer     status; its fields and body are unknown (no fields, `unrecordedBody`), so only the status is compared
 *    time       spread over its second: lines of one second that stand together keep their order; `extra.accessLog.within` says so
 *    lane       client address, user and agent, under another name */

import { PenumbraError } from "../../model/errors.ts";
import { type Exchange, type HeaderList, isSafeMethod, noBody, unrecordedBody } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { type AccessLogLine, readAccessLogLine } from "./access-log-line.ts";
import { chunksOf } from "./file-chunks.ts";
import type { Reading } from "./foreign.ts";
import { refuseIfMostly } from "./unreadable.ts";

/** Servers refuse requests long before. */
const maxLineBytes = 1024 * 1024;
/** Lines of one second that are held until it is known how many they are. */
const mostHeld = 20_000;
const mostHeldBytes = 64 * 1024 * 1024;
const msPerSecond = 1000;
const lineFeed = 0x0a;
const hint = "import log reads Apache's and nginx's common and combined format";

interface NumberedLine {
  readonly number: number;
  readonly line: AccessLogLine;
}

/** A ForeignReader. @throws PenumbraError `LOG_INVALID`; as chunksOf */
export async function* readAccessLog(path: string, reading: Reading): AsyncGenerator<Exchange> {
  let held: NumberedLine[] = [];
  let heldBytes = 0;
  let unreadable = 0;
  let read = 0;
  for await (const { number, text } of textLines(path)) {
    if (text.trim() === "") continue;
    read++;
    const line = readAccessLogLine(text);
    if (line === null) {
      unreadable++;
      reading.tally.add("line", "that cannot be read left out", `line ${number}`);
      continue;
    }
    const first = held[0];
    if (first !== undefined && (first.line.at !== line.at || held.length >= mostHeld || heldBytes >= mostHeldBytes)) {
      yield* spread(held, reading);
      held = [];
      heldBytes = 0;
    }
    held.push({ number, line });
    heldBytes += text.length;
  }
  yield* spread(held, reading);
  refuseIfMostly(unreadable, read, { path, code: "LOG_INVALID", unit: "lines", hint });
  if (read === 0) throw new PenumbraError("LOG_INVALID", `${path} has no lines`, hint);
}

/** Gives each its part of the second, and within that a place that depends on nothing but its number. */
function* spread(lines: readonly NumberedLine[], reading: Reading): Generator<Exchange> {
  for (const [index, { number, line }] of lines.entries()) {
    const offset = line.wholeSecond ? ((index + scattered(number)) / lines.length) * msPerSecond : 0;
    if (line.wholeSecond) reading.tally.add("time", "known to the second only and spread within it");
    yield exchangeOf(line, { number, at: line.at + Math.floor(offset) }, reading);
  }
}

/** From 0 to 1, evenly for numbers that follow each other (the golden ratio's multiples). */
function scattered(number: number): number {
  const goldenRatio = 0.618_033_988_749_895;
  return (number * goldenRatio) % 1;
}

function exchangeOf(line: AccessLogLine, { number, at }: { readonly number: number; readonly at: number }, reading: Reading): Exchange {
  const took = milliseconds(line.seconds === null ? 0 : line.seconds * msPerSecond);
  const named: readonly (readonly [string, string | null])[] = [
    ["Host", line.host],
    ["Referer", line.referer],
    ["User-Agent", line.agent],
  ];
  const headers: HeaderList = named.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const { method, target, version, status } = line;
  if (!isSafeMethod(method)) reading.tally.add("request", "with a body that the log does not have, so not sent");
  return {
    id: `log-${number}-${reading.nameLane(`${line.at} ${line.client} ${target}`)}`,
    at: epochMs(at),
    lane: reading.nameLane(`${line.client} ${line.user} ${line.agent ?? ""}`),
    labels: {},
    request: { method, target, version, headers, body: isSafeMethod(method) ? noBody : unrecordedBody(0) },
    outcome: {
      kind: "answered",
      answer: { status, reason: "", headers: [], body: unrecordedBody(line.size ?? 0) },
      firstByteMs: took,
      tookMs: took,
    },
    extra: { accessLog: { line: number, ...(line.wholeSecond ? { within: "1s" } : {}) } },
  };
}

interface TextLine {
  readonly number: number;
  /** Latin-1. */
  readonly text: string;
}

async function* textLines(path: string): AsyncGenerator<TextLine> {
  let number = 0;
  let held = "";
  for await (const chunk of chunksOf(path)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield { number: ++number, text: (held + chunk.toString("latin1", start, end)).replace(/\r$/, "") };
      held = "";
      start = end + 1;
    }
    held += chunk.toString("latin1", start);
    if (held.length > maxLineBytes)
      throw new PenumbraError("LOG_INVALID", `${path} line ${number + 1} is longer than ${maxLineBytes} bytes`, hint);
  }
  if (held !== "") yield { number: number + 1, text: held };
}
