import { describe, expect, it } from "vitest";
import { type AcceptedChange, AcceptedChanges } from "../../diff/accepted.ts";
import { epochMs } from "../../model/units.ts";

const today = epochMs(Date.UTC(2026, 10, 22, 12));
const entry = (fingerprint: string, changes: Partial<AcceptedChange> = {}): AcceptedChange => ({
  fingerprint,
  covers: [fingerprint],
  transition: "a→b",
  reason: "wanted",
  owner: "me",
  expires: null,
  maxRate: null,
  ...changes,
});

describe("AcceptedChanges", () => {
  it("accepts by fingerprint until the day of expiry and up to the greatest rate", () => {
    const accepted = new AcceptedChanges(
      [entry("a"), entry("b", { expires: "2026-11-22" }), entry("c", { expires: "2026-11-23" }), entry("d", { maxRate: 0.1 })],
      today,
    );
    expect(["a", "b", "c", "x"].map((id) => accepted.check([id], 1))).toEqual(["accepted", "expired", "accepted", "none"]);
    expect([0.1, 0.11].map((rate) => accepted.check(["d"], rate))).toEqual(["accepted", "widened"]);
  });

  it("takes a date that is none for one that has passed", () => {
    const accepted = new AcceptedChanges([entry("a", { expires: "2027-13-01" })], today);
    expect([accepted.check(["a"], 1), accepted.places()]).toEqual(["expired", []]);
  });

  it("covers the places that were reviewed with a change, each up to its own rate", () => {
    const places = [{ fingerprint: "p", maxRate: 0.2 }];
    const accepted = new AcceptedChanges([entry("a", { places })], today);
    expect(accepted.check(["a", "p"], 1)).toBe("accepted");
    expect(accepted.places()).toEqual([...places, { fingerprint: "a", maxRate: null }]);
  });

  it("does not accept a change where it was not reviewed, whichever of its places leads the finding", () => {
    const accepted = new AcceptedChanges([entry("b", { covers: ["b", "c"] })], today);
    expect(accepted.check(["b", "c"], 1)).toBe("accepted");
    expect(accepted.check(["c"], 1)).toBe("accepted");
    expect(accepted.check(["b", "c", "d"], 1)).toBe("widened");
    expect(accepted.check(["a", "b"], 1)).toBe("widened");
  });

  it("tells used, unused and expired entries apart", () => {
    const accepted = new AcceptedChanges([entry("b"), entry("a"), entry("z", { expires: "2020-01-01" })], today);
    accepted.check(["a"], 1);
    expect(accepted.summary()).toEqual({ used: ["a"], unused: ["b"], expired: ["z"] });
  });
});
