import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { milliseconds, monotonicMs } from "../../model/units.ts";
import { LatenessRecord, latenessOf } from "../../replayer/lateness.ts";

const at = monotonicMs;

describe("latenessOf", () => {
  it.each([
    { title: "sent when due", due: at(100), released: null, sent: at(100), lateness: 0 },
    { title: "sent 7 ms after it was due", due: at(100), released: null, sent: at(107), lateness: 7 },
    { title: "a slow predecessor is not lateness", due: at(100), released: at(180), sent: at(181), lateness: 1 },
    { title: "a predecessor that was done long before does not excuse", due: at(100), released: at(40), sent: at(109), lateness: 9 },
    { title: "never below zero", due: at(100), released: null, sent: at(99.9), lateness: 0 },
    { title: "does not apply on a closed loop", due: null, released: at(3), sent: at(100), lateness: null },
  ])("$title", ({ due, released, sent, lateness }) => {
    expect(latenessOf({ due, released, sent })).toBe(lateness);
  });
});

describe("LatenessRecord", () => {
  it("is zero when nothing was sent", () => {
    expect(new LatenessRecord().summary()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it("keeps each quantile within two percent above the exact one, and the maximum exactly", () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99, 1), (list, share) => {
        const record = new LatenessRecord();
        for (const value of list) record.add(milliseconds(value));
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
        const shown = record.quantile(share);
        expect(record.summary().max).toBeCloseTo(Math.max(...list), 2);
        return shown >= exact * 0.999999 && shown <= exact * 1.0201;
      }),
    );
  });

  it("shows one slow request of a hundred in the maximum and not in the 99th percentile", () => {
    const record = new LatenessRecord();
    for (let sent = 0; sent < 99; sent++) record.add(milliseconds(0.1));
    record.add(milliseconds(50));
    expect(record.summary().p99).toBeLessThan(0.11);
    expect(record.summary().max).toBe(50);
  });
});
