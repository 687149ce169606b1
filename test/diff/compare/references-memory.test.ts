/** Ids are remembered for as long as a lane lives; the answers they were read in are not. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { References } from "../../../diff/compare/references.ts";
import { compare, json, uuid } from "./answers.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("does not keep bodies in memory for the ids in them", () => {
  const references = new References();
  const padding = "a b ".repeat(10_000);
  const answer = (id: number, isRight: boolean) => json({ id: uuid(id), isRight, padding });
  const read = (id: number) => compare(answer(id, false), answer(id, true), { references });
  read(0);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let id = 1; id <= 1_000; id++) read(id);
  collectGarbage();
  // The bodies of one side are 40 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  expect(references.rightOf("*", uuid(1_000))).toBe(uuid(1_000));
});
