import { describe, expect, it } from "vitest";
import type { FailureKind, Outcome } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { Divergence } from "../../target/divergence.ts";
import { request } from "./servers.ts";

const took = milliseconds(1);
const outcome = (kind: FailureKind | "answered"): Outcome =>
  kind === "answered"
    ? { kind, answer: { status: 200, reason: "", headers: [], body: { kind: "none" } }, firstByteMs: took, tookMs: took }
    : { kind, tookMs: took };

function marks(method: string, kinds: readonly (FailureKind | "answered")[]): boolean {
  const divergence = new Divergence();
  divergence.observe(request(method, "/comments/15"), kinds.map(outcome));
  return divergence.has(request("GET", "/comments"));
}

describe("a scope diverges", () => {
  it.each<[FailureKind]>([["timed-out"], ["reset"], ["truncated"], ["refused"], ["skipped"]])(
    "when a write was %s on one target only",
    (kind) => {
      expect(marks("POST", ["answered", kind])).toBe(true);
      expect(marks("DELETE", [kind, "answered"])).toBe(true);
    },
  );

  it.each<[FailureKind]>([["timed-out"], ["reset"], ["truncated"]])(
    "when a write was %s on both, since each may have carried it out",
    (kind) => {
      expect(marks("POST", [kind, kind])).toBe(true);
    },
  );

  it("not when both answered, or neither was reached, or nothing was written", () => {
    expect(marks("POST", ["answered", "answered"])).toBe(false);
    expect(marks("POST", ["answered", "too-large"])).toBe(false);
    expect(marks("POST", ["refused", "skipped"])).toBe(false);
    expect(marks("GET", ["answered", "timed-out"])).toBe(false);
  });

  it("alone, until the state is reset", () => {
    const divergence = new Divergence();
    divergence.observe(request("POST", "/comments"), [outcome("answered"), outcome("reset")]);
    expect(divergence.has(request("GET", "/posts"))).toBe(false);
    expect(divergence.scopes).toEqual(["comments"]);
    divergence.reset();
    expect(divergence.has(request("GET", "/comments"))).toBe(false);
  });
});
