import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Slots } from "../../target/slots.ts";

describe("Slots", () => {
  it("hold what is under way as a set would, whatever comes and goes", () => {
    const steps = fc.array(fc.oneof(fc.constant("add" as const), fc.nat(20)), { maxLength: 80 });
    fc.assert(
      fc.property(steps, (list) => {
        const slots = new Slots<number>();
        const expected = new Map<number, number>();
        let most = 0;
        list.forEach((step, item) => {
          if (step === "add") {
            const slot = slots.add(item);
            if (expected.has(slot)) throw new Error(`slot ${slot} is given out twice`);
            expected.set(slot, item);
          } else {
            slots.remove(step);
            expected.delete(step);
          }
          most = Math.max(most, expected.size);
          expect(slots.size).toBe(expected.size);
          expect(slots.all().sort((a, b) => a - b)).toEqual([...expected.values()].sort((a, b) => a - b));
          for (const [slot, held] of expected) {
            expect(slots.at(slot)).toBe(held);
            // What is taken out makes room: there are never more slots than were once in use.
            expect(slot).toBeLessThan(most);
          }
        });
      }),
    );
  });
});
