/** Takes the sealed values of some tokens over into another recording, unopened: no key is needed.
 *
 *    segment with a vault ─ rows of the tokens ─► a segment that has the same ephemeral key, those rows, and no exchanges
 *
 * A sealed value opens only with the key of the segment that it was sealed in, so that each vault gets a segment of its own. */

import type { HttpRequest } from "../../model/exchange.ts";
import { nextSegmentPath } from "../recording-directory.ts";
import { createSegment, openSegment, readingSegment, readMeta, type SegmentMeta, settleSegment } from "../segment-file.ts";
import { revealRequest } from "./reveal.ts";

interface VaultRow {
  readonly token: string;
  readonly sealed: Uint8Array;
}

/** Notes the tokens that a request holds, in whatever encoding. */
export function noteTokens(request: HttpRequest, tokens: Set<string>): void {
  revealRequest(request, (token) => {
    tokens.add(token);
    return null;
  });
}

/** @param tokens whose values are taken over, each from the first vault that has it
 * @throws PenumbraError as `openSegment`; SqliteError when it cannot be written */
export function copyVaults(segmentPaths: readonly string[], directory: string, tokens: ReadonlySet<string>): void {
  const left = new Set(tokens);
  for (const path of segmentPaths) {
    if (left.size === 0) return;
    const { meta, rows } = rowsOf(path, left);
    if (rows.length === 0) continue;
    const database = createSegment(nextSegmentPath(directory), meta);
    try {
      const insert = database.prepare<[string, Uint8Array]>("INSERT INTO vault (token, sealed) VALUES (?, ?)");
      database.transaction(() => {
        for (const { token, sealed } of rows) insert.run(token, sealed);
      })();
    } finally {
      settleSegment(database);
    }
    for (const { token } of rows) left.delete(token);
  }
}

function rowsOf(path: string, tokens: ReadonlySet<string>): { readonly meta: SegmentMeta; readonly rows: readonly VaultRow[] } {
  const segment = openSegment(path);
  try {
    return readingSegment(path, () => {
      const meta = readMeta(segment.database);
      if (meta.vault === null) return { meta, rows: [] };
      const find = segment.database.prepare<[string], VaultRow>("SELECT token, sealed FROM vault WHERE token = ?");
      return { meta, rows: [...tokens].flatMap((token) => find.get(token) ?? []) };
    });
  } finally {
    segment.close();
  }
}
