/** What an arm says about a run, in words that all arms share. */

import type { Location } from "../../model/difference.ts";
import type { EndpointName } from "./traffic.ts";

export interface Place {
  readonly endpoint: EndpointName;
  readonly location: Location;
  /** As in model/difference.ts. */
  readonly path: string;
  /** Told apart at one path: a kind of difference, in the arm's own words. */
  readonly kind: string;
}

/** One thing that a person is shown. */
export interface Reported {
  /** One at least; the main one first. */
  readonly places: readonly Place[];
  /** It fails the run by itself; the other arms have no such notion and nothing they show is less than sure. */
  readonly isConfirmed: boolean;
  /** When it happens, in the arm's words; null when it does not say. */
  readonly condition: string | null;
}

export function keyOf({ endpoint, location, path, kind }: Place): string {
  return [endpoint, location, path, kind].join("\n");
}
