/** Parts of a file that cannot be read are left out and counted. A file that is mostly such parts is something else. */

import { PenumbraError } from "../../model/errors.ts";

interface Complaint {
  readonly path: string;
  readonly code: string;
  /** "lines", "records", … */
  readonly unit: string;
  readonly hint: string;
}

const mostly = 0.5;

/** @throws PenumbraError when more than half of what was read could not be read */
export function refuseIfMostly(unreadable: number, read: number, { path, code, unit, hint }: Complaint): void {
  if (unreadable <= mostly * read) return;
  throw new PenumbraError(code, `${path}: ${unreadable} of ${read} ${unit} cannot be read`, hint);
}
