import { describe, expect, it } from "vitest";
import type { Candidate } from "../../../replayer/distill/candidate.ts";
import { cover } from "../../../replayer/distill/cover.ts";
import type { OverlapPattern } from "../../../replayer/distill/overlaps.ts";
import type { Trait } from "../../../replayer/distill/trait-pool.ts";

function candidate(number: number, traits: readonly number[], more: Partial<Candidate> = {}): Candidate {
  return { number, session: number, request: `request ${number}`, unsafe: false, writesBefore: 0, traits, ...more };
}

/** @param exchanges of each trait, the rarer the sooner it is looked at */
function traitsOf(candidates: readonly Candidate[], exchanges: readonly number[]): Trait[] {
  return exchanges.map((count, trait) => {
    const having = candidates.filter(({ traits }) => traits.includes(trait));
    return {
      kind: "headers",
      endpoint: "GET /",
      exchanges: count,
      candidates: having,
      sessions: new Set(having.map(({ session }) => session)),
      requests: new Set(having.map(({ request }) => request)),
      isUnsafe: false,
    };
  });
}

const chosen = (candidates: readonly Candidate[], exchanges: readonly number[], patterns: readonly OverlapPattern[] = []): number[] =>
  [...cover({ traits: traitsOf(candidates, exchanges), patterns, copies: 1 })].sort((a, b) => a - b);

describe("cover", () => {
  it("takes one that has much instead of several that have little", () => {
    expect(chosen([candidate(1, [0]), candidate(2, [1]), candidate(3, [0, 1, 2]), candidate(4, [2])], [9, 9, 9])).toEqual([3]);
  });

  it("leaves out what later ones made superfluous", () => {
    // The first looks best for the rarest trait, until the two others have to be taken anyway.
    const [first, second, third] = [candidate(1, [0, 2, 3]), candidate(2, [0, 1]), candidate(3, [2, 3, 4])];
    expect(chosen([first, second, third], [1, 2, 3, 4, 5])).toEqual([2, 3]);
  });

  it("takes the one that needs fewer writes before it", () => {
    expect(chosen([candidate(1, [0], { writesBefore: 9 }), candidate(2, [0])], [5])).toEqual([2]);
  });

  it("takes of an overlap the pair that is there already in part", () => {
    const [one, other, third] = [candidate(1, []), candidate(2, []), candidate(3, [])];
    const pattern = (seen: number, ...pairs: OverlapPattern["pairs"]): OverlapPattern => ({
      endpoints: ["GET /", "GET /"],
      isWithinSession: false,
      pairs,
      seen,
    });
    expect(chosen([one, other, third], [], [pattern(1, [one, other]), pattern(2, [third, candidate(4, [])], [other, third])])).toEqual([
      1, 2, 3,
    ]);
  });
});
