import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Disposition, dropReasons, mirrorDropReasons, recordDropReasons } from "../../../proxy/handover/reasons.ts";
import { conservationFaults, Ledger } from "../../../proxy/live/ledger.ts";

const sequence = fc.integer({ min: 1, max: 12 });
const disposition: fc.Arbitrary<Disposition> = fc.oneof(
  fc.record({ part: fc.constant("mirror" as const), result: fc.constantFrom("done" as const, ...mirrorDropReasons) }),
  fc.record({ part: fc.constant("record" as const), result: fc.constantFrom("done" as const, ...recordDropReasons) }),
);
const event = fc.oneof(
  fc.constant((ledger: Ledger) => ledger.countUnsampled()),
  fc.constantFrom(...dropReasons).map((reason) => (ledger: Ledger) => ledger.countDropped(reason)),
  fc.constant((ledger: Ledger) => void ledger.begin()),
  sequence.map((of) => (ledger: Ledger) => ledger.capture(of)),
  fc.tuple(sequence, fc.constantFrom(...dropReasons)).map(
    ([of, reason]) =>
      (ledger: Ledger) =>
        ledger.drop(of, reason),
  ),
  fc.tuple(sequence, disposition).map(
    ([of, what]) =>
      (ledger: Ledger) =>
        ledger.dispose(of, what),
  ),
  fc.constant((ledger: Ledger) => ledger.observerLost()),
);

describe("the ledger", () => {
  it("keeps its law after every event of any sequence", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const ledger = new Ledger("e");
        for (const happen of events) {
          happen(ledger);
          expect(conservationFaults(ledger.snapshot())).toEqual([]);
        }
        const { open, pendingMirror, pendingRecord } = ledger.snapshot();
        expect(Math.min(open, pendingMirror, pendingRecord)).toBeGreaterThanOrEqual(0);
        ledger.observerLost();
        expect(ledger.snapshot()).toMatchObject({ open: 0, pendingMirror: 0, pendingRecord: 0 });
      }),
      { numRuns: 500 },
    );
  });

  it("counts a disposition that came before the capture once the copy is whole", () => {
    const ledger = new Ledger("e");
    const of = ledger.begin();
    ledger.dispose(of, { part: "mirror", result: "done" });
    expect(ledger.snapshot()).toMatchObject({ open: 1, mirrored: 0 });
    ledger.capture(of);
    expect(ledger.snapshot()).toMatchObject({ open: 0, captured: 1, mirrored: 1, pendingRecord: 1 });
  });

  it("ignores a second word about the same part", () => {
    const ledger = new Ledger("e");
    const of = ledger.begin();
    ledger.capture(of);
    ledger.dispose(of, { part: "record", result: "disk_full" });
    ledger.dispose(of, { part: "record", result: "done" });
    ledger.dispose(of, { part: "mirror", result: "done" });
    ledger.dispose(of, { part: "mirror", result: "done" });
    expect(ledger.snapshot()).toMatchObject({ recorded: 0, mirrored: 1, recovered: 0 });
    expect(ledger.snapshot().recordDropped.disk_full).toBe(1);
  });

  it("moves what a dead observer had committed to recorded when the next one says so, once", () => {
    const ledger = new Ledger("e");
    const of = ledger.begin();
    ledger.capture(of);
    ledger.dispose(of, { part: "mirror", result: "done" });
    ledger.observerLost();
    expect(ledger.snapshot().recordDropped.observer_lost).toBe(1);
    ledger.dispose(of, { part: "record", result: "done" });
    ledger.dispose(of, { part: "record", result: "done" });
    const snapshot = ledger.snapshot();
    expect(snapshot).toMatchObject({ recorded: 1, recovered: 1, mirrored: 1 });
    expect(snapshot.recordDropped.observer_lost).toBe(0);
    expect(conservationFaults(snapshot)).toEqual([]);
  });

  it("says where a snapshot breaks the law", () => {
    const snapshot = new Ledger("e").snapshot();
    expect(conservationFaults({ ...snapshot, seen: 1 })).toEqual(["seen: 1 is not 0"]);
  });
});
