/** Of many differences of one kind at one place the first is told and the others are counted, whether or not they were described. */

import { expect, it } from "vitest";
import { compare, json } from "./answers.ts";

const repetitions = 3;

function answerOf(places: number, value: (place: number) => unknown) {
  const element = Object.fromEntries(Array.from({ length: places }, (_, place) => [`key ${place}`, value(place)]));
  return json({ items: Array.from({ length: repetitions }, () => element) });
}

it("counts every leaf that differs and tells each place once", () => {
  const { differences, leaves } = compare(
    answerOf(20, (place) => place),
    answerOf(20, (place) => `${place} other`),
  );
  const paths = differences.map(({ path }) => path);
  expect(paths).toEqual(Array.from({ length: 20 }, (_, place) => `/items/*/key ${place}`));
  expect(differences.map(({ leaves: alike }) => alike)).toEqual(paths.map(() => repetitions));
  // The status and the media type are leaves, too.
  expect(leaves).toEqual({ byValue: 20 * repetitions + 2, byFormat: 0, untested: 0 });
});

it("counts what differs past the bound on places as untested, each time", () => {
  const { differences, leaves } = compare(
    answerOf(600, (place) => place),
    answerOf(600, (place) => place + 0.5),
  );
  expect(differences).toHaveLength(500);
  expect(leaves).toEqual({ byValue: 500 * repetitions + 2, byFormat: 0, untested: 100 * repetitions });
});

it("tells two kinds at one place, and a kind at two places", () => {
  const [left, right] = [json([{ a: 1, b: 1 }, { a: 1, b: "x" }, { a: 1 }]), json([{ a: 2, b: 2 }, { a: "1", b: "y" }, { a: 3 }])];
  const found = compare(left, right).differences.map(({ path, kind }) => `${path} ${kind}`);
  expect(found).toEqual(["/*/a json.value", "/*/b json.value", "/*/a json.type"]);
  expect(compare(left, right).differences.map(({ leaves = 1 }) => leaves)).toEqual([2, 2, 1]);
});
