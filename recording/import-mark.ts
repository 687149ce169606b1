/** Whether all of a file has come into a recording. Every segment of an import says `part` until the last one is told `whole`: also after a
 * kill nobody takes a part for all of it. */

export type ImportMark = "part" | "whole";

export function readImportMark(value: unknown): ImportMark | null {
  return value === "part" || value === "whole" ? value : null;
}

/** Whether an import did not come to its end. @param segments all of a recording */
export function isPartial(segments: readonly { readonly epoch: string; readonly imported: ImportMark | null }[]): boolean {
  const whole = new Set(segments.filter(({ imported }) => imported === "whole").map(({ epoch }) => epoch));
  return segments.some(({ epoch, imported }) => imported === "part" && !whole.has(epoch));
}

/** What is said of one that is. */
export const partialText = "an import into it did not come to its end, so that it holds a part; import again into an empty directory";
