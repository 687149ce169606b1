/** The dashboard's share of a core, by a clock and a CPU that only move when told. */

import { describe, expect, it } from "vitest";
import { Allowance } from "../../../cli/dashboard/allowance.ts";
import type { Clock } from "../../../model/clock.ts";
import { epochMs, milliseconds, monotonicMs } from "../../../model/units.ts";

class Machine {
  now = 0;
  cpu = 0;
  /** Waiting passes time and takes no CPU. */
  readonly clock: Clock = {
    now: () => epochMs(this.now),
    monotonic: () => monotonicMs(this.now),
    after: (delay, callback) => {
      this.now += Math.max(1, delay);
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  readonly allowance = new Allowance({
    clock: this.clock,
    cpu: () => milliseconds(this.cpu),
    share: 0.2,
    burst: milliseconds(3000),
  });

  work(ms: number): void {
    this.now += ms;
    this.cpu += ms;
  }
}

describe("the dashboard's allowance", () => {
  it("lets a burst pass at once, and a fifth of a core from then on", async () => {
    const machine = new Machine();
    while (machine.cpu < 3000) {
      machine.work(5);
      await machine.allowance.turn();
    }
    expect(machine.now).toBeLessThan(3000 * 1.3);
    const [cpu, now] = [machine.cpu, machine.now];
    while (machine.now < now + 60_000) {
      machine.work(5);
      await machine.allowance.turn();
    }
    const share = (machine.cpu - cpu) / (machine.now - now);
    expect(share).toBeGreaterThan(0.18);
    expect(share).toBeLessThan(0.22);
  });

  it("counts what others spend in the process, and saves no more than a burst", async () => {
    const machine = new Machine();
    machine.now += 3_600_000;
    expect(machine.allowance.credit).toBe(3000);
    machine.work(25);
    machine.cpu += 4000;
    const before = machine.now;
    await machine.allowance.turn();
    expect(machine.now - before).toBeGreaterThan((1000 / 0.2) * 0.9);
  });

  it("keeps a reserve for what is urgent, and none of it once the run is over", async () => {
    const machine = new Machine();
    machine.work(2000);
    const before = machine.now;
    await machine.allowance.turn();
    expect(machine.now - before).toBeLessThan(10);
    machine.work(25);
    await machine.allowance.turn(0.5);
    expect(machine.allowance.credit).toBeGreaterThanOrEqual(1500);
    machine.allowance.lift();
    machine.work(10_000);
    const lifted = machine.now;
    await machine.allowance.turn(0.5);
    expect(machine.now - lifted).toBeLessThan(10);
  });
});
