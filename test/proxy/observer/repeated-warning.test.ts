import { expect, it } from "vitest";
import type { LogFields } from "../../../proxy/observer/observer-log.ts";
import { RepeatedWarning } from "../../../proxy/observer/repeated-warning.ts";
import { FakeClock } from "../../recording/fake-clock.ts";

it("tells a problem once in ten seconds, with how often it was not told, and a new one at once", () => {
  const told: [string, LogFields][] = [];
  const clock = new FakeClock();
  const warning = new RepeatedWarning("mirror.error", { info: () => {}, warn: (event, fields) => told.push([event, fields]) }, clock);
  for (let time = 0; time < 100; time++) warning.tell("no space", { id: `e${time}` });
  expect(told).toEqual([["mirror.error", { id: "e0", problem: "no space" }]]);
  clock.advance(10_000);
  warning.tell("no space", { id: "e100" });
  warning.tell("redaction", { id: "e101" });
  expect(told.slice(1)).toEqual([
    ["mirror.error", { id: "e100", problem: "no space", untold: 99 }],
    ["mirror.error", { id: "e101", problem: "redaction" }],
  ]);
});
