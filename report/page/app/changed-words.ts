/** Which words of a line are other ones than in the line beside it. */

import { diffWordsWithSpace } from "diff";

export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

/** Past so many changed words the lines are two different ones, and all of the middle is marked. */
const mostEdits = 60;

/** The pieces of `text`, one after the other. */
export function changedWords(text: string, against: string): readonly Piece[] {
  const changes = diffWordsWithSpace(against, text, { maxEditLength: mostEdits });
  if (changes === undefined) return changedMiddle(text, against);
  return changes.flatMap(({ value, added, removed }) => (removed ? [] : [{ text: value, isChanged: added }]));
}

/** Between what both lines begin and end with. */
function changedMiddle(text: string, against: string): readonly Piece[] {
  const most = Math.min(text.length, against.length);
  let start = 0;
  while (start < most && text[start] === against[start]) start++;
  let end = 0;
  while (end < most - start && text[text.length - 1 - end] === against[against.length - 1 - end]) end++;
  const cut = text.length - end;
  const pieces = [text.slice(0, start), text.slice(start, cut), text.slice(cut)];
  return pieces.map((piece, index) => ({ text: piece, isChanged: index === 1 })).filter((piece) => piece.text !== "");
}
