/** One value that a recorded answer brought into the session: where it stands, and under which keys it is looked up. */

import type { Step } from "./answer-reader.ts";
import type { ValuePlace } from "./answer-values.ts";
import type { JsonScalarType, Where } from "./place.ts";

export type AnswerPlace =
  | ValuePlace
  /** As `json`; where that place is empty, wherever else the target names what it created. */
  | { readonly kind: "created"; readonly path: readonly Step[]; readonly collection: string }
  | { readonly kind: "location-item"; readonly collection: string };

export interface Produced {
  readonly keys: readonly string[];
  readonly recorded: string;
  readonly recordedType: JsonScalarType;
  readonly at: AnswerPlace;
  /** `first`: what is known stays. `newest`: each time anew, for requests that begin after this answer. `shown`: while all
   * answers agree. `linked`: so, where it is another than the recorded one. */
  readonly policy: "first" | "newest" | "shown" | "linked";
  /** It came into being with this answer: a target that did not give one cannot know it. */
  readonly created: boolean;
  /** Of a plain id: what says what it names. */
  readonly where: Where | null;
}
