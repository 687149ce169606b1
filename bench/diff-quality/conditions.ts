/** What a request may have to carry for a fault to show: the condition that a finding should name. */

import type { Random } from "../../model/random.ts";
import type { RequestDraft } from "./requests.ts";

export interface Condition {
  readonly name: string;
  /** Names and values that have to stand in the finding's condition. */
  readonly words: readonly string[];
  /** Makes a request that fulfils the condition, or one that might be taken for it. */
  readonly shape: (draft: RequestDraft, isSpecial: boolean, random: Random) => RequestDraft;
}

const withQuery = (draft: RequestDraft, name: string, value: string): RequestDraft => ({
  ...draft,
  query: new Map([...draft.query, [name, value]]),
});
const withHeader = (draft: RequestDraft, name: string, value: string): RequestDraft => ({
  ...draft,
  headers: new Map([...draft.headers, [name, value]]),
});
/** How often each half of a pair is met without the other. */
const halfShare = 0.12;

export const conditions: readonly Condition[] = [
  {
    name: "query value",
    words: ["currency", "JPY"],
    shape: (draft, isSpecial) => (isSpecial ? withQuery(draft, "currency", "JPY") : draft),
  },
  {
    name: "query parameter",
    words: ["expand"],
    shape: (draft, isSpecial) => (isSpecial ? withQuery(draft, "expand", "all") : draft),
  },
  {
    name: "header value",
    words: ["x-tenant", "acme"],
    shape: (draft, isSpecial) => (isSpecial ? withHeader(draft, "x-tenant", "acme") : draft),
  },
  {
    name: "header",
    words: ["x-beta"],
    shape: (draft, isSpecial) => (isSpecial ? withHeader(draft, "x-beta", "1") : draft),
  },
  {
    name: "cookie value",
    words: ["plan", "gold"],
    shape: (draft, isSpecial) => (isSpecial ? { ...draft, cookies: new Map([["plan", "gold"]]) } : draft),
  },
  {
    name: "body field",
    words: ["coupon"],
    shape: (draft, isSpecial, random) => ({
      ...draft,
      body: { quantity: 1 + random.below(9), ...(isSpecial ? { coupon: `c${random.below(100)}` } : {}) },
    }),
  },
  {
    name: "body value",
    words: ["priority", "rush"],
    shape: (draft, isSpecial, random) => ({
      ...draft,
      body: { quantity: 1 + random.below(9), priority: isSpecial ? "rush" : "normal" },
    }),
  },
  {
    name: "pair",
    words: ["currency", "JPY", "expand"],
    shape: (draft, isSpecial, random) => {
      const half = isSpecial ? 0 : random.next();
      const hasCurrency = isSpecial || half < halfShare;
      const hasExpand = isSpecial || half > 1 - halfShare;
      const one = hasCurrency ? withQuery(draft, "currency", "JPY") : draft;
      return hasExpand ? withQuery(one, "expand", "all") : one;
    },
  },
];
