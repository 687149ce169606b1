/** What share of the answers a run says it has tested, and how. */

import { expect, it } from "vitest";
import { seededRandom } from "../../model/random.ts";
import { answered, judgeCases } from "./fabricate.ts";

/** Runs of answers in which each copy makes its own. */
function coverageOf(body: (noise: () => string) => object) {
  const random = seededRandom(3);
  const noise = (): string => `${random.below(1000)} a ${random.below(1000)}`;
  const cases = Array.from({ length: 60 }, (_, i) => ({
    id: `${i}`,
    lane: `lane ${i % 20}`,
    target: `/lists/${1000 + i}`,
    primary: answered(body(noise)),
    control: answered(body(noise)),
    candidate: answered(body(noise)),
  }));
  return judgeCases(cases).coverage;
}

it.each<[string, (noise: () => string) => object]>([
  ["a list", (noise) => Array.from({ length: 100 }, (_, n) => ({ n, name: `n ${n}`, t: true, v: noise() }))],
  [
    "a map by id",
    (noise) => Object.fromEntries(Array.from({ length: 100 }, (_, n) => [7000 + n, { n, name: `n ${n}`, t: true, v: noise() }])),
  ],
])("one noisy member of four in every entry of %s is a quarter of what was tested by format only", (_, body) => {
  const { byValue, byFormat, untested } = coverageOf(body);
  expect(byFormat).toBeCloseTo(0.25, 2);
  expect([byValue + byFormat, untested]).toEqual([1, 0]);
});
