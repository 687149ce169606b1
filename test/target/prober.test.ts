import { describe, expect, it } from "vitest";
import { type HttpRequest, noBody } from "../../model/exchange.ts";
import { type ProbeAnswers, Prober } from "../../target/prober.ts";

const get: HttpRequest = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
const nothing: ProbeAnswers = { control: [], candidate: [] };

/** A prober whose probes end when the test says so. */
function heldProber(options: { concurrency?: number; maxWaiting?: number } = {}): {
  prober: Prober<string>;
  begun: string[];
  written: string[];
  answer: (id: string, failure?: Error) => void;
} {
  const begun: string[] = [];
  const written: string[] = [];
  const ends = new Map<string, (failure: Error | undefined) => void>();
  const prober = new Prober<string>({
    probe: (id) =>
      new Promise((resolve, reject) => {
        begun.push(id);
        ends.set(id, (failure) => (failure === undefined ? resolve(nothing) : reject(failure)));
      }),
    onProbe: (subject) => written.push(subject),
    ...options,
  });
  return { prober, begun, written, answer: (id, failure) => ends.get(id)?.(failure) };
}

describe("Prober", () => {
  it("begins a probe at once and keeps within its concurrency", async () => {
    const { prober, begun, written, answer } = heldProber({ concurrency: 2 });
    for (const id of ["a", "b", "c"]) expect(prober.offer(id, id, get)).toBe(true);
    expect(begun).toEqual(["a", "b"]);
    answer("b");
    await expect.poll(() => begun).toEqual(["a", "b", "c"]);
    answer("a");
    answer("c");
    await prober.idle();
    expect(written).toEqual(["b", "a", "c"]);
  });

  it("refuses unsafe requests, more than may wait, and everything once it is closed", () => {
    const { prober } = heldProber({ concurrency: 1, maxWaiting: 1 });
    expect(prober.offer("w", "w", { ...get, method: "POST" })).toBe(false);
    expect(prober.offer("a", "a", get)).toBe(true);
    expect(prober.offer("b", "b", get)).toBe(true);
    expect(prober.offer("c", "c", get)).toBe(false);
    prober.close();
    expect(prober.offer("d", "d", get)).toBe(false);
    expect(prober.refused).toBe(4);
  });

  it("reports a bug in a probe where its end is awaited", async () => {
    const { prober, answer } = heldProber();
    prober.offer("a", "a", get);
    answer("a", new Error("bug"));
    await expect(prober.idle()).rejects.toThrow("bug");
  });
});
