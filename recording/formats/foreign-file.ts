/** A file in another form, opened: read through once to find whether it can be read at all, before anything is sent or written.
 *
 *    path ──► checked: readable, countable, what is left out ──► exchanges, by start or as they stand in the file */

import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { RecordingIdentity } from "../../model/observation.ts";
import { LinesIdentity } from "../identity.ts";
import { readAccessLog } from "./access-log-read.ts";
import { checkFile } from "./file-chunks.ts";
import type { ForeignReader, NameLane } from "./foreign.ts";
import { readGor } from "./gor-read.ts";
import { readHar } from "./har-read.ts";
import { inOrder, Starts } from "./in-order.ts";
import { Tally } from "./tally.ts";

export type ForeignForm = "har" | "gor" | "log";

const readers: Readonly<Record<ForeignForm, ForeignReader>> = { har: readHar, gor: readGor, log: readAccessLog };

/** A file that can be read to its end. */
interface CheckedFile {
  readonly count: number;
  /** What the exchanges do not show: "2 replayed answers left out". */
  readonly leftOut: readonly string[];
  /** In the order of the file; a recording that is written of them sorts by itself. */
  readonly asTheyStand: () => AsyncGenerator<Exchange>;
}

export interface ForeignFile extends CheckedFile {
  /** By request start; equal starts in the order of the file. */
  readonly exchanges: () => AsyncGenerator<Exchange>;
  readonly identity: RecordingIdentity;
}

/** The form that a file's name tells; null = none of these. An access log has no name of its own. */
export function foreignFormOf(path: string): ForeignForm | null {
  const [, form] = /\.(har|gor)(?:\.gz)?$/i.exec(path) ?? [];
  return form === undefined ? null : form.toLowerCase() === "har" ? "har" : "gor";
}

/** Keeps nothing of what it reads.
 * @param nameLane has to give the same name whenever it is asked
 * @param see is shown every exchange
 * @throws PenumbraError in one line: what is wrong with the file, and where */
export async function checkForeign(
  path: string,
  form: ForeignForm,
  nameLane: NameLane,
  see: (exchange: Exchange) => void = () => {},
): Promise<CheckedFile> {
  checkFile(path);
  const read = readers[form];
  const tally = new Tally();
  let count = 0;
  for await (const exchange of read(path, { nameLane, tally })) {
    count++;
    see(exchange);
  }
  return { count, leftOut: tally.sentences(), asTheyStand: () => again(path, count, read(path, { nameLane, tally: new Tally() })) };
}

/** @throws PenumbraError `FILE_CHANGED` where there are not as many exchanges as before */
async function* again(path: string, count: number, exchanges: AsyncIterable<Exchange>): AsyncGenerator<Exchange> {
  let read = 0;
  for await (const exchange of exchanges) {
    read++;
    yield exchange;
  }
  if (read !== count) {
    throw new PenumbraError("FILE_CHANGED", `${path} changed while it was read`, "wait until it is written, or take a copy");
  }
}

/** Keeps when each exchange starts. @throws PenumbraError as checkForeign */
export async function openForeign(path: string, form: ForeignForm, nameLane: NameLane): Promise<ForeignFile> {
  const starts = new Starts();
  const identity = new LinesIdentity();
  const file = await checkForeign(path, form, nameLane, (exchange) => {
    starts.add(exchange.at);
    identity.add(outlineOf(exchange), exchange);
  });
  let earliestAfter: Float64Array | null = null;
  return {
    ...file,
    identity: identity.of(path),
    exchanges: () => inOrder(path, file.asTheyStand(), (earliestAfter ??= starts.earliestAfter())),
  };
}

/** What does not depend on the names that lanes are given here. */
function outlineOf({ id, at, request: { method, target }, outcome }: Exchange): Buffer {
  return Buffer.from(JSON.stringify([id, at, method, target, outcome.kind, outcome.tookMs]));
}
