import { expect, it } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import type { Outcome } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { Laboratory } from "../../../replayer/dependence/laboratory.ts";
import { serialPlan } from "../../../replayer/dependence/plan.ts";
import type { ShadowTarget } from "../../../target/shadow.ts";
import type { Redaction } from "../../../target/shadow-log.ts";
import { mixed } from "./traffic.ts";

const asTheyAre: Redaction = { exchange: (exchange) => exchange, outcome: (_request, outcome) => outcome, target: (target) => target };
const minute = 60_000;

it("a laboratory gives up when it has waited too long for answers that do not come, and says so", async () => {
  const [read] = mixed(1).filter(({ request }) => request.method === "GET");
  if (read === undefined) throw new Error("there is a read");
  const hanging: ShadowTarget = {
    name: "candidate",
    send: () => Promise.resolve<Outcome>({ kind: "timed-out", tookMs: milliseconds(4 * minute) }),
  };
  const control: ShadowTarget = { name: "control", send: () => Promise.resolve(read.outcome) };
  const laboratory = new Laboratory({
    ...{ candidate: hanging, control, reset: () => Promise.resolve(), redaction: asTheyAre, headers: [], limit: 20_000, seed: 1 },
    ...{ order: "causal", writeScope: "segment", holdMs: 1000, clock: systemClock, signal: new AbortController().signal },
  });
  const kinds: (string | undefined)[] = [];
  const runs: boolean[] = [];
  for (let run = 0; run < 5; run++) {
    runs.push(await laboratory.run(serialPlan([read]), ({ pair }) => kinds.push(pair?.candidate.outcome.kind)));
  }
  // The fourth one reaches 16 minutes; no other begins.
  expect(runs).toEqual([true, true, true, false, false]);
  expect(kinds).toEqual(Array(4).fill("timed-out"));
  expect(laboratory.ended).toBe("limit");
  expect(laboratory.isCut).toBe(true);
  expect(laboratory.detail).toBe("experiments were given up after 15 minutes of waiting for answers that did not come");
});
