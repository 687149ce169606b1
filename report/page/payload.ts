/** How the page's data travels in its file: an index that is read at once, and chunks that are read when somebody looks.
 *
 *    PageData ──► rows of the lists ─────────────► index     one deflated block
 *            └──► details, 200 findings a chunk ─┐
 *    SampleView, by need ────────────────────────┴► chunks    deflated, base64, as many as fit              */

import { deflateRawSync } from "node:zlib";
import type { FindingDetails, FindingRow, FindingView, PageData } from "./data.ts";
import type { SampleView } from "./sample-view.ts";

/** What the page reads when it is opened. */
export interface PageIndex {
  readonly data: PageData<FindingRow>;
  /** The chunk that holds the details of a finding: the n-th of all groups, one after the other, is in chunk ⌊n / this⌋. */
  readonly detailsPerChunk: number;
  /** The chunk of each sample that is kept. */
  readonly samples: Readonly<Record<string, number>>;
  readonly samplesLeftOut: number;
}

/** What a chunk holds, as JSON. */
export type DetailsChunk = Readonly<Record<string, FindingDetails>>;
export type SamplesChunk = Readonly<Record<string, SampleView>>;

export interface Payload {
  readonly index: string;
  readonly chunks: readonly string[];
}

const detailsPerChunk = 200;
/** Characters of JSON: large enough to deflate well, small enough to open at a click. */
const sampleChunkLength = 200_000;
/** The markup around a chunk. */
const chunkFrame = 80;
/** An entry of the index that says where a sample is, deflated. */
const sampleEntry = 24;

/** @param samples views, the most needed first; they are made only while there is room
 * @param mostBytes of index and chunks together */
export function payloadOf(data: PageData, samples: Iterable<() => SampleView>, mostBytes: number): Payload {
  const chunks = detailChunks(data);
  const rows = { ...data, groups: data.groups.map((group) => ({ ...group, findings: group.findings.map(rowOf) })) };
  const indexOf = (placed: ReadonlyMap<string, number>, samplesLeftOut: number): string =>
    packed({ data: rows, detailsPerChunk, samples: Object.fromEntries(placed), samplesLeftOut } satisfies PageIndex);
  let room = mostBytes - indexOf(new Map(), 0).length - chunks.reduce((sum, { length }) => sum + length + chunkFrame, 0);
  const placed = new Map<string, number>();
  let leftOut = 0;
  let pending: string[] = [];
  let ids: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (ids.length === 0) return;
    const chunk = packedText(`{${pending.join(",")}}`);
    const cost = chunk.length + chunkFrame + ids.length * sampleEntry + ids.reduce((sum, id) => sum + id.length, 0);
    if (cost > room) leftOut += ids.length;
    else {
      room -= cost;
      for (const id of ids) placed.set(id, chunks.length);
      chunks.push(chunk);
    }
    [pending, ids, length] = [[], [], 0];
  };
  for (const view of samples) {
    if (room < chunkFrame) {
      leftOut++;
      continue;
    }
    const { id, ...rest } = view();
    const entry = `${JSON.stringify(id)}:${JSON.stringify({ id, ...rest })}`;
    if (length + entry.length > sampleChunkLength) flush();
    pending.push(entry);
    ids.push(id);
    length += entry.length;
  }
  flush();
  return { index: indexOf(placed, leftOut), chunks };
}

function detailChunks({ groups }: PageData): string[] {
  const findings = groups.flatMap((group) => group.findings);
  const chunks: string[] = [];
  for (let start = 0; start < findings.length; start += detailsPerChunk) {
    const part = findings.slice(start, start + detailsPerChunk);
    chunks.push(packed(Object.fromEntries(part.map((finding) => [finding.id, detailsOf(finding)])) satisfies DetailsChunk));
  }
  return chunks;
}

function detailsOf({ facts, signatures, moreSignatures, exemplars, accept, ignore }: FindingView): FindingDetails {
  return { facts, signatures, moreSignatures, exemplars, accept, ignore };
}

function rowOf(finding: FindingView): FindingRow {
  const { facts: _f, signatures: _s, moreSignatures: _m, exemplars: _e, accept: _a, ignore: _i, ...row } = finding;
  return row;
}

function packed(value: unknown): string {
  return packedText(JSON.stringify(value));
}

function packedText(text: string): string {
  return deflateRawSync(text).toString("base64");
}
