/** What test or staging traffic takes for granted and production violates. */

export type BeliefKind =
  | "endpoint"
  | "status"
  | "id form"
  | "parameter"
  | "header"
  | "combination"
  | "media type"
  | "field"
  | "null"
  | "type"
  | "value"
  | "range"
  | "size"
  | "characters"
  | "order"
  | "overlap";

export interface Belief {
  readonly kind: BeliefKind;
  /** `GET /orders/{id}`; null = of the service as a whole. */
  readonly endpoint: string | null;
  /** What it is about: `answer 200 /coupon`, `parameter page`; "" = the endpoint itself. */
  readonly place: string;
  /** What staging takes for granted: `is always absent`. */
  readonly says: string;
  /** Further endpoints of which the same is true, where they are shown as one. */
  readonly endpoints: number;
  /** Exchanges of production that violate it, and those that could. */
  readonly violations: number;
  readonly of: number;
  /** Exchanges of staging that could, and did not. */
  readonly staging: number;
  /** (1 − p)^n: how likely as many exchanges of staging show nothing of what production does at the rate p. */
  readonly chance: number;
}

export interface Assumptions {
  readonly staging: { readonly exchanges: number; readonly sessions: number };
  readonly production: { readonly exchanges: number; readonly sessions: number };
  /** The most often violated first. */
  readonly beliefs: readonly Belief[];
  /** Seen in production only, but too seldom, or staging too small, to tell from chance. */
  readonly explainedByChance: number;
}
