/** What a terminal makes of a text: printable characters in columns, and nothing that it obeys, our own colours apart. */

import { acting } from "../../../report/visible.ts";

/** Select Graphic Rendition with plain numbers: colours, bold, dim. */
const colours = /\u001b\[\d+(?:;\d+)*m/g;

/** The lines as they are seen.
 * @throws Error for a character that a terminal obeys or hides */
export function seenLines(output: string, { coloured = false }: { readonly coloured?: boolean } = {}): string[] {
  const plain = coloured ? output.replace(colours, "") : output;
  return plain.split("\n").map((line) => {
    const found = line.match(acting);
    if (found !== null) throw new Error(`${JSON.stringify(found)} reaches the terminal in ${JSON.stringify(line)}`);
    return line;
  });
}
