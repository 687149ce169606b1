/** HAR files as exchanges: HTTP Archive 1.1 and 1.2 (http://www.softwareishard.com/blog/har-12-spec/), of any size.
 *
 *    {"log": {"version": "1.2", "creator": …, "pages": […], "entries": [{"startedDateTime", "time", "request", "response", …}]}}
 *
 * Pages, caches, server addresses and comments have no place in a recording. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { FormError, isObject } from "../fields.ts";
import type { Reading } from "./foreign.ts";
import { besideKey, withBeside } from "./har-beside.ts";
import { readHarEntry } from "./har-entry-read.ts";
import { objectAt, textAt } from "./har-json.ts";
import { elementsOf } from "./json-elements.ts";
import { laneOf } from "./lanes.ts";
import { Tally } from "./tally.ts";
import { refuseIfMostly } from "./unreadable.ts";

const hint = "export it again as HAR 1.2";
const newestMajor = 1;
const idDigits = 12;

/** A ForeignReader. @throws PenumbraError `HAR_INVALID`, `HAR_NEWER`; as chunksOf */
export async function* readHar(path: string, reading: Reading): AsyncGenerator<Exchange> {
  const complain = (problem: string): PenumbraError => new PenumbraError("HAR_INVALID", `${path}: ${problem}`, hint);
  let number = 0;
  let unreadable = 0;
  for await (const piece of elementsOf(path, { keys: ["log", "entries"], complain })) {
    if (piece.kind === "rest") {
      checkRest(path, piece.document, piece.hadArray);
      continue;
    }
    number++;
    const read = readEntry(piece.bytes, number, reading, complain);
    if (typeof read !== "string") yield read;
    else {
      unreadable++;
      reading.tally.add("entry", read, `entry ${number}`);
    }
  }
  refuseIfMostly(unreadable, number, { path, code: "HAR_INVALID", unit: "entries", hint });
}

/** A text says why there is no exchange. */
function readEntry(bytes: Buffer, number: number, reading: Reading, complain: (problem: string) => PenumbraError): Exchange | string {
  const text = textOf(bytes, number, complain);
  const entry = parsed(text, number, complain);
  if (!isObject(entry)) return "that is no object left out";
  const id = `har-${number}-${createHash("sha256").update(bytes).digest("hex").slice(0, idDigits)}`;
  const beside = Object.hasOwn(entry, besideKey) ? entry[besideKey] : undefined;
  // In ours nothing is left out: what the rules for everybody's cannot read stands beside it.
  const plain = readHarEntry(entry, id, isObject(beside) ? new Tally() : reading.tally);
  if (!isObject(beside))
    return plain === null ? "without a request by HTTP or without a time left out" : { ...plain, lane: laneOf(plain, reading.nameLane) };
  try {
    return withBeside(plain, beside, text);
  } catch (cause) {
    if (!(cause instanceof FormError)) throw cause;
    return "with a _penumbra that cannot be read left out";
  }
}

function textOf(bytes: Buffer, number: number, complain: (problem: string) => PenumbraError): string {
  if (!isUtf8(bytes)) throw complain(`entry ${number} is not UTF-8`);
  return bytes.toString("utf8");
}

function parsed(text: string, number: number, complain: (problem: string) => PenumbraError): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8's message quotes the text, which may hold a secret.
    if (cause instanceof SyntaxError) throw complain(`entry ${number} is not JSON`);
    throw cause;
  }
}

/** @throws PenumbraError for what is no HAR, or one of a later age */
function checkRest(path: string, document: unknown, hadArray: boolean): void {
  const log = isObject(document) ? objectAt(document, "log") : {};
  if (!hadArray) throw new PenumbraError("HAR_INVALID", `${path} is no HAR file: it has no log.entries`, hint);
  const [, major] = /^(\d+)(?:\.\d+)*$/.exec(textAt(log, "version") ?? "") ?? [];
  if (major !== undefined && Number(major) > newestMajor) {
    throw new PenumbraError("HAR_NEWER", `${path} is HAR ${textAt(log, "version") ?? ""}; this build reads up to 1.2`, hint);
  }
}
