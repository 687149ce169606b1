/** One place where two answers of the same request differ, and the closed list of kinds (the report's vocabulary). */

export type Location = "transport" | "status" | "header" | "body" | "latency" | "replay";

/** Coarsest level at which the two sides differ, from presence (coarsest) to the bytes (finest). */
export type Level = "presence" | "type" | "format" | "value" | "lexeme";

export type DifferenceKind =
  | "transport.connect"
  | "transport.timeout"
  | "transport.reset"
  | "transport.truncated"
  | "transport.framing"
  | "status.class"
  | "status.code"
  | "header.missing"
  | "header.extra"
  | "header.value"
  | "header.format"
  | "header.multiplicity"
  | "header.cookie-attribute"
  | "body.media-type"
  | "body.charset"
  | "body.encoding"
  | "body.undecodable"
  | "body.unparseable"
  | "body.empty"
  | "body.size"
  | "body.opaque"
  | "json.missing"
  | "json.extra"
  | "json.type"
  | "json.null"
  | "json.value"
  | "json.number-lexeme"
  | "json.number-precision"
  | "json.format"
  | "json.constant"
  | "json.duplicate-key"
  | "json.element-missing"
  | "json.element-extra"
  | "json.element-count"
  | "json.order"
  | "json.reference"
  | "json.embedded"
  | "text.line"
  | "text.block"
  | "markup.element"
  | "markup.attribute"
  | "markup.text"
  | "latency.paired"
  | "latency.tail"
  | "replay.correlation-miss"
  | "replay.skipped";

/** The left side is the baseline (primary), the right side the build that is compared with it. */
export interface Difference {
  readonly location: Location;
  /** '' | lower-case header name | `set-cookie/NAME[/ATTR]` | `trailer/NAME` | JSON Pointer with `*` for array elements | markup path. */
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly level: Level;
  /** Short renderings of both sides, ≤ 200 characters, null = absent. Control characters are escaped. */
  readonly from: string | null;
  readonly to: string | null;
  /** Named transition, value free where it can be, so that it is stable across requests:
   * "200→500", "number→string", "present→absent", "null→string", "uuid→integer", "order", "15→0 elements", "value". */
  readonly transition: string;
  /** How many leaves differ so at the path, which names all elements of an array alike. Absent = one. */
  readonly leaves?: number;
}

/** How much of a pair was checked how: one unit = one leaf (JSON scalar, header, text line, status). */
export interface LeafCount {
  readonly byValue: number;
  readonly byFormat: number;
  readonly untested: number;
}

/** What the user's rules did in one comparison. Rules go by their number in the configuration. */
export interface RuleEffects {
  /** Differences that do not count because a rule says so. */
  readonly hidden: readonly { readonly rule: number; readonly difference: Difference }[];
  /** Rules that decided something without hiding it, such as which elements belong together. */
  readonly applied: readonly number[];
}

/** An id that is another one on the right side, wherever it stands. */
export interface Renaming {
  /** As a difference of value. */
  readonly difference: Difference;
  /** Made by counting, as copies do that take writes in another order. */
  readonly isCounted: boolean;
}

export interface Comparison {
  /** In document order: transport, status, headers by name, body. Empty = equal. */
  readonly differences: readonly Difference[];
  readonly leaves: LeafCount;
  /** Ids that are others on the right side, consistently: whether that says something depends on whether other copies have
   * others, too. Counted in `leaves` by format. Absent when there are none. */
  readonly renamed?: readonly Renaming[];
  /** Absent when no rule had anything to do. */
  readonly rules?: RuleEffects;
}
