/** Opens what people call a recording, whatever its form. */

import { randomBytes } from "node:crypto";
import { existsSync, type Stats, statSync } from "node:fs";
import { extname, join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import type { RecordingIdentity } from "../model/observation.ts";
import { reasonOf } from "./atomic-file.ts";
import { type ForeignForm, foreignFormOf, openForeign } from "./formats/foreign-file.ts";
import { laneNames } from "./formats/name-lane.ts";
import { identityOfSegments } from "./identity.ts";
import { isPartial } from "./import-mark.ts";
import { mergeInOrder } from "./merge.ts";
import { type NdjsonFile, openNdjson } from "./ndjson-file.ts";
import { segmentPaths } from "./recording-directory.ts";
import { isSegmentFile, type SegmentMeta } from "./segment-file.ts";
import { exchangesOf, type SegmentFacts, segmentFacts } from "./segment-reader.ts";

/** What a recording says about itself; a plain file says nothing. */
export interface RecordingMeta {
  readonly form: "segments" | "ndjson" | ForeignForm;
  /** Highest format of its segments; null for a plain file. */
  readonly format: number | null;
  /** Of all segments; a later one wins. */
  readonly labels: Readonly<Record<string, string>>;
  /** URLs of the servers that answered users; empty where nobody wrote them down. */
  readonly primaries: readonly string[];
  /** Whether an import into it did not come to its end. Not told of a segment by itself, whose end may be in another. */
  readonly isPartial: boolean;
  /** One entry a segment, oldest first; empty for a plain file. */
  readonly segments: readonly SegmentMeta[];
}

export interface Recording {
  readonly path: string;
  readonly meta: RecordingMeta;
  /** Oldest first; empty for a plain file. */
  readonly segmentPaths: readonly string[];
  /** By request start; can be read as often as one likes.
   * @throws PenumbraError `RECORDING_DAMAGED` where a segment turns out to be damaged */
  exchanges(): AsyncGenerator<Exchange>;
  /** How many there are; null when that is not known. */
  count(): number | null;
  /** What it was when it was opened. */
  readonly identity: RecordingIdentity;
  close(): void;
}

const supported = "name a directory of segments, one .penumbra segment, or an .ndjson, .har, .gor or .gor.gz file";
const ndjsonExtensions = [".ndjson", ".jsonl"];

/** Lanes of a file without lanes are named anew by every process: nothing of what they are made of is to be guessed from a run. */
const nameLane = laneNames(randomBytes(32));

/** Opens a directory of segments, one segment, or an NDJSON, HAR or GoReplay file.
 * @throws PenumbraError `RECORDING_NOT_FOUND`, `NOT_A_RECORDING`, `RECORDING_NEWER`, `RECORDING_DAMAGED`, `NDJSON_INVALID`, `CANNOT_READ`;
 * as openForeign */
export async function openRecording(path: string): Promise<Recording> {
  const stats = statOf(path);
  if (stats.isDirectory()) return openSegments(path, segmentsIn(path));
  if (ndjsonExtensions.includes(extname(path).toLowerCase())) return openNdjsonRecording(path);
  const foreign = foreignFormOf(path);
  if (foreign !== null) return openForeignRecording(path, foreign);
  if (isSegmentFile(path)) return openSegments(path, [path]);
  const empty = stats.isFile() && stats.size === 0;
  throw new PenumbraError(
    "NOT_A_RECORDING",
    `${path} ${empty ? "is empty" : "is not a recording in a form that this build reads"}`,
    supported,
  );
}

function statOf(path: string): Stats {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
  if (stats === undefined) throw new PenumbraError("RECORDING_NOT_FOUND", `${path} does not exist`, supported);
  return stats;
}

/** The directory's segments, oldest first. @throws PenumbraError when there are none */
export function segmentsIn(directory: string): readonly string[] {
  let paths: readonly string[];
  try {
    paths = segmentPaths(directory);
  } catch (cause) {
    throw new PenumbraError("CANNOT_READ", `${directory} cannot be read: ${reasonOf(cause)}`, "check its permissions", cause);
  }
  if (paths.length > 0) return paths;
  const what = existsSync(join(directory, "run.json")) ? "is a run, not a recording" : "is not a recording: it has no segments";
  throw new PenumbraError("NOT_A_RECORDING", `${directory} ${what}`, supported);
}

function openSegments(path: string, paths: readonly string[]): Recording {
  const facts = paths.map(segmentFacts);
  const count = facts.reduce((sum, segment) => sum + segment.exchanges, 0);
  return {
    path,
    meta: { ...metaOf(facts), isPartial: !paths.includes(path) && isPartial(facts.map(({ meta }) => meta)) },
    segmentPaths: paths,
    identity: identityOfSegments(path, facts),
    async *exchanges() {
      // Asked again: a segment that is still being written may begin earlier by now.
      const sources = paths
        .map(segmentFacts)
        .map((segment) => ({ start: segment.earliest ?? -Infinity, open: () => exchangesOf(segment.path) }));
      yield* mergeInOrder(sources, (exchange: Exchange) => exchange.at);
    },
    count: () => count,
    close: () => {},
  };
}

async function openNdjsonRecording(path: string): Promise<Recording> {
  return plainFile(path, "ndjson", await openNdjson(path));
}

async function openForeignRecording(path: string, form: ForeignForm): Promise<Recording> {
  return plainFile(path, form, await openForeign(path, form, nameLane));
}

function plainFile(path: string, form: RecordingMeta["form"], file: NdjsonFile): Recording {
  return {
    path,
    meta: { form, format: null, labels: {}, primaries: [], isPartial: false, segments: [] },
    segmentPaths: [],
    identity: file.identity,
    exchanges: () => file.exchanges(),
    count: () => file.count,
    close: () => {},
  };
}

function metaOf(facts: readonly SegmentFacts[]): Omit<RecordingMeta, "isPartial"> {
  return {
    form: "segments",
    format: Math.max(...facts.map((segment) => segment.format)),
    labels: Object.fromEntries(facts.flatMap((segment) => Object.entries(segment.meta.labels))),
    primaries: [...new Set(facts.flatMap((segment) => segment.meta.primaries))],
    segments: facts.map((segment) => segment.meta),
  };
}
