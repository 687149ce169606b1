/** A table that scrolls by itself where the screen is narrow; reached by keyboard, since it can be scrolled by it. */

import type { ComponentChildren } from "preact";

export interface ScrollTableProps {
  readonly label: string;
  /** The first column is text, the others are figures. */
  readonly head: readonly string[];
  /** Rows. */
  readonly children: ComponentChildren;
}

export function ScrollTable({ label, head, children }: ScrollTableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {head.map((name, index) => (
              <th key={name} scope="col" class={index > 0 ? "number" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
