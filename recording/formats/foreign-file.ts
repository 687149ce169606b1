/** A file in another form, opened: read through once to find whether it can be read at all, before anything is sent or written.
 *
 *    path ──► checked: readable, countable, what is left out ──► exchanges, by start or as they stand in the file */

import type { Exchange } from "../../model/exchange.ts";
import { readAccessLog } from "./access-log-read.ts";
import { checkFile } from "./file-chunks.ts";
import type { ForeignReader, NameLane } from "./foreign.ts";
import { readGor } from "./gor-read.ts";
import { readHar } from "./har-read.ts";
import { inOrder, Starts } from "./in-order.ts";
import { Tally } from "./tally.ts";

export type ForeignForm = "har" | "gor" | "log";

const readers: Readonly<Record<ForeignForm, ForeignReader>> = { har: readHar, gor: readGor, log: readAccessLog };

export interface ForeignFile {
  readonly count: number;
  /** What the exchanges do not show: "2 replayed answers left out". */
  readonly leftOut: readonly string[];
  /** By request start; equal starts in the order of the file. */
  readonly exchanges: () => AsyncGenerator<Exchange>;
  /** As they come; a recording sorts by itself. */
  readonly asTheyStand: () => AsyncGenerator<Exchange>;
}

/** The form that a file's name tells; null = none of these. An access log has no name of its own. */
export function foreignFormOf(path: string): ForeignForm | null {
  const [, form] = /\.(har|gor)(?:\.gz)?$/i.exec(path) ?? [];
  return form === undefined ? null : form.toLowerCase() === "har" ? "har" : "gor";
}

/** @param nameLane has to give the same name whenever it is asked
 * @throws PenumbraError in one line: what is wrong with the file, and where */
export async function openForeign(path: string, form: ForeignForm, nameLane: NameLane): Promise<ForeignFile> {
  checkFile(path);
  const read = readers[form];
  const tally = new Tally();
  const starts = new Starts();
  for await (const { at } of read(path, { nameLane, tally })) starts.add(at);
  const asTheyStand = (): AsyncGenerator<Exchange> => read(path, { nameLane, tally: new Tally() });
  let earliestAfter: Float64Array | null = null;
  return {
    count: starts.count,
    leftOut: tally.sentences(),
    exchanges: () => inOrder(path, asTheyStand(), (earliestAfter ??= starts.earliestAfter())),
    asTheyStand,
  };
}
