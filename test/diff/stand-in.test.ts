import { describe, expect, it } from "vitest";
import { notRecorded, type Outcome, unrecordedBody } from "../../model/exchange.ts";
import { answered, type Case, failed, judgeCases, realFindings } from "./fabricate.ts";

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

describe("where production's answer was recorded", () => {
  it("that is compared, whatever a second control says", () => {
    const cases = run(nothing, item, true).map(
      (one, index): Case => ({ ...one, primary: item(index), control: item(index), secondControl: item(index, { price: 0 }) }),
    );
    expect(judgeCases(cases).totals).toMatchObject({ compared: 40, same: 40 });
  });
});
