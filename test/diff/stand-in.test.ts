import { describe, expect, it } from "vitest";
import { withStandIn } from "../../diff/stand-in.ts";
import { notRecorded, type Outcome, unrecordedBody } from "../../model/exchange.ts";
import { answered, type Case, failed, judgeCases, observationOf, realFindings } from "./fabricate.ts";

const item = (id: number, changes: Record<string, unknown> = {}): Outcome => answered({ id, price: 10 + id, ...changes });
const nothing = failed("skipped", notRecorded);

/** What an access log knows. */
function statusOnly(status: number): Outcome {
  const outcome = answered({});
  return outcome.kind === "answered"
    ? { ...outcome, answer: { ...outcome.answer, status, headers: [], body: unrecordedBody(0) } }
    : outcome;
}

function run(primary: Outcome, candidateOf: (id: number) => Outcome, second: boolean): Case[] {
  return Array.from({ length: 40 }, (_, index) => {
    const noisy = (id: number): Outcome => item(id, { nonce: `${index}-${Math.imul(index, 7919) >>> 0}` });
    const secondControl = second ? { secondControl: item(index, { nonce: `s${index}` }) } : {};
    return {
      id: `x${index}`,
      lane: `lane ${index}`,
      target: `/items/${index}`,
      primary,
      candidate: candidateOf(index),
      control: noisy(index),
      ...secondControl,
    };
  });
}

describe("where production's answer was not recorded", () => {
  it("a second control answers in its place, and noise is told from change as elsewhere", () => {
    const equal = judgeCases(run(nothing, (id) => item(id, { nonce: `c${id}` }), true));
    expect(equal.totals).toMatchObject({ compared: 40, different: 0, notComparable: {} });
    const changed = judgeCases(run(nothing, (id) => item(id, { nonce: `c${id}`, price: "free" }), true));
    expect(realFindings(changed).map(({ path }) => path)).toEqual(["/price"]);
  });

  it("nothing is compared with one control alone", () => {
    const report = judgeCases(run(nothing, (id) => item(id, { price: "free" }), false));
    expect(report.totals).toMatchObject({ compared: 0, notComparable: { not_recorded: 40 } });
  });

  it("its status alone is compared with one control, and still measures fidelity with two", () => {
    const changed = (id: number): Outcome => item(id, { nonce: `c${id}`, price: "free" });
    const one = judgeCases(run(statusOnly(200), changed, false));
    expect([one.totals.compared, one.findings]).toEqual([40, []]);
    const two = judgeCases(run(statusOnly(404), changed, true));
    expect(realFindings(two).map(({ path }) => path)).toEqual(["/price"]);
    expect([one.coverage.fidelity, two.coverage.fidelity]).toEqual([1, 0]);
  });
});

describe("withStandIn", () => {
  const known: Case = { id: "x", primary: item(1), candidate: item(1), control: item(1), secondControl: item(1, { price: 0 }) };

  it("changes nothing where production's answer is there, or there is nobody to stand in", () => {
    const others: readonly Case[] = [
      known,
      { ...known, primary: failed("aborted") },
      { ...known, primary: failed("skipped", "breaker_open") },
      { ...known, primary: nothing, secondControl: failed("refused") },
      { id: "x", primary: nothing, candidate: item(1), control: item(1) },
    ];
    for (const observation of others.map(observationOf)) expect(withStandIn(observation)).toBe(observation);
  });

  it.each([nothing, statusOnly(200)])("puts the second control's answer in production's place, and counts it as no control", (primary) => {
    const observation = observationOf({ ...known, primary });
    const stoodIn = withStandIn(observation);
    expect(stoodIn.exchange.outcome).toBe(known.secondControl);
    expect(stoodIn.controls).toEqual([{ outcome: known.control }]);
  });
});
